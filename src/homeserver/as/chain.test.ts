import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../crypto/random.ts';
import { ecdsaP256, ed25519 } from '../../crypto/signature.ts';
import { chainFault } from './chain.ts';
import {
  csrHolds,
  fingerprintOfAs,
  fingerprintOfIntermediate,
  issueAsCredential,
  issueIntermediate,
  issueClientCredential,
  makeClientCsr,
  type SigningKey,
} from './credentials.ts';
import {
  lifetimes,
  makeKeyring,
  publishedCredentials,
  revoke,
  rotateKeyring,
  signerAt,
  type AsKeyring,
} from './keyring.ts';

const random = seededRandom('chain');
const dayMs = 24 * 3_600_000;
const nowMs = 20_000 * dayMs;
const domain = 'one.example';
const clientId = {
  user_id: { as_domain: domain, user_id: random.bytes(16) },
  client_uuid: random.bytes(16),
};
const newKey = (): SigningKey => ({ scheme: ed25519, ...ed25519.generateKeyPair(random) });

function issue(keyring: AsKeyring, validity: { not_before: number; not_after: number }) {
  const signer = signerAt(keyring, nowMs, nowMs + 1)!;
  return issueClientCredential(
    makeClientCsr(clientId, validity, newKey(), signer.credential),
    signer.key,
  );
}

const keyring = makeKeyring(domain, nowMs, random);
const month = { not_before: nowMs, not_after: nowMs + lifetimes.clientMs };
const credential = issue(keyring, month);
const published = publishedCredentials(keyring, nowMs);

describe('the credential chain', () => {
  test('holds from the client up to the AS, and only while it is valid', () => {
    expect(chainFault(credential, published, nowMs)).toBeUndefined();
    expect(chainFault(credential, published, month.not_after - 1)).toBeUndefined();
    expect(chainFault(credential, published, month.not_after)).toBe('expired or not yet valid');
    expect(chainFault(credential, published, nowMs - 1)).toBe('expired or not yet valid');
  });

  test('a changed byte in any signature or key breaks it', () => {
    const flipped = (bytes: Uint8Array) => Uint8Array.from(bytes, (b, i) => (i === 5 ? b ^ 1 : b));
    const { signed_payload, signature } = credential;
    const { payload, self_signature } = signed_payload;
    const broken = [
      { signed_payload, signature: flipped(signature) },
      { signed_payload: { payload, self_signature: flipped(self_signature) }, signature },
      {
        signed_payload: {
          payload: { ...payload, public_key: newKey().publicKey },
          self_signature,
        },
        signature,
      },
    ];
    for (const each of broken) expect(chainFault(each, published, nowMs)).toBe('bad signature');
  });

  test('a forged intermediate with its own key is an unknown signer, or a bad signature', () => {
    const mallory = makeKeyring(domain, nowMs, seededRandom('mallory'));
    const forged = issue(mallory, month);
    expect(chainFault(forged, published, nowMs)).toBe('unknown signer');
    const mixed = {
      ...published,
      as_intermediate_credentials: publishedCredentials(mallory, nowMs).as_intermediate_credentials,
    };
    expect(chainFault(forged, mixed, nowMs)).toBe('unknown signer');
    // The real root's fingerprint, but not its signature.
    const [real] = published.as_credentials;
    const [fake] = mixed.as_intermediate_credentials;
    const relabelled = {
      ...fake!,
      signed_payload: {
        ...fake!.signed_payload,
        payload: {
          ...fake!.signed_payload.payload,
          signer_fingerprint: fingerprintOfAs(real!),
        },
      },
    };
    const client = issueClientCredential(
      makeClientCsr(clientId, month, newKey(), relabelled),
      mallory.intermediates[0]!.key,
    );
    const withRelabelled = { ...published, as_intermediate_credentials: [relabelled] };
    expect(chainFault(client, withRelabelled, nowMs)).toBe('bad signature');
  });

  test('one domain cannot vouch for the users of another', () => {
    const other = makeKeyring('two.example', nowMs, seededRandom('two'));
    const foreign = issue(other, month);
    expect(chainFault(foreign, publishedCredentials(other, nowMs), nowMs)).toBe('another domain');
  });

  test('validity periods nest', () => {
    const year = { not_before: nowMs, not_after: nowMs + 365 * dayMs };
    const fault = chainFault(issue(keyring, year), published, nowMs);
    expect(fault).toBe('validity exceeds that of the signer');
  });

  test('what is revoked holds nothing', () => {
    const { intermediates, roots } = keyring;
    const fingerprints = [
      fingerprintOfIntermediate(intermediates[0]!.credential),
      fingerprintOfAs(roots[0]!.credential),
    ];
    for (const fingerprint of fingerprints) {
      const after = publishedCredentials(revoke(keyring, fingerprint), nowMs);
      expect(chainFault(credential, after, nowMs)).toBe('revoked');
    }
  });

  test('every link proves possession of its own key', () => {
    const [own, other] = [newKey(), newKey()];
    const claimed: SigningKey = { ...own, publicKey: other.publicKey };
    const validity = { not_before: nowMs, not_after: nowMs + lifetimes.intermediateMs };
    const root = issueAsCredential(domain, validity, own);
    const stolenRoot = issueAsCredential(domain, validity, claimed);
    const chainOf = (top: typeof root, topKey: SigningKey, key: SigningKey, signer: SigningKey) => {
      const middle = issueIntermediate(top, topKey, validity, key);
      const csr = makeClientCsr(clientId, month, newKey(), middle);
      const all = { as_credentials: [top], as_intermediate_credentials: [middle] };
      const chain = { ...all, revoked_certs: [] };
      return chainFault(issueClientCredential(csr, signer), chain, nowMs);
    };
    const key = newKey();
    expect(chainOf(root, own, key, key)).toBeUndefined();
    expect(chainOf(stolenRoot, other, key, key)).toBe('bad signature');
    expect(chainOf(root, own, claimed, other)).toBe('bad signature');
  });

  test('a signing request needs the key, of either scheme', () => {
    const signer = keyring.intermediates[0]!.credential;
    const p256: SigningKey = { scheme: ecdsaP256, ...ecdsaP256.generateKeyPair(random) };
    const csr = makeClientCsr(clientId, month, p256, signer);
    expect(csrHolds(csr)).toBe(true);
    const stolen = { ...csr, payload: { ...csr.payload, public_key: newKey().publicKey } };
    expect(csrHolds(stolen)).toBe(false);
    const small = { ...newKey(), publicKey: new Uint8Array(32) };
    expect(csrHolds(makeClientCsr(clientId, month, small, signer))).toBe(false);
  });
});

