export { CARE_DAYS, type CareBasis, ENCOUNTER_DAYS, PRESENTED_HOURS } from './care.ts';
export { HOLDERS, type Holder } from './holder.ts';
export {
  type Grant,
  grantOf,
  holdersOf,
  POLICY,
  purposesOf,
  type Reach,
  REACHES,
  type Right,
  RIGHTS,
} from './policy.ts';
export { ACCESS_PURPOSES, type AccessPurpose } from './purpose.ts';
export { type Asker, reaches, type Subject } from './reach.ts';
export {
  readResourceScope,
  RESOURCE_SCOPES,
  type ScopedInteraction,
  type ScopedResource,
  scopeLevelFor,
  scopesWithin,
} from './scope.ts';
export {
  DEFAULT_SIGN_IN_RULES,
  nextSignInStep,
  type PasswordRules,
  type PasswordWeakness,
  passwordWeakness,
  type SignInFacts,
  type SignInRules,
} from './sign-in-rules.ts';
