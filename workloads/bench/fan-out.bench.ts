/**
 * The model tier at scale: `fan-out` on a federation of 1,000 homeservers at 56 received messages
 * per client and day.
 *
 *     node workloads/bench/fan-out.bench.ts [--clients N] [--homeservers N] [--hours H] [--workers
 *     W,...]
 *
 * The default is 100,000 clients for an hour on 1 and 2 workers, some seconds. The acceptance case
 * is `--clients 1000000 --hours 24`. Prints wall and CPU time, events, memory and digest; digests
 * must be equal for any number of workers.
 */
import { parseArgs } from 'node:util';
import { runModel } from '../../sim/model/run.ts';
import { loadWorkload } from '../../src/workload/load.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '100000' },
    homeservers: { type: 'string', default: '1000' },
    hours: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1,2' },
  },
});

const file = new URL('../fan-out.yaml', import.meta.url).pathname;
const { workload } = loadWorkload(file, {
  overrides: [
    `population.clients=${values.clients}`,
    `population.homeservers=${values.homeservers}`,
    `duration=${values.hours} h`,
    'warmUp=10 min',
  ],
});

const digests = new Set<string>();
for (const workers of values.workers.split(',').map(Number)) {
  const startedMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const { result, performance: figures } = await runModel(workload, { seed: 1, workers });
  const wall = (performance.now() - startedMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const seconds = (cpu.user + cpu.system) / 1e6;
  digests.add(result.digest);
  console.log(
    [
      `${workers} worker(s)`,
      `wall ${wall.toFixed(1)} s`,
      `CPU ${seconds.toFixed(1)} s`,
      `${result.events} events`,
      `${((seconds / result.events) * 1e6).toFixed(2)} us CPU per event`,
      `${result.metrics['deliveries']} deliveries`,
      `received ${result.metrics['received_per_client_day']?.toFixed(2)}/client/day`,
      `model ${result.metrics['memory_per_client']?.toFixed(1)} B/client`,
      `peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
      `events/window ${figures.eventsPerWindow?.toFixed(1)}`,
      `lookahead ${((figures.lookaheadNs ?? 0) / 1e6).toFixed(2)} ms`,
      `barrier ${((figures.barrierShare ?? 0) * 100).toFixed(0)} %`,
      `checks ${result.checks.every((check) => check.ok) ? 'ok' : 'VIOLATED'}`,
      `digest ${result.digest}`,
    ].join(', '),
  );
}
if (digests.size > 1) {
  console.error('digests differ between numbers of workers');
  process.exitCode = 1;
}
