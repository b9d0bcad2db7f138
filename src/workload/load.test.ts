/** Loading workload files: defaults, overrides, several problems at once, unreadable files. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UsageError } from '../errors.ts';
import { loadWorkload, parseWorkload } from './load.ts';
import { messages, minimal } from './testdata/messages.ts';

describe('a workload file', () => {
  test('needs four keys; the rest has defaults', () => {
    const { workload, document } = parseWorkload('w.yaml', minimal);
    expect(document).toEqual({
      name: 'small',
      scenario: 'fan-out',
      question: 'Does it load?',
      duration: '1 d',
    });
    expect(workload).toMatchObject({
      duration: 86_400_000,
      warmUp: 0,
      tiers: ['model'],
      groups: { perClient: 10, size: { kind: 'empirical' } },
      homeserver: { queueLimit: Infinity },
      policy: { suite: '0x0001' },
      vary: [],
    });
  });

  test('of the other scenario has a number of groups instead of groups per client', () => {
    const text = minimal.replace('fan-out', 'commit-throughput');
    expect(parseWorkload('w.yaml', text).workload.groups).toMatchObject({ count: 1 });
    expect(parseWorkload('w.yaml', text).workload.groups.perClient).toBeUndefined();
  });

  test.each(['fan-out', 'commit-throughput'])('the draft %s is valid', (name) => {
    const path = `src/workload/testdata/${name}.yaml`;
    expect(loadWorkload(path).workload.name).toBe(`${name}-draft`);
  });

  test('spells `where` as `vary` does, so that cells compare by identity', () => {
    const { workload } = loadWorkload('src/workload/testdata/fan-out.yaml');
    expect(workload.expect[1]?.where).toEqual({ 'population.sessions.offline': '95 %' });
    expect(workload.vary[2]).toEqual({ 'policy.suite': ['0x0001', '0xf00d'] });
  });

  test('reads a bound in the unit of its metric', () => {
    const { workload } = loadWorkload('src/workload/testdata/fan-out.yaml');
    expect(workload.expect[1]?.max).toBe(2000);
  });

  test('has one configuration however it is written', () => {
    const { configuration } = parseWorkload('w.yaml', minimal);
    const other = `# a comment\nduration: 24 h\nseed: 1\n${minimal.replace(/duration.*\n/, '')}`;
    expect(parseWorkload('w.yaml', other).configuration).toBe(configuration);
    expect(parseWorkload('w.yaml', minimal, { seed: 2 }).configuration).not.toBe(configuration);
  });
});

test('all problems of a file are told at once, in the order of the file', () => {
  const text = `name: Many Problems
scenario: fan-out
question: What is wrong here?
duration: 200 d
population:
  homeservers: 200
  clients: 100
  clientz: 5
traffic:
  receivedPerClient: 5 kB
  receivedPerClient: 56/d
policy:
  queueConfig: seeled
network:
  uplink: 1.6 Mbps
vary:
  - groups.sizes: [2, 20]
expect:
  - metric: queue_depth_men
    max: 3
    because: so
charts:
  - { kind: line, title: Depth, metric: queue_depth_mean }
`;
  expect(messages(text, { overrides: ['seed=soon', 'foo'], replications: 0 }).split('\n')).toEqual([
    'w.yaml:1 name: `Many Problems` is no name for a workload ' +
      '(write up to 63 lower-case letters, digits and hyphens, such as `fan-out`)',
    'w.yaml:4 duration: the value `200 d` is above `104 d` (write `104 d` or less)',
    'w.yaml:6 population.homeservers: 200 homeservers cannot share 100 clients ' +
      '(write 100 homeservers or fewer, or more clients)',
    'w.yaml:8 population.clientz: there is no such key (did you mean `clients`?)',
    'w.yaml:11: the same key twice in one mapping (keep one of them)',
    'w.yaml:13 policy.queueConfig: `seeled` is not a known value ' +
      '(did you mean `sealed`? write one of `sealed`, `plain-when-local`)',
    'w.yaml:15 network.uplink: `1.6 Mbps` has the unknown unit `Mbps` (write `1.6 Mbit/s`)',
    'w.yaml:17 vary[0].groups.sizes: there is no such field, or none that can be varied ' +
      '(did you mean `groups.size`?)',
    'w.yaml:19 expect[0].metric: `queue_depth_men` is no metric (did you mean `queue_depth_mean`?)',
    'w.yaml:23 charts[0]: a line chart needs `x` (name a path that `vary` lists)',
    '--set foo: is not of the form path=value (write `--set population.clients=1000`)',
    '--set seed=soon: `soon` is not a number (write a number such as `20`)',
    '--replications 0: the value `0` is below `1` (write `1` or more)',
  ]);
});

describe('overrides', () => {
  const set = (...overrides: string[]): string => messages(minimal, { overrides });

  test('change single fields, with the notation of the file', () => {
    const { workload } = parseWorkload('w.yaml', minimal, {
      overrides: [
        'population.clients=1000',
        'population.sessions.offline=95 %',
        'groups.size=empirical(2: 60 %, 5: 40 %)',
        'network.access=lognormal(median 5 ms, sigma 0.1)',
        'policy.suite=0x0002',
        'seed=3',
        'seed=4',
      ],
      replications: 2,
    });
    expect(workload).toMatchObject({
      seed: 4,
      replications: 2,
      population: { clients: 1000, sessions: { offline: 0.95 } },
      groups: { size: { kind: 'empirical', values: [2, 5] } },
      network: { access: { kind: 'lognormal', median: 5 } },
      policy: { suite: '0x0002' },
    });
  });

  test('take a field out of the file when empty', () => {
    const text = `${minimal}groups: { perClient: 5 }\n`;
    const { workload } = parseWorkload('w.yaml', text, {
      overrides: ['groups.perClient=', 'groups.count=7'],
    });
    expect(workload.groups).toMatchObject({ count: 7 });
    expect(workload.groups.perClient).toBeUndefined();
  });

  test('replace a sweep of the same path, and what refers to its values is no mistake', () => {
    const path = 'src/workload/testdata/fan-out.yaml';
    const { workload } = loadWorkload(path, { overrides: ['groups.size=5'] });
    expect(workload.vary[0]).toEqual({
      'groups.size': [5],
      'policy.queueConfig': ['sealed', 'plain-when-local'],
    });
  });

  test.each([
    [
      'population.clients=abc',
      '--set population.clients=abc: `abc` is not a number (write a number such as `20`)',
    ],
    ['warmUp=50', '--set warmUp=50: `50` is a duration without a unit (write `50 ms` or `50 s`)'],
    [
      'groups.siez=5',
      '--set groups.siez=5: there is no field `groups.siez` (did you mean `groups.size`?)',
    ],
    [
      'clients=5',
      '--set clients=5: there is no field `clients` (did you mean `population.clients`?)',
    ],
    [
      '__proto__.polluted=1',
      '--set __proto__.polluted=1: there is no field `__proto__.polluted` ' +
        '(docs/reference/workload.md lists the paths)',
    ],
    [
      'vary=[{ groups.size: [0] }]',
      '--set vary=[{ groups.size: [0] }] vary[0].groups.size[0]: value `0` is below `1` ' +
        '(write `1` or more)',
    ],
    ['duration=', '--set duration=: is missing (add it: Simulated time, warm-up included.)'],
    ['name="', expect.stringMatching(/^--set name=": not YAML: Missing closing/) as string],
  ])('%s', (text, message) => {
    expect(set(text)).toEqual(message);
  });
});

describe('a file that cannot be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'workload-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  test.each<[string, () => string, RegExp]>([
    ['is missing', () => join(folder, 'none.yaml'), /none\.yaml does not exist$/],
    ['is a directory', () => folder, /is a directory$/],
    ['is below a file', () => join(file('plain', 'x'), 'w.yaml'), /does not exist$/],
    ['is empty', () => file('empty.yaml', '\n  \n'), /empty\.yaml is empty$/],
    ['is binary', () => file('b.yaml', Uint8Array.of(1, 0, 2)), /is not a text file$/],
    ['is not UTF-8', () => file('l.yaml', Uint8Array.of(0x61, 0xff)), /is not UTF-8 text$/],
    ['is huge', () => file('h.yaml', 'x'.repeat(1024 * 1024 + 1)), /is larger than 1 MiB$/],
  ])('because it %s', (_, path, message) => {
    const attempt = (): unknown => loadWorkload(path());
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(message);
    try {
      attempt();
    } catch (error) {
      expect((error as UsageError).remedy).toMatch(/\w/);
    }
  });

  test.skipIf(process.getuid?.() === 0)('because of its permissions', () => {
    const path = file('secret.yaml', minimal);
    chmodSync(path, 0);
    expect(() => loadWorkload(path)).toThrow(/may not be read$/);
  });
});
