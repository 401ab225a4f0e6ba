import { DAY_MS, type Instant } from '../../kernel/instant.ts';
import { ANALYTES, type Analyte, intervalFor, SHIFTS } from './analytes.ts';
import type { Condition, DemonstrationPerson } from './person.ts';
import type { Random } from './random.ts';

/** What passes: an infection at the time of a visit, or the week of a pregnancy. */
export interface Episode {
  readonly infection?: boolean;
  readonly pregnancyWeek?: number;
}

/**
 * The body behind the values: each quantity has a set-point of its own and wanders about it, so that two results of one
 * person lie closer together the nearer they are in time.
 */
export interface Body {
  /** True value at that moment, in the analyte's own unit. */
  value(item: string, at: Instant, age: number, episode: Episode): number;
  /** Share of neutrophils among the white cells at that moment, as a fraction. */
  neutrophils(age: number, episode: Episode): number;
  /** True for infections that a test answers with yes or no. */
  positive(item: string): boolean;
}

/** Days in which half of a deviation from the set-point is forgotten. */
const MEMORY_DAYS = 20;

/** hCG in IU/L by week: doubling in the early weeks, falling after the tenth. */
const hcgOfWeek = (week: number): number =>
  week <= 10
    ? Math.min(120_000, 12 * 2 ** ((week - 3) * 2.1))
    : Math.max(9_000, 120_000 * 0.88 ** (week - 10));

const setPoint = (analyte: Analyte, sex: 'male' | 'female', age: number, z: number): number => {
  const { low, high } = intervalFor(analyte, sex, age);
  const spread = Math.max(-1.7, Math.min(1.7, z));
  if (low !== null && high !== null) {
    // The set-points of healthy people fill the middle of the interval; what is left is their own day-to-day variation.
    const logMiddle = (Math.log(low) + Math.log(high)) / 2;
    const room = (Math.log(high) - Math.log(low)) / 2 - analyte.within;
    const step = Math.min(analyte.between, Math.max(room, 0.002) / 1.96);
    return Math.exp(logMiddle + spread * step);
  }
  const end = (high ?? low) as number;
  return end * analyte.typical * Math.exp(spread * Math.min(analyte.between, 0.3));
};

const shiftOf = (item: string, conditions: readonly (Condition | 'infection')[], severity: number): number =>
  conditions.reduce((factor, condition) => factor * (SHIFTS[condition][item] ?? 1) ** severity, 1);

const CARRIED: Readonly<Record<string, Condition>> = {
  'LI-HBSAG': 'hepatitis-b',
  'LI-HBEAG': 'hepatitis-b',
  'LI-HBCAB': 'hepatitis-b',
};

/** The body of a person; everything follows from the stream's name and the order of the questions about one item. */
export const bodyOf = (person: DemonstrationPerson, random: Random): Body => {
  const severity = 0.65 + 0.6 * random.fork('severity').next();
  const states = new Map<
    string,
    { readonly z: number; deviation: number; at: number; readonly stream: Random }
  >();
  const positives = new Map<string, boolean>();

  const deviationAt = (item: string, at: Instant): { z: number; deviation: number } => {
    let state = states.get(item);
    if (!state) {
      const stream = random.fork(item);
      state = { z: stream.normal(), deviation: stream.normal(), at, stream };
      states.set(item, state);
      return state;
    }
    const kept = 0.5 ** (Math.abs(at - state.at) / DAY_MS / MEMORY_DAYS);
    state.deviation = kept * state.deviation + Math.sqrt(1 - kept * kept) * state.stream.normal();
    state.at = at;
    return state;
  };

  return {
    value(item, at, age, episode) {
      const analyte = ANALYTES.get(item);
      if (!analyte) throw new RangeError(`no analyte for ${item}`);
      const { z, deviation } = deviationAt(item, at);
      if (item === 'LI-BHCG' && episode.pregnancyWeek !== undefined)
        return hcgOfWeek(episode.pregnancyWeek) * Math.exp(0.1 * z);
      const lasting = person.conditions.filter(
        (condition) => condition !== 'pregnancy' || episode.pregnancyWeek !== undefined,
      );
      const shift =
        shiftOf(item, lasting, severity) * (episode.infection ? shiftOf(item, ['infection'], severity) : 1);
      return (
        setPoint(analyte, person.sex, age, z) *
        shift *
        Math.exp(Math.max(-2.5, Math.min(2.5, deviation)) * analyte.within)
      );
    },
    neutrophils(age, episode) {
      const base = age < 6 ? 0.4 : 0.58;
      return Math.min(0.92, base + (episode.infection ? 0.22 * severity : 0) + random.normal() * 0.04);
    },
    positive(item) {
      let answer = positives.get(item);
      if (answer === undefined) {
        const carrier = CARRIED[item];
        const stream = random.fork(`positive-${item}`);
        answer = carrier
          ? person.conditions.includes(carrier) && (item !== 'LI-HBEAG' || stream.chance(0.3))
          : stream.chance(
              { 'LI-HBSAB': 0.55, 'LI-HBEAB': 0.12, 'LI-HCVAB': 0.006, 'LI-HIV': 0.0008, 'LI-TPAB': 0.008 }[
                item
              ] ?? 0.1,
            );
        positives.set(item, answer);
      }
      return answer;
    },
  };
};
