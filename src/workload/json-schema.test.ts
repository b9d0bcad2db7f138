import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { workloadJsonSchema } from './json-schema.ts';
import { loadWorkload } from './load.ts';
import { sweepable } from './paths.ts';

interface Json {
  readonly type?: unknown;
  readonly description?: string;
  readonly default?: unknown;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly items?: Json;
  readonly properties?: Readonly<Record<string, Json>>;
}

const schema = workloadJsonSchema() as Json;

function at(path: string): Json {
  return path.split('.').reduce<Json>((inner, key) => inner.properties?.[key] ?? {}, schema);
}

describe('the JSON Schema', () => {
  test('requires what has no default, and refuses unknown keys', () => {
    expect(schema.required).toEqual(['name', 'scenario', 'question', 'duration']);
    expect(schema.additionalProperties).toBe(false);
    expect(at('population').additionalProperties).toBe(false);
  });

  test('describes every field that can be varied, once as a field and once in `vary`', () => {
    const swept = at('vary').items?.properties ?? {};
    for (const path of sweepable.keys()) {
      expect(at(path).description, path).toMatch(/^[A-Z]/);
      expect(swept[path]?.items?.description, path).toBe(at(path).description);
    }
    expect(Object.keys(swept)).toEqual([...sweepable.keys()]);
  });

  test.each([
    ['duration', '1 d', true],
    ['duration', '1.5 s', true],
    ['duration', '50', false],
    ['duration', '5 kB', false],
    ['traffic.receivedPerClient', '56/d', true],
    ['traffic.size', 'lognormal(median 200 B, sigma 1)', true],
    ['traffic.size', '200 B', true],
    ['traffic.size', 'zipf(1)', false],
    ['population.sessions.offline', '95 %', true],
    ['commits.retry', 'none', true],
    ['commits.retry', 'full-jitter(base 100 ms, cap 10 s, attempts 5)', true],
    ['commits.retry', 'jitter(1)', false],
    ['homeserver.queueLimit', 'unlimited', true],
    ['homeserver.queueLimit', 'infinite', false],
    ['name', 'fan-out', true],
    ['name', 'Fan out', false],
  ])('%s: %s fits the pattern: %s', (path, value, fits) => {
    expect(new RegExp(at(path).pattern ?? 'no pattern').test(value)).toBe(fits);
  });

  test('admits a suite as a text and as the number that YAML makes of it', () => {
    expect(at('policy.suite').enum).toEqual(expect.arrayContaining(['0x0001', 1, 0xf00d]));
  });

  test('names the defaults', () => {
    expect(at('population.clients').default).toBe(10_000);
    expect(at('traffic.receivedPerClient').default).toBe('56/d');
  });

  const validator = z.fromJSONSchema(
    workloadJsonSchema() as Parameters<typeof z.fromJSONSchema>[0],
  );

  test.each(['fan-out', 'commit-throughput'])('accepts the draft %s', (name) => {
    const { document } = loadWorkload(`src/workload/testdata/${name}.yaml`);
    expect(validator.safeParse(document).error?.issues).toBeUndefined();
  });

  test.each([
    [{ population: { clientz: 1 } }, /clientz/],
    [{ warmUp: 50 }, /warmUp/],
    [{ vary: [{ 'groups.sizes': [1] }] }, /groups\.sizes/],
    [{ vary: [{ 'commits.retry': ['jitter'] }] }, /commits\.retry/],
  ])('refuses %j', (change, message) => {
    const { document } = loadWorkload('src/workload/testdata/fan-out.yaml');
    const { error } = validator.safeParse({ ...document, ...change });
    expect(JSON.stringify(error?.issues)).toMatch(message);
  });
});
