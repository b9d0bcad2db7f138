/** Every kind of mistake in a workload file, one at a time, with its whole message. */
import { describe, expect, test } from 'vitest';
import { messages, minimal } from './testdata/messages.ts';

describe('one mistake', () => {
  test.each<[string, string, string]>([
    [
      'a bare number',
      'warmUp: 50',
      'w.yaml:5 warmUp: `50` is a duration without a unit (write `50 ms` or `50 s`)',
    ],
    [
      'a unit of another dimension',
      'traffic: { receivedPerClient: 5 kB }',
      'w.yaml:5 traffic.receivedPerClient: `5 kB` is a size, expected a rate ' +
        '(write a rate such as `30/s` (units: /s, /min, /h, /d))',
    ],
    [
      'an unknown key',
      'population: { clientz: 5 }',
      'w.yaml:5 population.clientz: there is no such key (did you mean `clients`?)',
    ],
    [
      'an unknown key that resembles none',
      'measure: { colour: red }',
      'w.yaml:5 measure.colour: there is no such key (known here: `bin`)',
    ],
    [
      'a duplicate key',
      'name: other',
      'w.yaml:5: the same key twice in one mapping (keep one of them)',
    ],
    [
      'a value out of range',
      'replications: 0',
      'w.yaml:5 replications: the value `0` is below `1` (write `1` or more)',
    ],
    [
      'a fraction where things are counted',
      'replications: 2.5',
      'w.yaml:5 replications: the value `2.5` is not a whole number (write `3`)',
    ],
    [
      'an unknown word',
      'policy: { queueConfig: seeled }',
      'w.yaml:5 policy.queueConfig: `seeled` is not a known value ' +
        '(did you mean `sealed`? write one of `sealed`, `plain-when-local`)',
    ],
    [
      'an unknown suite',
      'policy: { suite: 0x0009 }',
      'w.yaml:5 policy.suite: `0x0009` is not a known value ' +
        '(did you mean `0x0001`? write one of `0x0001`, `0x0002`, `0x0003`, `0xf00d`)',
    ],
    [
      'a wrong argument of a distribution',
      'groups:\n  size: lognormal(median 8, sigma x)',
      'w.yaml:6 groups.size: character 27: `x` is not a number (write a number such as `20`)',
    ],
    [
      'an empty value',
      'network:\n  access:',
      'w.yaml:6 network.access: is empty (give a value, or leave the key out)',
    ],
    [
      'a list where a mapping belongs',
      'network: [1]',
      'w.yaml:5 network: expected a mapping (write `key: value` lines below it)',
    ],
    [
      'a text where a list belongs',
      'tiers: model',
      'w.yaml:5 tiers: expected a list (write `[a, b]`, or one `- item` per line)',
    ],
    ['no tier', 'tiers: []', 'w.yaml:5 tiers: the list is empty (give at least one value)'],
    [
      'more warm-up than time',
      'warmUp: 2 d',
      'w.yaml:5 warmUp: the warm-up of 2 d leaves nothing of 1 d to measure ' +
        '(write less than `1 d`, such as `2.4 h`)',
    ],
    [
      'more homeservers than clients',
      'population: { homeservers: 200, clients: 100 }',
      'w.yaml:5 population.homeservers: 200 homeservers cannot share 100 clients ' +
        '(write 100 homeservers or fewer, or more clients)',
    ],
    [
      'groups larger than the world',
      'population: { clients: 100 }\ngroups: { size: 200 }',
      'w.yaml:6 groups.size: a group of 200 has more members than there are clients ' +
        '(write sizes of 100 or less, or more clients)',
    ],
    [
      'two numbers of groups',
      'groups: { count: 5, perClient: 3 }',
      'w.yaml:5 groups.count: the number of groups is given twice, by `count` and by `perClient` ' +
        '(keep one of them)',
    ],
    [
      'shares that are no whole',
      'population:\n  regions: { EU: 50 %, NA: 20 % }',
      'w.yaml:6 population.regions: the shares add up to 0.7 (make them add up to 1)',
    ],
    [
      'a tier that the scenario does not run on',
      'tiers: [model, live]',
      'w.yaml:5 tiers: the scenario `fan-out` does not run on the tier `live` (write `[model, protocol]`)',
    ],
    [
      'too many bins',
      'measure: { bin: 1 ms }',
      'w.yaml:5 measure.bin: 1 d in bins of 1 ms are over 100000 bins (write `1 s` or more)',
    ],
    [
      'a path that cannot be varied',
      'vary: [{ groups.sizes: [2] }]',
      'w.yaml:5 vary[0].groups.sizes: there is no such field, or none that can be varied ' +
        '(did you mean `groups.size`?)',
    ],
    [
      'a varied value that does not fit its field',
      'vary:\n  - population.sessions.offline: [50 %, 150 %]',
      'w.yaml:6 vary[0].population.sessions.offline[1]: the value `150 %` is above `0.999` ' +
        '(write `0.999` or less)',
    ],
    [
      'a value torn apart by its comma',
      'vary: [{ network.access: [5 ms, uniform(1 ms, 5 ms)] }]',
      'w.yaml:5 vary[0].network.access[1]: character 13: a closing `)` is missing ' +
        '(write `lognormal(median 50 ms, sigma 0.4)`, in quotes if it stands in `[ ]`)',
    ],
    [
      'a cell that cannot be',
      'vary: [{ population.clients: [50, 1000] }]',
      'w.yaml:5 vary[0].population.clients: 100 homeservers cannot share 50 clients in 1 of 2 ' +
        'cells, such as { population.clients: 50 } (write 50 homeservers or fewer, or more clients)',
    ],
    [
      'a variation that the scenario does not see',
      'vary: [{ commits.contenders: [2, 10] }]',
      'w.yaml:5 vary[0].commits.contenders: the scenario `fan-out` does not read this: its cells ' +
        'would all be equal (leave it out, or choose another scenario)',
    ],
    [
      'too many cells',
      `vary: [{ homeserver.cores: [${Array.from({ length: 200 }, (_, i) => i + 1).join()}],` +
        ` homeserver.quota: [${Array.from({ length: 200 }, (_, i) => i + 1).join()}] }]`,
      'w.yaml:5 vary: the sweeps make 40000 cells, more than 10000 (vary fewer values at a time)',
    ],
    [
      'an unknown metric',
      'expect: [{ metric: queue_depth_men, max: 1, because: so }]',
      'w.yaml:5 expect[0].metric: `queue_depth_men` is no metric (did you mean `queue_depth_mean`?)',
    ],
    [
      'an expectation of nothing',
      'expect: [{ metric: queue_depth_mean, because: so }]',
      'w.yaml:5 expect[0]: has neither `min` nor `max` (give one or both)',
    ],
    [
      'a bound in a wrong unit',
      'expect: [{ metric: delivery_delay_p99, max: 5 kB, because: so }]',
      'w.yaml:5 expect[0].max: `5 kB` is a size, expected a duration ' +
        '(write a duration such as `50 ms` (units: d, h, min, s, ms, us, ns))',
    ],
    [
      'a condition on what is not varied',
      'vary: [{ groups.size: [2, 20] }]\nexpect:\n' +
        '  - { metric: queue_depth_mean, where: { policy.auth: raw }, max: 1, because: so }',
      'w.yaml:7 expect[0].where.policy.auth: `policy.auth` is not varied (`vary` has `groups.size`)',
    ],
    [
      'a condition that no cell meets',
      'vary: [{ groups.size: [2, 20] }]\nexpect:\n' +
        '  - { metric: queue_depth_mean, where: { groups.size: 5 }, max: 1, because: so }',
      'w.yaml:7 expect[0].where.groups.size: no cell has `5` (write one of `2`, `20`)',
    ],
    [
      'a combination that no cell has',
      'vary: [{ groups.size: [2] }, { policy.auth: [raw] }]\nexpect:\n' +
        '  - metric: queue_depth_mean\n    where: { groups.size: 2, policy.auth: raw }\n' +
        '    max: 1\n    because: so',
      'w.yaml:8 expect[0].where: no cell has this combination ' +
        '(combine values that one grid of `vary` lists together)',
    ],
    [
      'a finding about several cells',
      'vary: [{ groups.size: [2, 20] }]\nfindings: [{ text: "{value}", metric: messages, of: {} }]',
      'w.yaml:6 findings[0].of: speaks of 2 cells, not of one (name one cell: also give `groups.size`)',
    ],
    [
      'a ratio of one',
      'findings: [{ text: "{value}", metric: messages, compare: ratio }]',
      'w.yaml:5 findings[0]: a ratio needs a second cell (name it in `to`, as the first in `of`)',
    ],
    [
      'a finding without its number',
      'findings: [{ text: much, metric: messages }]',
      'w.yaml:5 findings[0].text: `much` has no place for the number ' +
        '(write a sentence that contains `{value}`)',
    ],
    [
      'a chart of the wrong kind of data',
      'charts: [{ kind: ccdf, title: Depth, metric: queue_depth_mean }]',
      'w.yaml:5 charts[0].metric: `queue_depth_mean` is no histogram ' +
        '(a ccdf shows a histogram; did you mean `queue_depth`?)',
    ],
    [
      'a line chart without an axis',
      'charts: [{ kind: line, title: Depth, metric: queue_depth_mean }]',
      'w.yaml:5 charts[0]: a line chart needs `x` (name a path that `vary` lists)',
    ],
    [
      'a chart over what is not varied',
      'charts: [{ kind: bar, title: Depth, metric: queue_depth_mean, x: groups.size }]',
      'w.yaml:5 charts[0].x: `groups.size` is not varied (this workload varies nothing)',
    ],
    [
      'a key that would change the prototype',
      '__proto__: { seed: 3 }',
      'w.yaml:1: a key is not a word (write `key: value`)',
    ],
  ])('%s', (_, lines, message) => {
    expect(messages(`${minimal}${lines}\n`)).toBe(message);
  });

  test('simulated time beyond 104 days', () => {
    expect(messages(minimal.replace('1 d', '105 d'))).toBe(
      'w.yaml:4 duration: the value `105 d` is above `104 d` (write `104 d` or less)',
    );
  });

  test('missing keys', () => {
    expect(messages('seed: 1\nduration: 1 d\nname: x\n')).toBe(
      'w.yaml:1 scenario: is missing (add it: Which model answers the question.)\n' +
        'w.yaml:1 question: is missing ' +
        '(add it: The question that the workload answers, for its report.)',
    );
  });

  test('more contenders than members, in the scenario that has contenders', () => {
    const text = `${minimal}commits: { contenders: 50 }\ngroups: { size: 20 }\n`;
    expect(messages(text)).toBe('');
    expect(messages(text.replace('fan-out', 'commit-throughput'))).toBe(
      'w.yaml:5 commits.contenders: 50 contenders do not fit a group of 20 ' +
        '(write 20 or fewer contenders, or larger groups)',
    );
  });
});

