/** Signature schemes by their number on the wire, and the label of each service. */
import { ecdsaP256, ed25519, type SignatureScheme } from '../../crypto/signature.ts';
import type { Service } from '../operations/index.ts';
import { signatureSchemes } from '../wire/identifiers.ts';

type SchemeNumber = (typeof signatureSchemes)[keyof typeof signatureSchemes];

const byNumber: Readonly<Record<SchemeNumber, SignatureScheme>> = {
  [signatureSchemes.ed25519]: ed25519,
  [signatureSchemes.ecdsaP256]: ecdsaP256,
};

/** The scheme of a number that has passed the codec. */
export const schemeOf = (number: SchemeNumber): SignatureScheme => byNumber[number];

/**
 * Labels of SignWithLabel: one per service and kind of signature, so that no signature can serve in
 * another place than the one it was made for.
 */
export const requestLabels: Readonly<Record<Service, string>> = {
  ds: 'StormglassDsRequest',
  qs: 'StormglassQsRequest',
  as: 'StormglassAsRequest',
  federation: 'StormglassFederationRequest',
  'well-known': 'StormglassWellKnownRequest',
};

export const tokenLabels: Readonly<Record<Service, string>> = {
  ds: 'DsAuthToken',
  qs: 'QsAuthToken',
  as: 'AsAuthToken',
  federation: 'InterQsAuthToken',
  'well-known': 'WellKnownAuthToken',
};

/** Label of a QS-to-QS message. */
export const qsToQsLabel = 'QsToQsMessage';
