import type { ConsentDefault } from '../consent/index.ts';
import type { Bilingual } from '../kernel/bilingual.ts';
import type { InstitutionCode, ZoneCode } from '../organisation/index.ts';
import type { OrderPurpose } from './facts.ts';
import type { PrivacyPolicy } from './privacy-policy.ts';

/**
 * A class of results that is hidden between institutions unless the purpose of the order asks for it (HIV, sexually
 * transmitted, genetic …). All given members restrict; an item belongs to the class when one of them names it.
 */
export interface RestrictedClass {
  readonly code: string;
  readonly text: Bilingual;
  readonly items?: readonly string[];
  readonly itemTags?: readonly string[];
  /**
   * Words by which something that no code map has given an item yet, or a wrong one, is known by its name to be of the
   * class. Compared in full width folded to half width, without spaces, in lower case.
   */
  readonly words?: readonly string[];
  /** Purposes of the order for which results of the class are disclosed. */
  readonly purposes: readonly OrderPurpose[];
  /** Whether an emergency access opens the class too. Absent: it stays hidden then as always. */
  readonly opensInEmergency?: boolean;
}

/** Parts of a policy that a source can be named for. */
export const SOURCED_PARTS = [
  'consent',
  'spokenConsentHours',
  'silentEncounterClasses',
  'restrictedClasses',
  'privacy.emergencyMinutes',
  'privacy.reviewDays',
  'privacy.namesStaffToPatients',
  'privacy.rules.colleague',
  'privacy.rules.watched-person',
  'privacy.rules.no-encounter',
  'privacy.rules.bulk',
] as const;

/** Where a part of a policy comes from: the instrument, and how far it goes; the rest is somebody's choice, and says so. */
export interface PolicySource {
  readonly of: (typeof SOURCED_PARTS)[number];
  /** Absent: no instrument says anything about it. */
  readonly titleZh?: string;
  readonly number?: string;
  readonly article?: string;
  /** What the instrument leaves open and how it was filled. */
  readonly noteZh: string;
}

/** Content of list kind `policy`: what a jurisdiction decides that is not a list. */
export interface Policy {
  /** The zone whose institutions it binds; absent: every institution without a policy of its own zones. */
  readonly zone?: ZoneCode;
  /** The repeat reminder's own clock (重复提醒; Chongqing: 3 months): how far back a doctor is told of earlier results. */
  readonly repeatReminderCivilDays: number;
  /**
   * What counts between institutions before the patient has done anything. `assumed-by-policy` is how lists wrote `assumed`
   * before acts of consent were recorded.
   */
  readonly consent: ConsentDefault | 'assumed-by-policy';
  /** How long consent by word of mouth at the desk lasts; absent: as the shipped policy says. */
  readonly spokenConsentHours?: number;
  /** Encounter classes in which the doctor is never interrupted. */
  readonly silentEncounterClasses: readonly string[];
  /** Minimum length of the free text that N6 needs. */
  readonly otherReasonMinimum: number;
  /** Institutions that chose to name the price of the repeat on the notice to the patient. */
  readonly noticePriceInstitutions?: readonly InstitutionCode[];
  /** Classes of results that are hidden by default. */
  readonly restrictedClasses?: readonly RestrictedClass[];
  /** Emergency access, its review, and what in the access log opens a case; absent: as the shipped policy says. */
  readonly privacy?: PrivacyPolicy;
  /** Where its parts come from. */
  readonly sources?: readonly PolicySource[];
}

/** Who has published something. */
export interface PublishedBy {
  readonly code: string;
  readonly version: string;
  readonly authorityZh: string;
  /** True for what is shipped with the platform and counts where a jurisdiction has said nothing. */
  readonly isShipped: boolean;
}

/**
 * A policy as it binds: the jurisdiction's own, and the shipped one in the parts that an older policy does not have yet.
 */
export interface BindingPolicy extends Policy {
  readonly spokenConsentHours: number;
  readonly restrictedClasses: readonly RestrictedClass[];
  readonly privacy: PrivacyPolicy;
  /** Whose decision the part `privacy` is, with the sources named there. */
  readonly privacyBy: PublishedBy & { readonly sources: readonly PolicySource[] };
}
