/** The door of the MLS room. Nothing else of it is imported from outside. */
export { nodeCryptoProvider, type ProviderOptions } from './provider.ts';
export { mlsEnvironment, type EnvironmentOptions, type MlsEnvironment } from './environment.ts';
export { MlsError, type MlsErrorCode } from './error.ts';
export {
  checkKeyPackage,
  createKeyPackage,
  type CheckedKeyPackage,
  type KeyPackageParams,
} from './key-package.ts';
export {
  createGroup,
  describe,
  exportGroupInfo,
  exportSecret,
  exportTree,
  joinByWelcome,
  joinExternally,
  restore,
  serialize,
  type CreateGroupParams,
  type JoinExternallyParams,
  type JoinParams,
  type MadeCommit,
  type MemberDescription,
  type MemberState,
} from './member.ts';
export {
  commit,
  encrypt,
  processMessage,
  propose,
  proposeUpdate,
  type CommitParams,
  type MadeMessage,
  type MemberCommit,
  type Processed,
} from './messages.ts';
export { applyPublicMessage, type AddedMember, type PublicStep } from './public-group.ts';
export {
  describePublic,
  openPublicGroup,
  publicGroupInfo,
  publicTree,
  publicViewOf,
  restorePublicGroup,
  serializePublicGroup,
  type OpenParams,
  type PublicDescription,
  type PublicGroup,
} from './public-state.ts';
export {
  externalSendersExtension,
  proposeExternally,
  type ExternalSender,
} from './external-sender.ts';
export {
  createSuccessor,
  joinSuccessor,
  type CreateSuccessorParams,
  type Successor,
} from './successor.ts';
export type * from './types.ts';
