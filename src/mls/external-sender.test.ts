import { expect, test } from 'vitest';
import { seededRandom } from '../crypto/random.ts';
import { ed25519 } from '../crypto/signature.ts';
import { TestGroup, identity } from './testing/world.ts';
import {
  MlsError,
  applyPublicMessage,
  externalSendersExtension,
  proposeExternally,
  publicViewOf,
} from './index.ts';

test('a listed external sender proposes a removal; members commit it', async () => {
  const world = await TestGroup.of(1, ['a', 'b', 'c']);
  const { environment } = world;
  const keys = ['one', 'two', 'other'].map((seed) => ed25519.generateKeyPair(seededRandom(seed)));
  const senders = keys.slice(0, 2).map(({ publicKey }) => ({
    signatureKey: publicKey,
    credential: identity('ds'),
  }));
  const extensions = [externalSendersExtension(senders)];
  await world.commit('a', { proposals: [{ kind: 'group-context-extensions', extensions }] });
  const group = publicViewOf(world.state('a'));
  const removal = { kind: 'remove', leafIndex: 1 } as const;
  const message = await proposeExternally(environment, group, keys[1]!, removal);
  const { group: next } = await applyPublicMessage(environment, group, message);
  await world.deliver(message, 'nobody');
  const made = await world.commit('c');
  expect([...world.states.keys()]).toEqual(['a', 'c']);
  expect(world.authenticators()).toHaveLength(1);
  const done = await applyPublicMessage(environment, next, made.commit, made.groupInfoUpdate);
  expect(done).toMatchObject({ kind: 'commit', removed: [1] });
  await expect(proposeExternally(environment, group, keys[2]!, removal)).rejects.toThrow(MlsError);
});
