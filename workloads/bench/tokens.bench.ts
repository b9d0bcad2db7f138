/**
 * Anonymous tokens through the authentication service against the bare VOPRF they need: issuing in
 * batches, and redeeming with a request. Run: `node workloads/bench/tokens.bench.ts` (about 10 s).
 */
import { seededRandom } from '../../src/crypto/random.ts';
import { makeTokenIssuer, memorySpendStore, type Token } from '../../src/crypto/tokens.ts';
import { finishTokens, requestTokens } from '../../src/crypto/tokens.ts';
import { deriveVoprfKeyPair, evaluateBlinded, evaluateClear } from '../../src/crypto/voprf.ts';
import { operations } from '../../src/protocol/operations/index.ts';
import { AsWorld } from '../../src/homeserver/as/test-world.ts';

const rounds = 9;
const random = seededRandom('tokens bench');

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function microsecondsOf(run: () => unknown): number {
  const start = performance.now();
  run();
  return (performance.now() - start) * 1000;
}

/** Medians per item of two ways to do the same, in alternating rounds. */
function compare(name: string, items: number, whole: () => unknown, bare: () => unknown): void {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    times[0].push(microsecondsOf(whole) / items);
    times[1].push(microsecondsOf(bare) / items);
  }
  const [own, base] = times.map(medianOf) as [number, number];
  const columns = [own, base].map((value) => `${value.toFixed(1).padStart(9)} us`).join('');
  console.log(`${name.padEnd(32)}${columns}  x${(own / base).toFixed(3)}`);
}

console.log(`${''.padEnd(32)}${'service'.padStart(12)}${'bare'.padStart(12)}  per token`);
const allowance = { perUser: 1_000_000 };
const world = new AsWorld({ allowance });
const alice = world.register();
const keys = deriveVoprfKeyPair(random.bytes(32), new Uint8Array(1));

for (const count of [1, 8, 32, 128]) {
  const key = world.issuer.currentKey(world.clock.nowMs);
  const pending = requestTokens(key, world.domain, count, random);
  const blinded = pending.blinded.map((one) => one.blinded);
  const body = { client_credential: alice.credential, blinded };
  const issue = (): void => {
    const { code } = world.ask(operations.as.issueTokens, body, alice);
    if (code !== 'ok') throw new Error(code);
  };
  compare(`issue ${count}`, count, issue, () => evaluateBlinded(keys, blinded, random));
}

const strict = new AsWorld({ policy: { anonymousTokens: true }, allowance });
const { clientId } = strict.register();
const epochMs = 86_400_000;
const seed = random.bytes(32);
const issuer = makeTokenIssuer({ seed, domain: strict.domain, epochMs });
const pending = requestTokens(issuer.currentKey(0), strict.domain, 32, random);
const answer = issuer.issue(
  0,
  pending.blinded.map((one) => one.blinded),
  random,
);
const tokens = answer && finishTokens(pending, answer);
if (tokens === undefined) throw new Error('no tokens');
const input = random.bytes(98);

const redeemAll = (each: (token: Token) => unknown): void => {
  for (const token of tokens) each(token);
};
compare(
  'redeem',
  tokens.length,
  () => {
    const spent = memorySpendStore(1000);
    redeemAll((token) => issuer.redeem(0, token, spent));
  },
  () => redeemAll(() => evaluateClear(keys.secretKey, input)),
);
const { user_id } = clientId;
compare(
  'refuse a token of another issuer',
  tokens.length,
  () => redeemAll((token) => strict.ask(operations.as.userProfile, { user_id }, undefined, token)),
  () => redeemAll(() => evaluateClear(keys.secretKey, input)),
);
