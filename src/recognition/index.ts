export * from './answered-offers.ts';
export type * from './correction-rules.ts';
export * from './decide.ts';
export * from './decision-record.ts';
export * from './consent-wording.ts';
export * from './disclose.ts';
export {
  basisText,
  CONSENT_NOT_RECORDED,
  consentDefaultOf,
  type Disclosure,
  disclosureOf,
  isNameDisclosed,
  SOMEWHERE_ELSE,
  shownBasis,
  stricterDisclosure,
} from './disclosure.ts';
export { evaluate } from './evaluate.ts';
export * from './execution.ts';
export * from './explain.ts';
export type * from './facts.ts';
export { FOLD, rowRank } from './fold.ts';
export type * from './incoming-order.ts';
export type * from './legal-bases.ts';
export * from './list-document.ts';
export * from './may-be-told.ts';
export * from './notice.ts';
export type * from './notice-template.ts';
export * from './notice-text.ts';
export * from './order-session.ts';
export type * from './panel-decision.ts';
export * from './policy.ts';
export * from './reasons.ts';
export * from './replay.ts';
export type * from './rules.ts';
export type * from './sentences.ts';
export { type CompiledSnapshot, compileSnapshot, manifestOf, snapshotId } from './snapshot.ts';
export type * from './verdict.ts';
export type * from './privacy-policy.ts';
