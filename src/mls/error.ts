/**
 * Refusals of the MLS room. Whatever a peer sends ends in one of these or is accepted; any other
 * exception out of `src/mls` is a bug of the lab.
 */
export class MlsError extends Error {
  override readonly name = 'MlsError';
  readonly code: MlsErrorCode;
  readonly remedy: string;
  constructor(code: MlsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedies[code];
  }
}

export type MlsErrorCode = keyof typeof remedies;

const remedies = {
  malformed: 'send an MLSMessage encoded as RFC 9420, section 6 says, without trailing bytes',
  'unsupported-suite': 'use a suite of src/suites/registry.ts',
  'wrong-group': 'send the message to the group that it names',
  'wrong-epoch': 'process the commits of the epochs in between, then make the message again',
  'not-a-member': 'let a member of the group send it, or join first',
  'bad-signature': 'sign with the key of the sender leaf, over the group context of this epoch',
  'bad-tag': 'use the keys of this epoch; a sender without them is no member',
  'bad-leaf': 'use a leaf with fresh keys that supports what the group requires',
  'bad-tree': 'fetch the ratchet tree of this epoch again',
  'bad-path': 'make the UpdatePath for the tree after the proposals of the commit',
  'bad-proposals': 'leave out the proposals that RFC 9420, section 12.2 excludes',
  'path-required': 'add an UpdatePath: only add, psk and reinit commits may go without',
  'unknown-proposal': 'send the proposal before the commit that refers to it',
  'unknown-psk': 'give the pre-shared key, or the state of the group that it resumes',
  undecryptable: 'drop the message, or resync when it was a commit',
  'own-message': 'keep the state that creating the message returned',
  'pending-proposals': 'commit the open proposals first',
  frozen: 'the group is re-initialized: join or create its successor',
  removed: 'this member is removed: join again to take part',
  'bad-welcome': 'ask for a new Welcome, made for a KeyPackage whose private keys are kept',
  'bad-state': 'restore a state that this version of the lab serialized',
  rejected: 'make a message that RFC 9420 admits; the text says which rule it broke',
} as const;

/** Texts of the library by the refusal they stand for; the first that fits. */
const patterns: readonly (readonly [RegExp, MlsErrorCode])[] = [
  [/[Uu]pdate path is required|contains no update path/, 'path-required'],
  [/supplied reference/, 'unknown-proposal'],
  [/pskId/, 'unknown-psk'],
  [/epoch/i, 'wrong-epoch'],
  [/membership|confirmation tag/, 'bad-tag'],
  [
    /leaf node signature|capabilities|credential|keys not unique|Lifetime|identicial|keypackage/,
    'bad-leaf',
  ],
  [/parent hash|tree hash|structurally|[Uu]nmerged|unmerged_leaves|RatchetTree/, 'bad-tree'],
  [
    /UpdatePath|committer's current leaf|common ancestor|provided private keys|Expected .*node/,
    'bad-path',
  ],
  [/[Ss]ignature/, 'bad-signature'],
  [
    /Commit c|Invalid proposals|Cannot contain|Tried to remove|ReInit|Reinit|Not all members|Added leaf/,
    'bad-proposals',
  ],
  [/find leafnode|external_sender|new_member/, 'not-a-member'],
  [/unapplied proposals/, 'pending-proposals'],
  [/suspended pending reinit/, 'frozen'],
  [/after being removed/, 'removed'],
  [/secret found|group secrets|group info|own leaf/, 'bad-welcome'],
  [/generation|[Dd]ecrypt/, 'undecryptable'],
  [/buffer|[Ll]ength|decode|Payload/, 'malformed'],
];

/** Any exception as a refusal; those that are one already stay as they are. */
export function asMlsError(cause: unknown, otherwise: MlsErrorCode = 'rejected'): MlsError {
  if (cause instanceof MlsError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = patterns.find(([pattern]) => pattern.test(text))?.[1] ?? otherwise;
  return new MlsError(code, text, { cause });
}

/** Runs `step`; what it throws leaves as `MlsError`. */
export async function refusing<T>(
  step: () => Promise<T>,
  otherwise: MlsErrorCode = 'rejected',
): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw asMlsError(cause, otherwise);
  }
}
