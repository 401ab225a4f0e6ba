import { civilDateText, civilDayNumber, CHINA_ZONE, startOfCivilDay } from '../../kernel/civil-day.ts';
import { HOUR_MS, type Instant, instant } from '../../kernel/instant.ts';
import { EXAMINATION_ROOMS } from './examinations.ts';
import { localCatalogueOf } from './local-codes.ts';
import { ageOn, type DemonstrationPerson, type Home } from './person.ts';
import type { Episode } from './physiology.ts';
import type { Random } from './random.ts';
import type { DemonstrationInstitution } from './region.ts';
import type { LaboratoryService } from './laboratory-services.ts';
import { ACUTE_REASONS, CHRONIC_REASONS, type VisitReason, WOMEN_REASON } from './visit-reasons.ts';

/** A visit before any report is written: who goes where, why, and what is ordered. */
export interface Visit {
  readonly institution: DemonstrationInstitution;
  readonly at: Instant;
  readonly reason: VisitReason;
  readonly episode: Episode;
  readonly services: readonly LaboratoryService[];
  readonly examinations: readonly { readonly item: string; readonly side: 'left' | 'right' | null }[];
}

/** Where people of a place go, from near to far. */
const CHOICES: Readonly<Record<Home, readonly (readonly [DemonstrationInstitution, number])[]>> = {
  consortium: [
    ['YX-COUNTY', 38],
    ['YX-TCM', 13],
    ['YX-QINGSHI', 12],
    ['YX-BAIMA', 6],
    ['WX-CENTRAL', 13],
    ['WX-SECOND', 7],
    ['WX-IMAGING', 3],
    ['QL-FIRST', 3],
    ['QL-MILITARY', 2],
    ['HQ-PROVINCIAL', 3],
  ],
  wangxi: [
    ['WX-CENTRAL', 42],
    ['WX-SECOND', 30],
    ['WX-IMAGING', 5],
    ['YX-COUNTY', 8],
    ['QL-FIRST', 8],
    ['HQ-PROVINCIAL', 5],
  ],
  qinglan: [
    ['QL-FIRST', 40],
    ['QL-TCM', 18],
    ['QL-DONGHU', 16],
    ['QL-MILITARY', 16],
    ['WX-CENTRAL', 4],
    ['HQ-PROVINCIAL', 6],
  ],
};

const institutionFor = (
  random: Random,
  home: Home,
  reason: VisitReason,
  age: number,
): DemonstrationInstitution => {
  const mothersAndChildren = reason.code === 'pregnancy' || reason.code === 'women' || age < 14;
  if (mothersAndChildren && home !== 'qinglan' && random.chance(home === 'wangxi' ? 0.7 : 0.4))
    return 'WX-MCH';
  for (;;) {
    const chosen = random.weighted(CHOICES[home]);
    const imagingOnly =
      chosen === 'WX-IMAGING' && !reason.examinations.some(([item]) => !item.startsWith('EC-'));
    if (!imagingOnly) return chosen;
  }
};

/** Days before now: every other visit in the last ninety days, the rest over two years. */
const daysBefore = (random: Random): number =>
  random.chance(0.5) ? random.whole(1, 90) : random.whole(91, 729);

/** A moment on a day so many days before now, in the hours in which people are seen. */
export const momentOfDay = (now: Instant, days: number, random: Random): Instant => {
  const day = startOfCivilDay(civilDayNumber(now, CHINA_ZONE) - days, CHINA_ZONE);
  return instant(day + random.whole(7 * 60 + 30, 11 * 60 + 40) * 60_000 + random.whole(0, 59) * 1000);
};

const sided = (item: string): boolean => /KNEE|XR-ANK|XR-HAND/.test(item);

