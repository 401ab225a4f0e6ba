export {
  type CaseCourse,
  type CaseOutcome,
  type CaseState,
  type CaseSubjectKind,
  closeCase,
  decideCase,
  isCaseOpenTo,
  type LegalBasis,
  mayCloseCase,
  mayDecideCase,
} from './case.ts';
export { OVERSIGHT_FAULTS } from './faults.ts';
