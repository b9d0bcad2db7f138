import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cells, countCells, matches } from './cells.ts';
import { loadWorkload, parseWorkload } from './load.ts';

const base = 'name: small\nscenario: fan-out\nquestion: Which cells?\nduration: 1 d\n';

const parse = (vary: string) => parseWorkload('w.yaml', `${base}vary: ${vary}\n`).workload;

describe('cells', () => {
  test('a workload without `vary` has one', () => {
    const workload = parse('[]');
    expect(cells(workload)).toEqual([
      { id: expect.stringMatching(/^base\.[\da-f]{16}$/) as string, parameters: {}, workload },
    ]);
  });

  test('are the union of the grids in the order of the file, without duplicates', () => {
    const workload = parse(
      '[{ groups.size: [2, 20], policy.auth: [raw, token] }, ' +
        '{ policy.auth: [token], groups.size: [20, 30] }, { network.loss: [1 %] }]',
    );
    expect(cells(workload).map(({ parameters }) => parameters)).toEqual([
      { 'groups.size': 2, 'policy.auth': 'raw' },
      { 'groups.size': 2, 'policy.auth': 'token' },
      { 'groups.size': 20, 'policy.auth': 'raw' },
      { 'groups.size': 20, 'policy.auth': 'token' },
      { 'groups.size': 30, 'policy.auth': 'token' },
      { 'network.loss': '1 %' },
    ]);
    expect(countCells(workload)).toBe(7);
  });

  test('have the parameters applied, and nothing else changed', () => {
    const workload = parse(
      '[{ population.sessions.offline: [95 %], policy.suite: [0x0001, 0xF00D] }]',
    );
    const [, cell] = cells(workload);
    expect(cell?.parameters).toEqual({
      'population.sessions.offline': '95 %',
      'policy.suite': '0xF00D',
    });
    expect(cell?.workload).toEqual({
      ...workload,
      policy: { ...workload.policy, suite: '0xf00d' },
      population: {
        ...workload.population,
        sessions: { ...workload.population.sessions, offline: 0.95 },
      },
    });
  });

  test('take out one number of groups when they set the other', () => {
    const [cell] = cells(parse('[{ groups.count: [7] }]'));
    expect(cell?.workload.groups).toMatchObject({ count: 7 });
    expect(cell?.workload.groups).not.toHaveProperty('perClient');
  });

  test('have different names that are safe for files', () => {
    const { workload } = loadWorkload('src/workload/testdata/commit-throughput.yaml');
    const ids = cells(workload).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[\da-z][\da-z._-]{0,80}$/);
    expect(ids[0]).toMatch(/^contenders-2_retry-none\./);
  });

  test('keep their names when grids are added or reordered', () => {
    const one = cells(parse('[{ groups.size: [2], policy.auth: [raw] }]'))[0]?.id;
    const two = cells(
      parse('[{ network.loss: [0] }, { groups.size: [1, 2], policy.auth: [raw] }]'),
    );
    expect(two.map(({ id }) => id)).toContain(one);
  });

  test('number as the product of the lists says', () => {
    const list = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(list, list, (sizes, cores) => {
        const workload = parse(`[{ groups.size: [${sizes}], homeserver.cores: [${cores}] }]`);
        const found = cells(workload);
        expect(found).toHaveLength(sizes.length * cores.length);
        const where = { 'groups.size': sizes[0] ?? 0 };
        const matching = found.filter(({ parameters }) => matches(parameters, where));
        expect(matching).toHaveLength(cores.length);
      }),
      { numRuns: 30 },
    );
  });
});
