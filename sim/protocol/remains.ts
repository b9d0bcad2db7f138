/**
 * What has not been read when the run ends: found by looking into outboxes and by letting each
 * device read its queue to the end, on the disk itself and without network. Nothing is counted any
 * more.
 */
import type { ClientNode } from './client-node.ts';
import { step } from '../../src/client/device.ts';
import type { DeviceEnv, Input } from '../../src/client/ports.ts';
import { resume, type Device } from '../../src/client/state.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { cryptoSuites } from '../../src/crypto/suites.ts';
import type { MemoryDisk } from '../../src/store/memory.ts';
import { decodeContent } from './content.ts';
import { clockMs } from './clock.ts';
import { makeHomeserver, startLife, type Life } from './homeserver-parts.ts';
import type { HomeserverNode } from './homeserver-node.ts';
import { messageIn } from './outbox-entries.ts';
import { groupIndexOf } from './provision.ts';
import { headerOf } from './stand-in.ts';
import type { Site, World } from './world.ts';

/** Any number of clients: an outbox does not say which of the recipients still wait. */
const someClients = -1;

/** Most requests of a device until its queue must be empty. */
const maxRounds = 100_000;

export function collectWaiting(
  world: World,
  site: Site,
  homeserver: HomeserverNode,
  clients: readonly ClientNode[],
): void {
  const { disk } = homeserver;
  collectOutbox(site, disk);
  const life = inspectionLife(world, site, disk);
  for (const client of clients) {
    if (client.device !== undefined) collectQueue(world, site, life, client);
  }
}

function collectOutbox(site: Site, disk: MemoryDisk): void {
  for (const [destination, entries] of disk.outbox) {
    for (const { payload } of entries) {
      const message = messageIn(destination, payload);
      if (message === undefined || message.message_content.kind !== 'application') continue;
      const header = headerOf(message.message_content.message);
      if (header === undefined) continue;
      const group = groupIndexOf(message.group_id);
      const { sender, generation } = header;
      site.journal.wait(someClients, { group, sender, generation });
    }
  }
}

/** A homeserver over the same disk that never crashes and whose caches are empty. */
function inspectionLife(world: World, site: Site, disk: MemoryDisk): Life {
  const parts = makeHomeserver(world, site);
  return startLife(world, site, parts, {
    number: 1,
    disk,
    crashAt: () => false,
    remote: () => undefined,
    effects: () => undefined,
  });
}

function collectQueue(world: World, site: Site, life: Life, client: ClientNode): void {
  const env: DeviceEnv = {
    nowMs: clockMs(world.engine.nowNs),
    random: seededRandom(`inspection ${world.seed} ${client.client}`),
    suite: (number) => cryptoSuites.get(number),
    groups: world.cipher,
    settings: { ...world.clientSettings, dequeueBatch: 500 },
  };
  if (client.device === undefined) return;
  // Nothing is sent any more: only the queue is read.
  let device: Device = resume({ ...client.device.durable, tasks: [] });
  let inputs: Input[] = [{ kind: 'online', mode: 'foreground' }];
  for (let round = 0; inputs.length > 0 && round < maxRounds; round++) {
    const [input, ...rest] = inputs;
    if (input === undefined) break;
    const result = step(device, input, env);
    device = result.device;
    for (const effect of result.effects) {
      if (effect.kind !== 'received') continue;
      const content = decodeContent(effect.content);
      if (content === undefined) continue;
      const { sender, generation } = content;
      site.journal.wait(client.client, { group: groupIndexOf(effect.groupId), sender, generation });
    }
    const answers = result.requests.map(({ bytes }) => life.shell.request(bytes) as Uint8Array);
    inputs = [...rest, ...answers.map((bytes) => ({ kind: 'response', bytes }) as const)];
  }
}
