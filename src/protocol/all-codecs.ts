/** Every decoder that meets bytes of others, by name: for the fuzzer and for round-trip tests. */
import type { Codec } from './codec/index.ts';
import { allOperations, bodiesOf } from './operations/index.ts';
import * as authentication from './wire/authentication.ts';
import * as credentials from './wire/credentials.ts';
import * as envelope from './wire/envelope.ts';
import * as extensions from './wire/extensions.ts';
import * as keyPackages from './wire/key-packages.ts';
import * as queueConfig from './wire/queue-config.ts';
import * as queueMessages from './wire/queue-messages.ts';
import * as wellKnown from './wire/well-known.ts';

function isCodec(value: unknown): value is Codec<unknown> {
  return typeof value === 'object' && value !== null && 'sample' in value && 'read' in value;
}

const modules = [
  authentication,
  credentials,
  envelope,
  extensions,
  keyPackages,
  queueConfig,
  queueMessages,
  wellKnown,
];

/** `Request`, `FanOutMessageV2`, `ds/send-message v2 request`, ... each with its codec. */
export const allCodecs: ReadonlyMap<string, Codec<unknown>> = new Map([
  ...modules.flatMap((module) =>
    Object.values<unknown>(module)
      .filter(isCodec)
      .map((codec) => [codec.name, codec] as const),
  ),
  ...allOperations.flatMap((operation) =>
    [1, 2].flatMap((version) => {
      const bodies = bodiesOf(operation, version);
      const name = `${operation.service}/${operation.name} v${version}`;
      return bodies === undefined
        ? []
        : ([
            [`${name} request`, bodies.request as Codec<unknown>],
            [`${name} response`, bodies.response as Codec<unknown>],
          ] as const);
    }),
  ),
]);
