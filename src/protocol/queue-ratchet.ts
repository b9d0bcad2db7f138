/**
 * At-rest encryption of queues: the ratchet, on both sides. The homeserver seals, the owner opens.
 *
 *   message    key_m = Expand(key, "message"),  key' = Expand(key, "next")
 *   update     key' = Extract(Expand(key, "rotation"), secret)     secret sealed to the owner
 *   start      key' = Extract(0, secret)                           secret sealed to the owner
 *
 * Each message key is used once, with a zero nonce; lane and sequence number are authenticated.
 * A start begins a chain that does not depend on the one before, so that a homeserver may drop what
 * nobody fetched before a start (retention) and the owner can still read on behind it.
 *
 * The specification's initial ratchet key is a start at sequence number 0.
 */
import { noBytes, utf8, withLength, concat, uint16Bytes } from '../crypto/bytes.ts';
import type { Hash } from '../crypto/hash.ts';
import { openWithLabel, sealWithLabel } from '../crypto/hpke.ts';
import type { Random } from '../crypto/random.ts';
import type { CryptoSuite } from '../crypto/suites.ts';
import { decode, encode, oneOf, opaque, struct, uint16, uint8 } from './codec/index.ts';
import type { QueueEntry } from './wire/queue-messages.ts';

/** Which chain: lanes of a fan-out queue have their own; direct queues are lane 0. */
export type QueueLane = number;

/** The homeserver's side of a chain: all it needs to seal the next entry. */
export interface RatchetState {
  readonly suite: number;
  /** Ratchet key, of the size of the suite's hash. */
  readonly key: Uint8Array;
  /** Sequence number of the next entry. */
  readonly sequence: number;
}

const updateLabel = 'QueueRatchetSecret';
const updateKinds = { start: 1, update: 2 } as const;
const ratchetSecret = struct('RatchetSecret', {
  kind: oneOf('RatchetSecretKind', uint8, updateKinds),
  /** The suite of the chain from here on. */
  suite: uint16,
  secret: opaque(32),
});

const zeroNonce = new Uint8Array(12);

/** ExpandWithLabel's info, which is the same for every message. */
const infoOf = (label: string, length: number): Uint8Array =>
  concat(uint16Bytes(length), withLength(utf8(`MLS 1.0 ${label}`)), withLength(noBytes));
const infos = new Map<string, Uint8Array>();

function derive(hash: Hash, key: Uint8Array, label: string, length: number): Uint8Array {
  const id = `${label} ${length}`;
  let info = infos.get(id);
  if (info === undefined) infos.set(id, (info = infoOf(label, length)));
  return hash.expand(key, info, length);
}

/** `uint8 lane; uint64 sequence`: what an entry is bound to. */
function position(lane: QueueLane, sequence: number): Uint8Array {
  const bytes = new Uint8Array(9);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, lane);
  view.setUint32(1, Math.floor(sequence / 0x100000000));
  view.setUint32(5, sequence % 0x100000000);
  return bytes;
}

/** Seals one message: two key derivations and one encryption. `suite` is that of the state. */
export function sealEntry(
  suite: CryptoSuite,
  state: RatchetState,
  lane: QueueLane,
  plaintext: Uint8Array,
): { readonly entry: QueueEntry; readonly state: RatchetState } {
  const { hash, aead } = suite;
  const { key, sequence } = state;
  const messageKey = derive(hash, key, 'queue message', aead.keySize);
  const ciphertext = aead.seal(messageKey, zeroNonce, position(lane, sequence), plaintext);
  const next = derive(hash, key, 'queue next', hash.size);
  return {
    entry: { kind: 'sealed', sequence, ciphertext },
    state: { suite: state.suite, key: next, sequence: sequence + 1 },
  };
}

/**
 * Puts fresh randomness into the chain: one encapsulation to the owner's key. Without a `previous`
 * state, or under another suite, it is a start; `sequence` counts on in any case.
 */
export function updateEntry(
  suite: CryptoSuite,
  owner: Uint8Array,
  lane: QueueLane,
  from: { readonly sequence: number; readonly previous?: RatchetState },
  random: Random,
): { readonly entry: QueueEntry; readonly state: RatchetState } {
  const { sequence } = from;
  const previous = from.previous?.suite === suite.number ? from.previous : undefined;
  const secret = random.bytes(32);
  const kind = previous === undefined ? updateKinds.start : updateKinds.update;
  const plaintext = encode(ratchetSecret, { kind, suite: suite.number, secret });
  const context = position(lane, sequence);
  const sealed = sealWithLabel(suite.hpke, owner, updateLabel, context, plaintext, random);
  const key = nextKey(suite.hash, previous?.key, secret);
  return {
    entry: { kind: 'ratchetUpdate', sequence, sealed },
    state: { suite: suite.number, key, sequence: sequence + 1 },
  };
}

