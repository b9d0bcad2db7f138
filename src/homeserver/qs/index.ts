/**
 * The queuing service. Start at `records.ts` (what is kept) and `fan-out.ts` (what happens most).
 */
import type { Service } from '../core.ts';
import { dequeueHandlers } from './dequeue.ts';
import { queueDelivery } from './fan-out.ts';
import { federationHandlers } from './federation.ts';
import { remoteDelivery } from './forward.ts';
import { infoHandlers } from './info.ts';
import { keyPackageHandlers } from './key-packages.ts';
import { labelHandlers } from './labels.ts';
import { userHandlers } from './users.ts';

export { expiredClients, removals, type Removal } from './expiry.ts';
export { fanOut, reportsDestination } from './outgoing.ts';

export const queuingService: Service = {
  handlers: [
    ...userHandlers,
    ...keyPackageHandlers,
    ...dequeueHandlers,
    ...labelHandlers,
    ...infoHandlers,
    ...federationHandlers,
  ],
  deliveries: [queueDelivery, remoteDelivery],
};
