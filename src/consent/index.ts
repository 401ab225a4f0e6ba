export {
  CONSENT_ACT_KINDS,
  CONSENT_PURPOSES,
  CONSENT_RELATIONS,
  CONSENT_WAYS,
  type ConsentAct,
  type ConsentActKind,
  type ConsentPurpose,
  type ConsentRelation,
  type ConsentScope,
  type ConsentState,
  type ConsentWay,
  type EmergencyAccess,
} from './act.ts';
export { EMERGENCY_REASONS, type EmergencyReason, emergencyReasonWords } from './emergency.ts';
export { CONSENT_DEFAULTS, type ConsentDefault, type DisclosureLevel, disclosureLevel } from './level.ts';
export {
  type ConsentQuestion,
  type ConsentStanding,
  consentStanding,
  refusesAnySource,
  standingAgreements,
  standingRestrictions,
} from './standing.ts';
