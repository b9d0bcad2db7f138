/** Ctrl-C: the first stops cleanly, the second at once. */
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One key press may arrive several times, from the terminal, from npm and from the launcher; within
 * this time it counts once.
 */
const samePressMs = 500;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Exit code by convention: 128 + signal number (130 for Ctrl-C); 0 while nothing came. */
  exitCode(): number;
}

/** Runs `action` with signals turned into an AbortSignal; afterwards they work as before. */
export async function withInterrupts<T>(action: (stop: Interruption) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let exitCode = 0;
  let firstMs = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    const nowMs = performance.now();
    if (exitCode === 0) {
      exitCode = 128 + constants.signals[name];
      firstMs = nowMs;
      controller.abort(name);
    } else if (nowMs - firstMs > samePressMs) {
      process.exit(exitCode);
    }
  };
  for (const name of signals) process.on(name, onSignal);
  try {
    return await action({ signal: controller.signal, exitCode: () => exitCode });
  } finally {
    for (const name of signals) process.off(name, onSignal);
  }
}
