import type { JsonValue } from '../kernel/canonical-json.ts';
import type { CandidateFacts } from './facts.ts';

/**
 * How a candidate is written in a stored decision. Members that hold their usual value are left out, and those that
 * several results of one report share are written once.
 */
type Written = { readonly [member: string]: JsonValue };

const SHARED_USUAL = {
  reportVersion: 1,
  performerCampus: null,
  standing: 'final',
  identity: 'strong',
  collectedAt: null,
  collectedPrecision: 'minute',
  receivedAt: null,
  reportedAt: null,
  specimen: null,
  specimenStates: [],
  fasting: null,
  timePoint: null,
  pointOfCare: false,
  images: 'not-applicable',
  imaging: null,
} as const satisfies Partial<CandidateFacts>;

const OWN_USUAL = {
  side: null,
  methodClass: null,
  unit: '',
  flag: 'normal',
} as const satisfies Partial<CandidateFacts>;

const same = (left: JsonValue, right: JsonValue): boolean =>
  left === right || (Array.isArray(left) && left.length === 0 && Array.isArray(right) && right.length === 0);

const unusual = (candidate: CandidateFacts, usual: Written): { [member: string]: JsonValue } => {
  const written: { [member: string]: JsonValue } = {};
  for (const member of Object.keys(usual)) {
    const value = candidate[member as keyof CandidateFacts] as JsonValue;
    if (!same(value, usual[member] as JsonValue)) written[member] = value;
  }
  return written;
};

/** The candidates of a decision as they are stored. */
export interface WrittenCandidates {
  readonly reports: readonly Written[];
  readonly results: readonly Written[];
}

/** Writes candidates down, compactly and without loss. */
export const writeCandidates = (candidates: readonly CandidateFacts[]): WrittenCandidates => {
  const reports: Written[] = [];
  const places = new Map<string, number>();
  const results = candidates.map((candidate): Written => {
    const shared: { [member: string]: JsonValue } = unusual(candidate, SHARED_USUAL);
    shared['report'] = candidate.report;
    shared['performer'] = candidate.performer;
    if (candidate.reporter !== candidate.performer) shared['reporter'] = candidate.reporter;
    const key = JSON.stringify(shared);
    let place = places.get(key);
    if (place === undefined) {
      place = reports.length;
      places.set(key, place);
      reports.push(shared);
    }
    return {
      ...unusual(candidate, OWN_USUAL),
      item: candidate.item,
      ordinal: candidate.ordinal,
      report: place,
    };
  });
  return { reports, results };
};

/** Reads candidates back as they were written. */
export const readCandidates = ({ reports, results }: WrittenCandidates): readonly CandidateFacts[] =>
  results.map((own) => {
    const shared = reports[own['report'] as number] as Written;
    return {
      ...SHARED_USUAL,
      ...OWN_USUAL,
      reporter: shared['performer'],
      ...own,
      ...shared,
    } as unknown as CandidateFacts;
  });