/** What is ordered at a visit, out of what the institution can order. */
const orderedAt = (
  institution: DemonstrationInstitution,
  reason: VisitReason,
  random: Random,
): Pick<Visit, 'services' | 'examinations'> => {
  const panels = localCatalogueOf(institution).panels;
  const rooms = EXAMINATION_ROOMS[institution] ?? [];
  const services = reason.services.filter(
    ([service, chance]) => random.chance(chance) && panels.has(service),
  );
  const examinations = reason.examinations.filter(
    ([item, chance]) => random.chance(chance) && rooms.includes(item),
  );
  return {
    services: services.map(([service]) => service),
    examinations: examinations.map(([item]) => ({
      item,
      side: sided(item) ? random.pick(['left', 'right'] as const) : null,
    })),
  };
};

const visitCount = (person: DemonstrationPerson, age: number, random: Random): number => {
  const expected = 0.9 + 0.75 * person.conditions.length + (age < 6 ? 1.2 : age > 65 ? 0.8 : 0);
  let count = 0;
  for (let left = expected; left > 0; left--) if (random.chance(Math.min(0.8, left))) count++;
  return Math.max(count, random.chance(0.75) ? 1 : 0);
};

const reasonFor = (person: DemonstrationPerson, age: number, random: Random): VisitReason => {
  const chronic = person.conditions.map((condition) => CHRONIC_REASONS[condition]);
  if (chronic.length > 0 && random.chance(0.68)) return random.pick(chronic);
  if (person.sex === 'female' && age >= 20 && age < 55 && random.chance(0.2)) return WOMEN_REASON;
  const column = age < 14 ? 0 : age < 60 ? 1 : 2;
  return random.weighted(ACUTE_REASONS.map(([reason, weights]) => [reason, weights[column]] as const));
};

/** Who is referred or goes elsewhere is seen again with the same complaint within days. */
const SECOND_OPINION = 0.24;

/**
 * The visits of a person over the last twenty-four months, oldest first. None lies before the person's birth.
 */
export const visitsOf = (person: DemonstrationPerson, now: Instant, random: Random): readonly Visit[] => {
  const stream = random.fork('visits');
  const today = civilDateText(now).replaceAll('-', '');
  const age = ageOn(person.birthDate, today);
  const visits: Visit[] = [];
  const conceived = stream.whole(1, 250);
  const add = (days: number, reason: VisitReason, place?: DemonstrationInstitution): void => {
    const own = stream.fork(`visit-${visits.length}`);
    const at = momentOfDay(now, days, own);
    if (civilDateText(at).replaceAll('-', '') < person.birthDate) return;
    const institution = place ?? institutionFor(own, person.home, reason, age);
    const week = Math.floor((conceived - days) / 7) + 2;
    const ordered = orderedAt(institution, reason, own);
    if (ordered.services.length + ordered.examinations.length === 0) return;
    visits.push({
      institution,
      at,
      reason,
      episode: {
        ...(reason.infection ? { infection: true } : {}),
        ...(person.conditions.includes('pregnancy') && week >= 4 && week <= 41
          ? { pregnancyWeek: week }
          : {}),
      },
      ...ordered,
    });
  };
  const count = visitCount(person, age, stream);
  for (let index = 0; index < count; index++) {
    const reason = reasonFor(person, age, stream);
    const days =
      reason.code === 'pregnancy' ? stream.whole(1, Math.max(2, conceived - 28)) : daysBefore(stream);
    const before = visits.length;
    add(days, reason);
    const elsewhere = visits.length > before && days > 2 && stream.chance(SECOND_OPINION);
    if (elsewhere) add(Math.max(1, days - stream.whole(1, 12)), reason);
  }
  return visits.toSorted((left, right) => left.at - right.at);
};

/** A laboratory's and a reading room's usual way from order to report, in milliseconds. */
export const courseOf = (
  kind: 'laboratory' | 'examination',
  random: Random,
): { readonly collected: number; readonly received: number; readonly reported: number } => {
  const collected = random.whole(8, 45) * 60_000;
  const received = collected + random.whole(12, 50) * 60_000;
  const reported =
    received + (kind === 'laboratory' ? random.whole(35, 200) * 60_000 : random.whole(25, 300) * 60_000);
  return { collected, received, reported: Math.min(reported, 8 * HOUR_MS) };
};
