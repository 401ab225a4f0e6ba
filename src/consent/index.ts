export {
  CONSENT_ACT_KINDS,
  type ConsentAct,
  type ConsentActKind,
  type ConsentScope,
} from './act.ts';
export { CONSENT_DEFAULTS, disclosureLevel } from './level.ts';
export { type ConsentQuestion, consentStanding } from './standing.ts';
