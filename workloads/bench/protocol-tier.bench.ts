/**
 * The protocol tier: real homeservers and clients in virtual time, on `fan-out` with few clients.
 *
 *     node workloads/bench/protocol-tier.bench.ts [--clients N] [--homeservers N] [--workers W,...]
 *
 * Prints CPU time per event and per client, and the share of the bare signature checks and
 * signatures (node:crypto) in it; digests must be equal for any number of workers.
 */
import { parseArgs } from 'node:util';
import { simulateProtocol } from '../../sim/protocol/run.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { ed25519 } from '../../src/crypto/signature.ts';
import { loadWorkload } from '../../src/workload/load.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    homeservers: { type: 'string', default: '10' },
    workers: { type: 'string', default: '1,2' },
  },
});

const file = new URL('../fan-out.yaml', import.meta.url).pathname;
const { workload } = loadWorkload(file, {
  overrides: [
    `population.clients=${values.clients}`,
    `population.homeservers=${values.homeservers}`,
    'groups.size=10',
    'groups.perClient=4',
    'vary=',
  ],
});

const cpuSeconds = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

/** Seconds of CPU that one signature and one check take here and now. */
function bareSignature(): { readonly sign: number; readonly verify: number } {
  const key = ed25519.generateKeyPair(seededRandom('bench'));
  const message = new Uint8Array(300);
  const signature = ed25519.sign(key.privateKey, message);
  const count = 2000;
  let since = process.cpuUsage();
  for (let i = 0; i < count; i++) ed25519.sign(key.privateKey, message);
  const sign = cpuSeconds(since) / count;
  since = process.cpuUsage();
  for (let i = 0; i < count; i++) ed25519.verify(key.publicKey, message, signature);
  return { sign, verify: cpuSeconds(since) / count };
}

const bare = bareSignature();
const digests = new Set<string>();
for (const workers of values.workers.split(',').map(Number)) {
  const since = process.cpuUsage();
  const { result, performance, world, wireDigest } = await simulateProtocol(workload, {
    seed: 1,
    workers,
  });
  const cpu = cpuSeconds(since);
  const asymmetric = world.sites.reduce(
    (sum, { counters }) => sum + (counters['crypto.asymmetric'] ?? 0),
    0,
  );
  digests.add(`${result.digest} ${wireDigest}`);
  const share = (asymmetric * (bare.sign + bare.verify)) / cpu;
  console.log(
    [
      `${workers} worker(s)`,
      `wall ${performance.wallSeconds.toFixed(1)} s`,
      `CPU ${cpu.toFixed(1)} s`,
      `${result.events} events`,
      `${((cpu / result.events) * 1e6).toFixed(0)} us CPU per event`,
      `${((cpu / Number(values.clients)) * 1000).toFixed(1)} ms CPU per client`,
      `${asymmetric} asymmetric operations at servers, with their signatures ${(share * 100).toFixed(0)} % of the CPU`,
      `peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
      `checks ${result.checks.every(({ ok }) => ok) ? 'ok' : 'VIOLATED'}`,
      `wire ${wireDigest.slice(0, 16)}`,
    ].join(', '),
  );
}
if (digests.size > 1) throw new Error('digests differ between numbers of workers');
