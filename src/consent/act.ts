import type { Instant } from '../kernel/instant.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { InstitutionCode } from '../organisation/index.ts';

/**
 * What a patient did (PIPL art. 14 to 16, 29): was informed, consented, refused, or took an earlier act back. Acts are
 * never changed; a later one counts instead.
 */
export const CONSENT_ACT_KINDS = ['informed', 'consented', 'denied', 'withdrawn'] as const;

/** One of `CONSENT_ACT_KINDS`. */
export type ConsentActKind = (typeof CONSENT_ACT_KINDS)[number];

/** How the act came about: spoken at the desk, at registration, by code or QR on the patient's phone, on paper with a scan. */
export const CONSENT_WAYS = ['spoken', 'registration', 'code', 'qr', 'phone', 'paper'] as const;

/** One of `CONSENT_WAYS`. */
export type ConsentWay = (typeof CONSENT_WAYS)[number];

/** Who acted: the patient, or somebody for the patient. PIPL art. 31: for a child under fourteen, a parent or guardian. */
export const CONSENT_RELATIONS = [
  'self',
  'parent',
  'guardian',
  'spouse',
  'child',
  'sibling',
  'other',
] as const;

/** One of `CONSENT_RELATIONS`. */
export type ConsentRelation = (typeof CONSENT_RELATIONS)[number];

/** What results are read for; an act is given for one purpose (PIPL art. 6, 14). */
export const CONSENT_PURPOSES = ['treatment', 'quality', 'research'] as const;

/** One of `CONSENT_PURPOSES`. */
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number];

/** What an act is about. null means all; a null record class means all that is not restricted. */
export interface ConsentScope {
  readonly purpose: ConsentPurpose;
  /** The institution whose results are meant. */
  readonly source: InstitutionCode | null;
  /** The institution that may read, or may not. */
  readonly recipient: InstitutionCode | null;
  /** Code of a restricted class (HIV, genetic …); only an act that names a class opens it. */
  readonly recordClass: string | null;
}

/** One recorded act of consent. */
export interface ConsentAct {
  readonly id: PublicId;
  readonly kind: ConsentActKind;
  readonly scope: ConsentScope;
  readonly relation: ConsentRelation;
  readonly way: ConsentWay;
  /** Text that was read or shown, by version. */
  readonly wording: string;
  readonly actedAt: Instant;
  /** When it ends by itself; null for an act without an end. */
  readonly until: Instant | null;
}

/**
 * Emergency access (破窗): an institution opens a person's results without consent because a life depends on it. It ends by
 * itself and is reviewed afterwards.
 */
export interface EmergencyAccess {
  readonly id: PublicId;
  /** The institution that opened it, and for which alone it counts. */
  readonly recipient: InstitutionCode;
  /** The doctor who opened it, and for whom alone it counts: 工号 (staff number), else the actor's name. */
  readonly doctor: string;
  readonly openedAt: Instant;
  readonly until: Instant;
}

/**
 * What is known of a patient's consent at a moment, for one reader: every recorded act, and the emergency accesses that
 * this reader opened to the patient's results.
 */
export interface ConsentState {
  readonly acts: readonly ConsentAct[];
  readonly emergencies: readonly EmergencyAccess[];
  readonly at: Instant;
}
