/** From a want to the signed bytes of a request. */
import { signRequest, plainRequest, type RequestDraft } from '../protocol/auth/sign.ts';
import { encode } from '../protocol/codec/index.ts';
import { bodiesOf, operations, type Operation } from '../protocol/operations/index.ts';
import { sealQueueConfig } from '../protocol/seal-config.ts';
import { highestCommonVersion } from '../protocol/versions.ts';
import type { Sender } from '../protocol/wire/authentication.ts';
import {
  authSchemes,
  type AuthSchemeName,
  type HpkePublicKey,
  type QsCid,
  type VerifyingKey,
} from '../protocol/wire/identifiers.ts';
import { toV1, type ClientQueueConfig } from '../protocol/wire/queue-config.ts';
import type { HomeserverDocument } from '../protocol/wire/well-known.ts';
import { makeCsr } from './credential.ts';
import type { DeviceEnv } from './ports.ts';
import { groupKey, type Device, type Membership, type TaskBody } from './state.ts';
import { destinationOf, type Want } from './wants.ts';

/** Operation, body and signer of a want; the body's codec depends on the version. */
interface Draft {
  readonly operation: Operation;
  readonly body: unknown;
  readonly signer?: { readonly sender: Sender; readonly privateKey: Uint8Array };
}

export interface Drafted {
  readonly destination: string;
  readonly requestId: Uint8Array;
  readonly version: number;
  readonly bytes: Uint8Array;
}

type Version = 1 | 2;

const verifyingKey = (device: Device, env: DeviceEnv, key: Uint8Array): VerifyingKey => ({
  scheme: suiteOf(device, env).signature.id as VerifyingKey['scheme'],
  key,
});

function suiteOf({ durable }: Device, env: DeviceEnv) {
  const suite = env.suite(durable.keys.suite);
  if (suite === undefined)
    throw new RangeError(`suite ${durable.keys.suite} of the device is gone`);
  return suite;
}

const hpkeKey = ({ durable }: Device, key: Uint8Array): HpkePublicKey => ({
  suite: durable.keys.suite,
  key,
});

function recordsOf(device: Device, env: DeviceEnv): Draft {
  const { keys } = device.durable;
  return {
    operation: operations.qs.createUserRecord,
    body: {
      user_record_auth_key: verifyingKey(device, env, keys.userRecord.publicKey),
      friendship_token: keys.friendshipToken,
      client_record_auth_key: verifyingKey(device, env, keys.clientRecord.publicKey),
      queue_encryption_key: hpkeKey(device, keys.queue.publicKey),
      encrypted_push_token: undefined,
    },
  };
}

const asClient = ({ durable }: Device): Required<Draft>['signer'] => ({
  sender: { kind: 'client', client_id: durable.clientId },
  privateKey: durable.keys.client.privateKey,
});

const asQsClient = ({ durable }: Device, qs_cid: QsCid): Required<Draft>['signer'] => ({
  sender: { kind: 'qsClient', qs_cid },
  privateKey: durable.keys.clientRecord.privateKey,
});

const asLeaf = ({ groupId, leafIndex, leafKey }: Membership): Required<Draft>['signer'] => ({
  sender: { kind: 'leaf', group_id: groupId, leaf_index: leafIndex },
  privateKey: leafKey.privateKey,
});

/** Credentials inside are of the group's cryptography, which fills them in (empty until then). */
function packagesOf(qs_cid: QsCid, version: Version, env: DeviceEnv) {
  const one = () => {
    const pseudonymous = {
      key_package: env.groups.keyPackage(env.random),
      encrypted_client_credential: new Uint8Array(),
      encrypted_signature_encryption_key: new Uint8Array(),
    };
    return version === 1 ? pseudonymous : { kind: 'pseudonymous', ...pseudonymous };
  };
  const add_packages = Array.from({ length: env.settings.keyPackages }, one);
  return { qs_cid, batch: { add_packages, last_resort: one() } };
}

/** Idea 2: plain for the DS of the own homeserver, where both agree on it; sealed otherwise. */
export function queueConfigFor(
  device: Device,
  host: string,
  version: number,
  env: DeviceEnv,
): ClientQueueConfig | undefined {
  const { home, qsCid, keys } = device.durable;
  const key = device.documents.get(home)?.document.config_encryption_keys[0];
  const suite = key && env.suite(key.suite);
  if (qsCid === undefined || key === undefined || suite === undefined) return undefined;
  const config = { option_push_token_key: undefined, pseudonymous_client_id: qsCid };
  if (host === home && env.settings.plainWhenLocal && version >= 2) {
    return { kind: 'plain', client_homeserver_domain: home, queue_config: config };
  }
  const { signature: scheme } = suiteOf(device, env);
  const signer = { scheme, privateKey: keys.clientRecord.privateKey };
  const sealed_config = sealQueueConfig(config, key, suite, signer, env.random);
  return { kind: 'sealed', client_homeserver_domain: home, sealed_config };
}

