import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { TaskError } from '../../sim/experiment/failure.ts';
import { DependencyError, UsageError, ValidationError } from '../errors.ts';
import { Stopped, describeError } from './failure.ts';
import { exitCodeOf, runCommandLine, shellCommand, wholeFrom } from './options.ts';

describe('describeError', () => {
  test('errors that a user can act on: message and remedy, no stack, exit 2', () => {
    for (const error of [
      new UsageError('is wrong', 'Do right'),
      new DependencyError('is wrong', 'Do right'),
    ]) {
      expect(describeError(error)).toEqual({
        text: 'stormglass: is wrong\n  Do right',
        exitCode: 2,
      });
    }
    expect(describeError(new UsageError('is wrong')).text).toBe('stormglass: is wrong');
  });

  test('validation: all problems, clickable', () => {
    const problems = [
      { file: 'a.yaml', line: 3, path: 'x.y', message: 'is unknown', remedy: 'write z' },
      { file: '--set b=1', message: 'is too small' },
    ];
    expect(describeError(new ValidationError(problems))).toEqual({
      text: 'stormglass: 2 problems\na.yaml:3 x.y: is unknown (write z)\n--set b=1: is too small',
      exitCode: 2,
    });
  });

  test('bugs: stack, hint, exit 70; whatever was thrown', () => {
    const bug = describeError(new TypeError('x is undefined'));
    expect(bug.exitCode).toBe(70);
    expect(bug.text).toMatch(/this is a bug\nTypeError: x is undefined\n {4}at .*failure\.test/);
    expect(describeError(new TaskError('cell crashed')).exitCode).toBe(70);
    expect(describeError('a string').text).toContain('a string');
    expect(describeError(undefined).exitCode).toBe(70);
  });

  test('a stop is no error, and commander has spoken already', () => {
    expect(describeError(new Stopped('stopped: 1 of 2', 130))).toEqual({
      text: 'stopped: 1 of 2',
      exitCode: 130,
    });
    expect(describeError(new InvalidArgumentError('x'))).toEqual({ text: '', exitCode: 2 });
  });
});

describe('options', () => {
  test.each(['', '-1', '1.5', '1e3', '0x10', ' 1', 'many', '9007199254740993'])(
    'whole numbers refuse %j',
    (text) => {
      expect(() => wholeFrom(0)(text)).toThrow(InvalidArgumentError);
    },
  );

  test('whole numbers have a lower bound', () => {
    expect(wholeFrom(1)('1')).toBe(1);
    expect(() => wholeFrom(1)('0')).toThrow('at least 1');
  });

  test('exit codes of verdicts', () => {
    expect((['ok', 'violated', 'unknown'] as const).map((v) => exitCodeOf(v, false))).toEqual([
      0, 1, 0,
    ]);
    expect((['ok', 'violated', 'unknown'] as const).map((v) => exitCodeOf(v, true))).toEqual([
      0, 1, 3,
    ]);
  });

  test('the command of a manifest is what a shell reads back', () => {
    const set = ['traffic.size=lognormal(median 200 B, sigma 1)', "x=it's"];
    expect(runCommandLine('a b.yaml', { seed: 7, set, out: 'runs/x' })).toBe(
      `npx stormglass run 'a b.yaml' --seed 7 ` +
        `--set 'traffic.size=lognormal(median 200 B, sigma 1)' --set 'x=it'\\''s' --out runs/x`,
    );
    expect(shellCommand([''])).toBe(`''`);
  });
});
