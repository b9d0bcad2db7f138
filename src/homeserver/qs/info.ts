/** The public keys of the QS. */
import { qsOperations } from '../../protocol/operations/qs.ts';
import { success } from '../../protocol/protocol-error.ts';
import { signatureSchemes } from '../../protocol/wire/identifiers.ts';
import { handler, type AnyHandler } from '../core.ts';

const nothing = () => success({ access: { heads: [] }, carry: undefined });

const verifyingKey = handler(qsOperations.verifyingKey, {
  plan: nothing,
  run(_loaded, _call, _carry, { keys }) {
    const { scheme, privateKey } = keys.signing;
    const number = scheme.id === signatureSchemes.ecdsaP256 ? scheme.id : signatureSchemes.ed25519;
    const key = scheme.publicKeyOf(privateKey);
    return success({ reply: { verifying_key: { scheme: number, key } } });
  },
});

const configEncryptionKey = handler(qsOperations.configEncryptionKey, {
  plan: nothing,
  run: (_loaded, _call, _carry, { keys }) =>
    success({
      reply: { keys: keys.queueConfig.map(({ suite, publicKey: key }) => ({ suite, key })) },
    }),
});

export const infoHandlers: readonly AnyHandler[] = [verifyingKey, configEncryptionKey];
