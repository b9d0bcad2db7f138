/** The auditor must find what is wrong: books with known defects. */
import { expect, test } from 'vitest';
import { buildPopulation, type Population } from '../model/population.ts';
import { audit, auditChecks } from './audit.ts';
import { formatViolation, Journal } from './journal.ts';
import { smallWorld } from './testdata/scenario.ts';

const population = buildPopulation(smallWorld(), 1);

/** The members of group 0; the first is the sender. */
function membersOf({ groupStart, memberOf }: Population): number[] {
  return [...memberOf.subarray(groupStart[0]!, groupStart[1]!)];
}

const [sender = 0, ...recipients] = membersOf(population);
const message = (generation: number) => ({ group: 0, sender, generation });

/** Two accepted messages; `reading` says what the recipients got. */
function books(reading: (journal: Journal, client: number) => void) {
  const journal = new Journal(0);
  journal.accept(message(0));
  journal.accept(message(1));
  for (const client of recipients) reading(journal, client);
  return journal.data();
}

const rulesOf = (data: ReturnType<typeof books>): string[] => {
  const { violations } = audit([data], population, 1e9);
  return [...new Set([...data.violations, ...violations].map(({ rule }) => rule))];
};

const both = (journal: Journal, client: number): void => {
  journal.deliver(client, 1, message(0), 10);
  journal.deliver(client, 1, message(1), 20);
};

test('correct books hold, and balance', () => {
  const result = audit([books(both)], population, 1e9);
  expect(result.violations).toEqual([]);
  expect(result).toMatchObject({ owed: 6, delivered: 6, waiting: 0 });
});

test('a message that waits in a queue or an outbox is not lost', () => {
  const waits = books((journal, client) => {
    journal.deliver(client, 1, message(0), 10);
    journal.wait(client === recipients[0] ? client : -1, message(1));
  });
  expect(audit([waits], population, 1e9)).toMatchObject({ count: 0, delivered: 3, waiting: 3 });
});

test.each([
  ['no accepted message is lost', (j: Journal, c: number) => j.deliver(c, 1, message(1), 10)],
  [
    'no message is delivered twice',
    (j: Journal, c: number) => {
      both(j, c);
      j.deliver(c, 1, message(1), 30);
    },
  ],
  [
    'messages of a sender arrive in order',
    (j: Journal, c: number) => {
      j.deliver(c, 1, message(1), 10);
      j.deliver(c, 1, message(0), 20);
    },
  ],
  [
    'only accepted messages are delivered',
    (j: Journal, c: number) => {
      both(j, c);
      j.deliver(c, 1, message(2), 30);
    },
  ],
] as const)('%s', (rule, reading) => {
  expect(rulesOf(books(reading))).toContain(rule);
});

test('a member that was not configured is owed nothing', () => {
  const journal = new Journal(0);
  journal.accept(message(0), recipients);
  journal.accept(message(1), recipients.slice(1));
  journal.deliver(recipients[0]!, 1, message(1), 10);
  const result = audit([journal.data()], population, 1e9);
  expect(result).toMatchObject({ count: 0, owed: 1, delivered: 1 });
});

test('the order of acceptance binds across senders', () => {
  const [other = 0, reader = 0] = recipients;
  const journal = new Journal(0);
  journal.accept(message(0));
  journal.accept({ group: 0, sender: other, generation: 0 });
  journal.deliver(reader, 1, { group: 0, sender: other, generation: 0 }, 10);
  journal.deliver(reader, 1, message(0), 20);
  const { violations } = audit([journal.data()], population, 1e9);
  const rules = violations.map(({ rule }) => rule);
  expect(rules).toContain('messages of a group arrive in the order of acceptance');
});

test('a retry that is accepted again counts once', () => {
  const journal = new Journal(0);
  expect(journal.accept(message(0))).toBe(true);
  expect(journal.accept(message(0))).toBe(false);
  expect(journal.data().accepted).toHaveLength(3);
});

test('a violation names rule, time, entity and replay', () => {
  const journal = new Journal(3);
  journal.violate('no message is delivered twice', 2, 1_500_000_000, 'client 7');
  const [violation] = journal.data().violations;
  const text = formatViolation(violation!, 'replay: stormglass run x.yaml --seed 4');
  expect(text).toContain('no message is delivered twice: client 7; at 1.5 s');
  expect(text).toContain('client 2 of 3; replay: stormglass run x.yaml --seed 4');
  const failed = auditChecks([violation!], 'replay').filter(({ ok }) => !ok);
  expect(failed.map(({ name }) => name)).toEqual(['no message is delivered twice']);
});