function nextKey(hash: Hash, key: Uint8Array | undefined, secret: Uint8Array): Uint8Array {
  const salt = key === undefined ? noBytes : derive(hash, key, 'queue rotation', hash.size);
  return hash.extract(salt, secret);
}

/** The owner's side of a chain; keep it as durably as what was read. */
export interface LaneReader {
  readonly lane: QueueLane;
  /** Sequence number of the next entry; what a dequeue starts from. */
  readonly sequence: number;
  /** Absent before the first start. */
  readonly chain?: { readonly suite: number; readonly key: Uint8Array };
  /** Entries that were dropped before they could be read. */
  readonly lost: number;
}

export const newReader = (lane: QueueLane): LaneReader => ({ lane, sequence: 0, lost: 0 });

/** A private queue encryption key of the owner; old ones are kept until their entries are read. */
export interface QueuePrivateKey {
  readonly suite: number;
  readonly privateKey: Uint8Array;
}

export type EntryFault =
  /** Read before: a redelivery, to be ignored. */
  | 'already-read'
  /** Entries before this one are missing, and it is not a start. */
  | 'gap'
  /** Not made by this chain or for these keys. */
  | 'not-authentic'
  /** Under a suite that `suites` does not know. */
  | 'unknown-suite';

export type OpenedEntry =
  | {
      readonly ok: true;
      readonly reader: LaneReader;
      /** Absent for ratchet updates. */
      readonly plaintext?: Uint8Array;
    }
  | { readonly ok: false; readonly fault: EntryFault };

const fault = (name: EntryFault): OpenedEntry => ({ ok: false, fault: name });

/** Opens the next entry of a lane. Pure: a fault leaves the reader as it was. */
export function openEntry(
  reader: LaneReader,
  entry: QueueEntry,
  keys: readonly QueuePrivateKey[],
  suites: (number: number) => CryptoSuite | undefined,
): OpenedEntry {
  if (entry.sequence < reader.sequence) return fault('already-read');
  if (entry.kind === 'ratchetUpdate') return openUpdate(reader, entry, keys, suites);
  const { lane, chain, sequence } = reader;
  if (chain === undefined || entry.sequence > sequence) return fault('gap');
  const suite = suites(chain.suite);
  if (suite === undefined) return fault('unknown-suite');
  const { hash, aead } = suite;
  const messageKey = derive(hash, chain.key, 'queue message', aead.keySize);
  const plaintext = aead.open(messageKey, zeroNonce, position(lane, sequence), entry.ciphertext);
  if (plaintext === undefined) return fault('not-authentic');
  const key = derive(hash, chain.key, 'queue next', hash.size);
  const next = { ...reader, sequence: sequence + 1, chain: { suite: chain.suite, key } };
  return { ok: true, reader: next, plaintext };
}

function openUpdate(
  reader: LaneReader,
  entry: QueueEntry & { kind: 'ratchetUpdate' },
  keys: readonly QueuePrivateKey[],
  suites: (number: number) => CryptoSuite | undefined,
): OpenedEntry {
  const context = position(reader.lane, entry.sequence);
  for (const key of keys) {
    const suite = suites(key.suite);
    if (suite === undefined || entry.sealed.enc.length !== suite.kem.encSize) continue;
    const { hpke } = suite;
    const opened = openWithLabel(hpke, key.privateKey, updateLabel, context, entry.sealed);
    const decoded = opened && decode(ratchetSecret, opened);
    if (decoded?.ok !== true) continue;
    return follow(reader, entry.sequence, decoded.value, suites);
  }
  return fault('not-authentic');
}

function follow(
  reader: LaneReader,
  sequence: number,
  { kind, suite: number, secret }: { kind: number; suite: number; secret: Uint8Array },
  suites: (number: number) => CryptoSuite | undefined,
): OpenedEntry {
  const suite = suites(number);
  if (suite === undefined) return fault('unknown-suite');
  const start = kind === updateKinds.start;
  if (!start && (sequence > reader.sequence || reader.chain?.suite !== number)) return fault('gap');
  const key = nextKey(suite.hash, start ? undefined : reader.chain?.key, secret);
  const lost = reader.lost + (sequence - reader.sequence);
  const chain = { suite: number, key };
  return { ok: true, reader: { lane: reader.lane, sequence: sequence + 1, chain, lost } };
}
