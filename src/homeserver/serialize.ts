/**
 * One task at a time per key, in the order of their coming. A task may have many keys; since it
 * joins all its lines at once, no two tasks ever wait for each other. Where all tasks are
 * synchronous, it costs a look-up per key.
 */
import type { MaybePromise } from '../store/port.ts';

export interface Serializer {
  run<T>(keys: readonly string[], task: () => MaybePromise<T>): MaybePromise<T>;
  /** Keys with a task under way. */
  readonly size: number;
}

const ignore = (): void => undefined;

export function makeSerializer(): Serializer {
  /** The last task of each key's line. */
  const last = new Map<string, Promise<void>>();
  return {
    run<T>(keys: readonly string[], task: () => MaybePromise<T>): MaybePromise<T> {
      const before = keys.map((key) => last.get(key)).filter((each) => each !== undefined);
      const result = before.length === 0 ? task() : Promise.all(before).then(task);
      if (!(result instanceof Promise)) return result;
      const done: Promise<void> = result.then(ignore, ignore).then(() => {
        for (const key of keys) if (last.get(key) === done) last.delete(key);
      });
      for (const key of keys) last.set(key, done);
      return result;
    },
    get size() {
      return last.size;
    },
  };
}
