export {
  CASE_DAYS_MAX,
  CASE_OUTCOMES,
  CASE_STATES,
  CASE_SUBJECT_KINDS,
  type CaseCourse,
  type CaseOutcome,
  type CaseState,
  type CaseSubjectKind,
  closeCase,
  decideCase,
  isCaseOpenTo,
  LEGAL_BASES,
  type LegalBasis,
  mayCloseCase,
  mayDecideCase,
} from './case.ts';
export { OVERSIGHT_FAULTS } from './faults.ts';
