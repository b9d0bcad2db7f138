import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';

/** A command that does not end by itself, told to stop by the given signals with pauses between. */
function run(stops: boolean, signals: readonly (readonly [number, NodeJS.Signals])[]) {
  const code = `
    import { withInterrupts } from ${JSON.stringify(new URL('interrupt.ts', import.meta.url).href)};
    await withInterrupts(({ signal, exitCode }) => new Promise((resolve) => {
      setInterval(() => {}, 1000);
      process.stdout.write('started');
      signal.addEventListener('abort', () => {
        process.stdout.write(' told ' + exitCode());
        if (${stops}) resolve();
      });
    }));
    process.exit(7);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
  let stdout = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stdout.once('data', () => {
    for (const [afterMs, signal] of signals) setTimeout(() => child.kill(signal), afterMs);
  });
  return new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(`${stdout} ended ${code ?? signal}`));
  });
}

describe('withInterrupts', () => {
  test.concurrent('the first signal asks, the second ends at once', async () => {
    const signals = [
      [0, 'SIGINT'],
      [800, 'SIGINT'],
    ] as const;
    expect(await run(false, signals)).toBe('started told 130 ended 130');
  });

  test.concurrent('one key press that arrives three times counts once', async () => {
    const signals = [
      [0, 'SIGINT'],
      [20, 'SIGTERM'],
      [60, 'SIGINT'],
      [900, 'SIGKILL'],
    ] as const;
    expect(await run(false, signals)).toMatch(/^started told 1\d\d ended SIGKILL$/);
  });

  test.concurrent('an action that stops when asked ends by its own', async () => {
    expect(await run(true, [[0, 'SIGTERM']])).toBe('started told 143 ended 7');
  });
});
