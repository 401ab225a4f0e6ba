export {
  type AuditBook,
  AUDIT_BOOKS,
  AUDIT_DIGESTS,
  type AuditDigest,
  chainHash,
  type Digest,
  emptyChain,
  memberCount,
  packMembers,
  type SealedBatch,
  unpackMembers,
} from './seal.ts';
export { type AuditFinding, type CurrentRow, compareBatch, compareChain, isSameDigest } from './verify.ts';
export {
  type Anomaly,
  anomaliesOf,
  bulkOf,
  type Look,
  type LookCircumstances,
} from './anomaly.ts';
export {
  CASE_FINDINGS,
  CASE_KINDS,
  CASE_STATES,
  type CaseFinding,
  type CaseKind,
  type CaseState,
  caseDueAt,
  isOverdue,
  stateAfter,
} from './case.ts';
export {
  ACCESS_KINDS,
  accessKindOf,
  accessKindWords,
  basisWords,
  isEmergency,
  isRefused,
  outcomeWords,
  purposeWords,
  roleWords,
  shownPurpose,
} from './access-words.ts';
export { type FoldedLooks, foldLooks, type LoggedLook } from './fold.ts';
export { type CorrectedKind, type Told, toldSentence, toldTitle } from './notification-words.ts';
export {
  chainStart,
  decisionHindrance,
  retirableBefore,
  RETENTION_FLOOR_YEARS,
  type RetiredTo,
  RETIREMENT_ROLES,
  type RetirementPart,
  type RetirementState,
} from './retirement.ts';
