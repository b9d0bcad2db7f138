/** External senders (RFC 9420, section 12.1.8.1): a DS that proposes, for example, removals. */
import { concat, noBytes, withLength } from '../crypto/bytes.ts';
import { encodeMessage, toCredential, toProposal } from './convert.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, refusing } from './error.ts';
import { inside, type PublicGroup } from './public-state.ts';
import { internal, mls } from './library/index.ts';
import type { MlsCredential, MlsExtension, NewProposal, SigningKeys } from './types.ts';

export interface ExternalSender {
  readonly signatureKey: Uint8Array;
  readonly credential: MlsCredential;
}

/** The group context extension that admits the senders; a proposal names one by its place. */
export function externalSendersExtension(senders: readonly ExternalSender[]): MlsExtension {
  const encoded = senders.map(({ signatureKey, credential }) =>
    concat(
      withLength(signatureKey),
      mls.encode(internal.credentialEncoder, toCredential(credential)),
    ),
  );
  return { type: mls.defaultExtensionTypes.external_senders, data: withLength(concat(...encoded)) };
}

/** A proposal for the current epoch as a PublicMessage; `not-a-member` for an unlisted key. */
export function proposeExternally(
  environment: MlsEnvironment,
  group: PublicGroup,
  keys: SigningKeys,
  proposal: Extract<NewProposal, { kind: 'add' | 'remove' | 'reinit' }>,
): Promise<Uint8Array> {
  return refusing(async () => {
    const { context } = inside(group);
    const { cipherSuite } = environment.context(context.cipherSuite);
    const made = toProposal(proposal, { groupId: context.groupId, nonce: () => noBytes });
    // Only the context of the GroupInfo is read.
    const info = { groupContext: context } as Parameters<typeof mls.proposeExternal>[0];
    const { publicKey, privateKey } = keys;
    const message = await mls.proposeExternal(info, made, publicKey, privateKey, cipherSuite);
    return encodeMessage(message);
  }, 'not-a-member').catch((error: unknown) => {
    const unlisted = error instanceof MlsError && /external_sender/.test(error.message);
    throw unlisted ? new MlsError('not-a-member', 'the key is no external sender') : error;
  });
}
