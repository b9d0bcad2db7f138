/** KeyPackages as the QS publishes them, and what joiners receive. */
import { struct, uint8, union, vector } from '../codec/index.ts';
import type { Decoded } from '../codec/index.ts';
import {
  clientId,
  groupId,
  mlsMessage,
  signature,
  smallCiphertext,
  symmetricKey,
} from './identifiers.ts';

/** A KeyPackage with the ciphertexts that let friends recognise its owner. */
export const addPackageV1 = struct('AddPackageV1', {
  key_package: mlsMessage,
  encrypted_client_credential: smallCiphertext,
  encrypted_signature_encryption_key: smallCiphertext,
});

/** v2: KeyPackages for identified groups (idea 1) carry the credential in the leaf, unencrypted. */
export const addPackageV2 = union('AddPackageV2', uint8, {
  pseudonymous: [1, addPackageV1],
  identified: [2, struct('IdentifiedAddPackage', { key_package: mlsMessage })],
});

/** Most AddPackages of one publication; deployed clients publish 100 and one of last resort. */
export const maxAddPackages = 1024;

/** A batch: the single-use packages, and the one of last resort, which is mandatory. */
export const addPackageBatchV1 = struct('AddPackageBatchV1', {
  add_packages: vector(addPackageV1, { max: maxAddPackages }),
  last_resort: addPackageV1,
});
export const addPackageBatchV2 = struct('AddPackageBatchV2', {
  add_packages: vector(addPackageV2, { max: maxAddPackages }),
  last_resort: addPackageV2,
});

const welcomeAttributionInfoPayload = struct('WelcomeAttributionInfoPayload', {
  sender_client_id: clientId,
  group_credential_encryption_key: symmetricKey,
});
export const welcomeAttributionInfo = struct('WelcomeAttributionInfo', {
  payload: welcomeAttributionInfoPayload,
  signature,
});

export const welcomeBundle = struct('WelcomeBundle', {
  welcome: mlsMessage,
  encrypted_welcome_attribution_info: smallCiphertext,
  encrypted_group_state_ear_key: smallCiphertext,
  encrypted_credential_encryption_key: smallCiphertext,
  group_id: groupId,
});

export type AddPackageV1 = Decoded<typeof addPackageV1>;
export type AddPackageV2 = Decoded<typeof addPackageV2>;
export type AddPackageBatchV2 = Decoded<typeof addPackageBatchV2>;
export type WelcomeBundle = Decoded<typeof welcomeBundle>;
