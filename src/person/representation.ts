import { parseCivilDay } from '../kernel/civil-day.ts';
import { raiser } from '../kernel/fault.ts';
import type { Fault } from '../kernel/fault.ts';
import { DAY_MS, type Instant, instant } from '../kernel/instant.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { PublicId } from '../kernel/uuid.ts';
import { REPRESENTATION_FAULTS } from './representation-faults.ts';

/** What the one who acts is to the one acted for. */
export const REPRESENTATION_RELATIONS = [
  'parent',
  'guardian',
  'child',
  'spouse',
  'sibling',
  'other',
] as const;

/** One of `REPRESENTATION_RELATIONS`. */
export type RepresentationRelation = (typeof REPRESENTATION_RELATIONS)[number];

/** What the desk saw: 户口簿, 出生医学证明, 监护证明, 结婚证, 书面授权委托书, or the patient saying so in person. */
export const REPRESENTATION_EVIDENCE = [
  'household-register',
  'birth-certificate',
  'guardianship-papers',
  'marriage-certificate',
  'written-authorisation',
  'said-in-person',
] as const;

/** One of `REPRESENTATION_EVIDENCE`. */
export type RepresentationEvidence = (typeof REPRESENTATION_EVIDENCE)[number];

/** A recorded relation by which one person acts for another. */
export interface Representation {
  readonly id: PublicId;
  /** Whom is acted for. */
  readonly person: PublicId;
  readonly personId: string;
  /** Who acts. */
  readonly representative: PublicId;
  readonly representativeId: string;
  readonly relation: RepresentationRelation;
  readonly evidence: RepresentationEvidence;
  readonly agreed: boolean;
  /** Whether results of restricted classes are shown too. */
  readonly restricted: boolean;
  readonly startsAt: Instant;
  /** First moment at which it no longer holds. */
  readonly endsAt: Instant;
  readonly recordedAt: Instant;
  readonly endedAt: Instant | null;
}

/** Below this age a parent or guardian decides about a child's personal data (PIPL art. 31). */
export const GUARDIAN_DECIDES_UNDER = 14;
/** From this age on nobody is a guardian by being a parent (Civil Code art. 17, 27). */
export const ADULT_FROM = 18;
/** The longest that anybody's leave to act lasts before it is asked for again. */
export const REPRESENTATION_MAX_DAYS = 3 * 365;

const raise = raiser(REPRESENTATION_FAULTS);

/**
 * First moment of a birthday, in China. Who was born on 29 February has it on 1 March of ordinary years.
 *
 * @param birthDate `YYYY-MM-DD`; undefined is given back for anything less exact
 */
export const birthday = (birthDate: string | null, age: number): Instant | undefined => {
  const [, year = '', monthAndDay = ''] = /^(\d{4})-(\d{2}-\d{2})$/.exec(birthDate ?? '') ?? [];
  if (year === '') return undefined;
  const then = String(Number(year) + age);
  return (
    parseCivilDay(`${then}-${monthAndDay}`) ??
    (monthAndDay === '02-29' ? parseCivilDay(`${then}-03-01`) : undefined)
  );
};

/** Whether a relation lets its holder act at this moment. */
export const isActing = (
  { startsAt, endsAt, endedAt }: Pick<Representation, 'startsAt' | 'endsAt' | 'endedAt'>,
  at: Instant,
): boolean => startsAt <= at && at < endsAt && (endedAt === null || at < endedAt);

/** A relation as the desk is asked to record it. */
export interface StatedRepresentation {
  readonly relation: RepresentationRelation;
  readonly evidence: RepresentationEvidence;
  readonly agreed: boolean;
  readonly restricted: boolean;
  /** First moment at which it shall no longer hold. */
  readonly until: Instant;
}

/**
 * Whether, and until when, somebody may act for a person.
 *
 * | person acted for           | may be recorded                                             | ends at the latest             |
 * | -------------------------- | ----------------------------------------------------------- | ------------------------------ |
 * | under 14                   | for a parent or guardian, on their word and evidence        | 14th birthday (PIPL art. 31)   |
 * | 14 to 17                   | when the child agrees too                                   | 18th birthday, for a parent or guardian |
 * | adult                      | when the person agrees; for a guardian by guardianship papers | three years                  |
 * | birth date unknown         | when the person agrees                                      | three years                    |
 *
 * Restricted classes are opened only where the child is under 14 or the person agrees.
 *
 * @returns first moment at which it no longer holds, or REPRESENTATION_NOT_AGREED, REPRESENTATION_END_INVALID
 */
export const representationEnd = (
  stated: StatedRepresentation,
  birthDate: string | null,
  at: Instant,
): Result<Instant, Fault> => {
  const { relation, evidence, agreed, restricted, until } = stated;
  const fourteenth = birthday(birthDate, GUARDIAN_DECIDES_UNDER);
  const isParental = relation === 'parent' || relation === 'guardian';
  const isSmallChild = fourteenth !== undefined && at < fourteenth;
  const adulthood = birthday(birthDate, ADULT_FROM);
  const isAdult = adulthood !== undefined && at >= adulthood;
  const mayDecide =
    agreed ||
    (isSmallChild && isParental) ||
    (isAdult && relation === 'guardian' && evidence === 'guardianship-papers');
  if (!mayDecide) return fail(raise('REPRESENTATION_NOT_AGREED', { place: 'agreed' }));
  if (restricted && !agreed && !(isSmallChild && isParental))
    return fail(raise('REPRESENTATION_NOT_AGREED', { place: 'restricted' }));
  if (until <= at || until > at + REPRESENTATION_MAX_DAYS * DAY_MS)
    return fail(
      raise('REPRESENTATION_END_INVALID', { place: 'until', detail: `${REPRESENTATION_MAX_DAYS}` }),
    );
  const lawfulEnd = isParental ? (isSmallChild ? fourteenth : isAdult ? undefined : adulthood) : undefined;
  return ok(instant(Math.min(until, lawfulEnd ?? until)));
};
