/**
 * The only place in the simulator that reads wall time or waits for it. What comes from here goes
 * to performance figures and progress displays, never to results.
 */

/** Milliseconds since some start. */
export function wallNowMs(): number {
  return performance.now();
}

/** Lets timers, messages and abort signals of this thread have their turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Calls back every `periodMs` until the returned function is called. Does not keep the process
 * alive.
 */
export function everyMs(periodMs: number, callback: () => void): () => void {
  const timer = setInterval(callback, periodMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Calls back once after `delayMs` unless the returned function is called before. */
export function afterMs(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