describe('rotation', () => {
  test('a new intermediate comes while the old one still vouches for what it signed', () => {
    let current = keyring;
    const at = nowMs + lifetimes.intermediateMs - lifetimes.clientMs + 1;
    current = rotateKeyring(current, at - 1, random);
    expect(current.intermediates).toHaveLength(1);
    current = rotateKeyring(current, at, random);
    expect(current.intermediates).toHaveLength(2);
    expect(current.roots).toHaveLength(1);
    const late = { not_before: at - dayMs, not_after: at + dayMs };
    const old = issueClientCredential(
      makeClientCsr(clientId, late, newKey(), current.intermediates[1]!.credential),
      current.intermediates[1]!.key,
    );
    expect(chainFault(old, publishedCredentials(current, at), at)).toBeUndefined();
    expect(signerAt(current, at, at + lifetimes.clientMs)).toBe(current.intermediates[0]);
  });

  test('for 12 years clients can always ask for a full lifetime; the list stays short', () => {
    let current = keyring;
    for (let day = 0; day < 12 * 365; day += 7) {
      const at = nowMs + day * dayMs;
      current = rotateKeyring(current, at, random);
      expect(signerAt(current, at, at + lifetimes.clientMs), `day ${day}`).toBeDefined();
      const { as_credentials, as_intermediate_credentials } = publishedCredentials(current, at);
      expect(as_credentials.length).toBeLessThanOrEqual(2);
      expect(as_intermediate_credentials.length).toBeLessThanOrEqual(2);
    }
    expect(current.roots).toHaveLength(1);
    expect(current.roots[0]).not.toBe(keyring.roots[0]);
  });

  test('a revoked intermediate or root is replaced at once', () => {
    for (const pick of [
      fingerprintOfIntermediate(keyring.intermediates[0]!.credential),
      fingerprintOfAs(keyring.roots[0]!.credential),
    ]) {
      const revoked = revoke(keyring, pick);
      expect(signerAt(revoked, nowMs, nowMs + 1)).toBeUndefined();
      const replaced = rotateKeyring(revoked, nowMs, random);
      const fresh = issue(replaced, month);
      expect(chainFault(fresh, publishedCredentials(replaced, nowMs), nowMs)).toBeUndefined();
    }
  });
});
