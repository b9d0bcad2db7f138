import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../crypto/bytes.ts';
import type { Operation } from '../../protocol/operations/index.ts';
import { operations } from '../../protocol/operations/index.ts';
import { errorCodes } from '../../protocol/error-codes.ts';
import { AsWorld, type SignAs } from './test-world.ts';

const table: readonly Operation[] = Object.values(operations.as);
const known = new Set([...Object.keys(errorCodes), 'ok']);

describe('whatever stands in a body', () => {
  const world = new AsWorld();
  const alice = world.register();
  const alias = utf8('fuzz');
  const key = world.newKey();
  const owner: SignAs = { sender: { kind: 'alias', alias }, key };
  world.ask(operations.as.registerAlias, {
    alias,
    alias_auth_key: { scheme: 0x0807, key: key.publicKey },
    queue_encryption_key: world.newQueueKey().wire,
  });
  const own = { owner: { kind: 'client', client_id: alice.clientId } } as const;
  const ids = {
    ...own,
    user_id: alice.clientId.user_id,
    target: { kind: 'user', user_id: alice.clientId.user_id },
    client_credential: alice.credential,
    alias,
  };
  /** Never by chance: what would take the sender itself away. */
  const fatal: readonly Operation[] = [operations.as.deleteUser, operations.as.deleteAlias];

  test.each(table.filter((operation) => !fatal.includes(operation)))(
    '$name answers with a code of the table, and leaves the user alone',
    (operation) => {
      const codes = new Set<string>();
      fc.assert(
        fc.property(fc.integer(), fc.boolean(), fc.boolean(), (seed, aboutMe, asAlias) => {
          let state = seed >>> 0;
          const pick = (below: number): number => {
            state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
            return Math.floor((state / 0x1_0000_0000) * below);
          };
          const sample = operation.bodies[2]!.request.sample(pick) as object;
          const mine = Object.entries(ids).filter(([name]) => Object.hasOwn(sample, name));
          const body = aboutMe ? { ...sample, ...Object.fromEntries(mine) } : sample;
          const signer = asAlias && operation.senders.includes('alias') ? owner : alice;
          const by = operation.senders.length === 0 ? undefined : signer;
          const { code } = world.ask(operation, body as never, by);
          expect(known).toContain(code);
          expect(code).not.toBe('internal_error');
          codes.add(code);
        }),
        { numRuns: 150, seed: operation.id },
      );
      expect(codes.size).toBeGreaterThan(0);
      const { user_id } = alice.clientId;
      expect(world.ask(operations.as.userProfile, { user_id }).code).toBe('ok');
    },
  );
});