describe('broken YAML', () => {
  test.each([
    ['a: "x\nb: c', 'w.yaml:2: not YAML: Missing closing "quote (close the quote or bracket)'],
    [
      'groups:\n  size: empirical(2: 60 %, 5: 40 %)',
      'w.yaml:2: not YAML: Nested mappings are not allowed in compact mappings ' +
        '(put the value in quotes: a `: ` inside it begins a mapping)',
    ],
    ['[1, 2]', 'w.yaml:1: a workload file is a mapping (start with `name: my-workload`)'],
    [
      'a: &a [*a]',
      'w.yaml:1 a[0]: too many aliases, values or levels ' +
        '(at most 100 aliases, 100000 values, 32 levels) ' +
        '(write the values out, or generate several files)',
    ],
    [
      `${minimal}hypothesis: *nothing`,
      'w.yaml:5 hypothesis: the alias `*nothing` has no anchor (quote a text that begins with `*`)\n' +
        'w.yaml:5 hypothesis: is empty (give a value, or leave the key out)',
    ],
  ])('%j', (text, message) => {
    expect(messages(text)).toEqual(message);
  });

  test('aliases that multiply are refused quickly', () => {
    const levels = Array.from({ length: 30 }, (_, i) => {
      const inner = i === 0 ? '[x, x]' : `[*a${i - 1}, *a${i - 1}, *a${i - 1}]`;
      return `a${i}: &a${i} ${inner}`;
    });
    expect(messages(levels.join('\n'))).toMatch(/too many aliases/);
  });
});