function configureDraft(
  device: Device,
  group: Membership,
  version: Version,
  env: DeviceEnv,
): Draft | undefined {
  const config = queueConfigFor(device, group.host, version, env);
  if (config === undefined) return undefined;
  return {
    operation: operations.ds.updateQueueInfo,
    body: {
      group_id: group.groupId,
      group_state_ear_key: group.earKey,
      new_queue_config: version === 1 ? toV1(config) : config,
    },
    signer: asLeaf(group),
  };
}

function taskDraft(
  device: Device,
  body: TaskBody,
  version: Version,
  env: DeviceEnv,
): Draft | undefined {
  const { durable } = device;
  const { qsCid } = durable;
  const group = 'groupId' in body ? durable.groups.get(groupKey(body.groupId)) : undefined;
  switch (body.kind) {
    case 'register':
    case 'renew': {
      if (device.intermediate === undefined) return undefined;
      const client_csr = makeCsr(device, device.intermediate, suiteOf(device, env), env.nowMs);
      if (body.kind === 'renew') {
        const operation = operations.as.issueClientCredential;
        return { operation, body: { client_csr }, signer: asClient(device) };
      }
      const queue_encryption_key = hpkeKey(device, durable.keys.directQueue.publicKey);
      const registration = { client_csr, queue_encryption_key, connection_packages: [] };
      return { operation: operations.as.register, body: registration };
    }
    case 'create-records':
      return recordsOf(device, env);
    case 'publish-packages':
      return (
        qsCid && {
          operation: operations.qs.publishKeyPackages,
          body: packagesOf(qsCid, version, env),
          signer: asQsClient(device, qsCid),
        }
      );
    case 'configure-group':
      return group && configureDraft(device, group, version, env);
    case 'label-group':
      return qsCid && labelDraft(device, body, qsCid);
    case 'send':
      return (
        group && {
          operation: operations.ds.sendMessage,
          body: {
            group_id: group.groupId,
            group_state_ear_key: group.earKey,
            application_message: body.message,
          },
          signer: asLeaf(group),
        }
      );
  }
}

function labelDraft(
  device: Device,
  { groupId, label }: TaskBody & { kind: 'label-group' },
  qs_cid: QsCid,
): Draft {
  const { acceptGroup, blockGroup } = operations.qs;
  return {
    operation: label === 'accepted' ? acceptGroup : blockGroup,
    body: { qs_cid, group_id: groupId },
    signer: asQsClient(device, qs_cid),
  };
}

function draftOf(device: Device, want: Want, version: Version, env: DeviceEnv): Draft | undefined {
  const { qsCid, readers } = device.durable;
  switch (want.kind) {
    case 'document':
      return { operation: operations.wellKnown.document, body: {} };
    case 'as-credentials':
      return { operation: operations.as.credentials, body: {} };
    case 'task':
      return taskDraft(device, want.task.body, version, env);
    case 'listen':
      return (
        qsCid && {
          operation: operations.qs.listen,
          body: { qs_cid: qsCid },
          signer: asQsClient(device, qsCid),
        }
      );
    case 'dequeue':
      return (
        qsCid && {
          operation: operations.qs.dequeue,
          body: {
            qs_cid: qsCid,
            lane: want.lane,
            sequence_number_start: readers[want.lane].sequence,
            max_message_number: env.settings.dequeueBatch,
          },
          signer: asQsClient(device, qsCid),
        }
      );
  }
}

const schemeNames = Object.entries(authSchemes) as [AuthSchemeName, number][];

/** The strongest scheme that both know; v1 has `token` only. */
export function schemeFor(
  version: number,
  document: HomeserverDocument,
  env: DeviceEnv,
): Exclude<AuthSchemeName, 'none'> {
  const common = document.auth_schemes.find((scheme) => env.settings.schemes.includes(scheme));
  const number = version === 1 ? authSchemes.token : common;
  const name = schemeNames.find(([, known]) => known === number)?.[0] ?? 'token';
  return name === 'none' ? 'token' : name;
}

/**
 * The request for a want, or undefined when it cannot be made: no common version, a group that is
 * gone. A document is asked for in each of the device's versions in turn (`failures` picks), since
 * which the homeserver speaks stands in the document.
 */
export function draftRequest(
  device: Device,
  want: Want,
  failures: number,
  env: DeviceEnv,
): Drafted | undefined {
  const { versions } = env.settings;
  const destination = destinationOf(want, device);
  const document = device.documents.get(destination)?.document;
  const version =
    want.kind === 'document'
      ? versions[failures % versions.length]
      : document && highestCommonVersion(versions, document.versions);
  if (version !== 1 && version !== 2) return undefined;
  const draft = draftOf(device, want, version, env);
  const bodies = draft && bodiesOf(draft.operation, version);
  if (draft === undefined || bodies === undefined) return undefined;
  const requestId = env.random.bytes(16);
  const body = encode(bodies.request, draft.body);
  const { operation, signer } = draft;
  const request: RequestDraft = { version, operation, requestId, destination, body };
  if (signer === undefined || document === undefined) {
    return { destination, requestId, version, bytes: plainRequest(request) };
  }
  const bytes = signRequest(request, {
    ...signer,
    scheme: schemeFor(version, document, env),
    signature: suiteOf(device, env).signature,
    nowMs: env.nowMs,
    offeredVersions: versions,
  });
  return { destination, requestId, version, bytes };
}
