import { describe, expect, test } from 'vitest';
import { seededRandom } from '../crypto/random.ts';
import { counted, cryptoSuite, cryptoSuites, type Operation } from '../crypto/suites.ts';
import { utf8 } from '../crypto/bytes.ts';
import {
  newReader,
  openEntry,
  sealEntry,
  updateEntry,
  type LaneReader,
  type RatchetState,
} from './queue-ratchet.ts';
import type { QueueEntry } from './wire/queue-messages.ts';

const random = seededRandom('queue ratchet');
const suites = (number: number) => cryptoSuites.get(number);

/** A queue of `messages` with an update every `every` messages, and the owner's keys. */
function queueOf(number: number, messages: number, every = 4) {
  const suite = cryptoSuite(number);
  const owner = suite.kem.generateKeyPair(random);
  const entries: QueueEntry[] = [];
  const update = (sequence: number, previous?: RatchetState): RatchetState => {
    const from = previous === undefined ? { sequence } : { sequence, previous };
    const made = updateEntry(suite, owner.publicKey, 1, from, random);
    entries.push(made.entry);
    return made.state;
  };
  let state = update(0);
  for (let i = 0; i < messages; i++) {
    if (i > 0 && i % every === 0) state = update(state.sequence, state);
    const made = sealEntry(suite, state, 1, utf8(`message ${i}`));
    entries.push(made.entry);
    state = made.state;
  }
  return { suite, entries, state, keys: [{ suite: number, privateKey: owner.privateKey }] };
}

function readAll(
  entries: readonly QueueEntry[],
  keys: { suite: number; privateKey: Uint8Array }[],
) {
  let reader: LaneReader = newReader(1);
  const read: string[] = [];
  for (const entry of entries) {
    const opened = openEntry(reader, entry, keys, suites);
    if (!opened.ok) return { read, reader, fault: opened.fault };
    reader = opened.reader;
    if (opened.plaintext !== undefined) read.push(Buffer.from(opened.plaintext).toString());
  }
  return { read, reader };
}

test.each([...cryptoSuites.keys()])('suite %i: the owner reads what was sealed', (number) => {
  const { entries, keys, state } = queueOf(number, 10);
  const { read, reader } = readAll(entries, keys);
  expect(read).toEqual(Array.from({ length: 10 }, (_, i) => `message ${i}`));
  expect(reader.chain?.key).toEqual(state.key);
  expect(reader.sequence).toBe(entries.length);
});

test('one message costs two derivations and one encryption, and nothing asymmetric', () => {
  const { state } = queueOf(1, 1);
  const seen: Operation[] = [];
  const suite = counted(cryptoSuite(1), (operation) => seen.push(operation));
  // Making a suite hashes once, for its constants.
  seen.length = 0;
  sealEntry(suite, state, 1, utf8('x'));
  expect(seen).toEqual(['hash', 'seal', 'hash']);
});

describe('what an owner refuses', () => {
  const { entries, keys } = queueOf(1, 6);
  const third = entries[3] as QueueEntry & { kind: 'sealed' };

  test('an entry that was read is known as such', () => {
    const { reader } = readAll(entries.slice(0, 4), keys);
    expect(openEntry(reader, third, keys, suites)).toEqual({ ok: false, fault: 'already-read' });
  });

  test.each([
    ['a missing message', entries.filter((_, i) => i !== 2), 'gap'],
    ['a missing update', entries.filter((_, i) => i !== 5), 'gap'],
    ['a swapped pair', [entries[0], entries[1], entries[3], entries[2]], 'gap'],
    [
      'a message under another number',
      [...entries.slice(0, 2), { ...third, sequence: 2 }],
      'not-authentic',
    ],
    ['no start', entries.slice(1), 'gap'],
  ])('%s', (_, changed, fault) => {
    expect(readAll(changed as QueueEntry[], keys).fault).toBe(fault);
  });

  test('entries of another lane', () => {
    const opened = openEntry(newReader(2), entries[0] as QueueEntry, keys, suites);
    expect(opened).toEqual({ ok: false, fault: 'not-authentic' });
  });

  test('updates for other keys', () => {
    expect(readAll(entries, queueOf(1, 1).keys).fault).toBe('not-authentic');
  });
});

test('behind a start one can read without what was before it, and knows what was lost', () => {
  const first = queueOf(1, 3);
  const owner = cryptoSuite(0xf00d).kem.generateKeyPair(random);
  const from = { sequence: first.state.sequence, previous: first.state };
  // Another suite makes it a start; so does a state that was dropped.
  const start = updateEntry(cryptoSuite(0xf00d), owner.publicKey, 1, from, random);
  const sealed = sealEntry(cryptoSuite(0xf00d), start.state, 1, utf8('after'));
  const keys = [{ suite: 0xf00d, privateKey: owner.privateKey }, ...first.keys];
  expect(readAll([...first.entries, start.entry, sealed.entry], keys).read).toHaveLength(4);
  const { read, reader } = readAll([start.entry, sealed.entry], keys);
  expect(read).toEqual(['after']);
  expect(reader.lost).toBe(4);
});

test('a thief of one ratchet key reads the messages up to the next update, not behind it', () => {
  const { entries, state, keys, suite } = queueOf(1, 3, 100);
  const chain = { suite: 1, key: state.key };
  const thief: LaneReader = { lane: 1, sequence: state.sequence, chain, lost: 0 };
  const next = sealEntry(suite, state, 1, utf8('stolen'));
  const stolen = openEntry(thief, next.entry, [], suites);
  expect(stolen.ok && stolen.plaintext).toEqual(utf8('stolen'));
  const owner = suite.kem.publicKeyOf(keys[0]?.privateKey as Uint8Array);
  const healed = updateEntry(
    suite,
    owner,
    1,
    { sequence: next.state.sequence, previous: next.state },
    random,
  );
  const after = sealEntry(suite, healed.state, 1, utf8('healed'));
  const blind = {
    ...thief,
    sequence: after.entry.sequence,
    chain: { suite: 1, key: next.state.key },
  };
  expect(openEntry(blind, after.entry, [], suites)).toEqual({ ok: false, fault: 'not-authentic' });
  expect(readAll([...entries, next.entry, healed.entry, after.entry], keys).read.at(-1)).toBe(
    'healed',
  );
});
