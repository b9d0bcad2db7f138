/**
 * The authentication service: users and their credentials, anonymous tokens, connection packages,
 * direct queues. Every request costs at most one read and one write.
 */
import type { Service } from '../core.ts';
import { aliasHandlers } from './alias.ts';
import { connectionPackageHandlers } from './connection-packages.ts';
import { directQueueHandlers } from './direct-queue.ts';
import type { AsPorts } from './ports.ts';
import { registrationHandlers } from './registration.ts';
import { tokenHandlers } from './tokens.ts';

export function asService(ports: AsPorts): Service {
  const handlers = [
    ...registrationHandlers(ports),
    ...tokenHandlers(ports),
    ...connectionPackageHandlers,
    ...directQueueHandlers,
    ...aliasHandlers,
  ];
  return { handlers, deliveries: [] };
}
