export {
  type AuditBook,
  AUDIT_BOOKS,
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
