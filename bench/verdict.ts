import { demonstrationLists } from '../src/apps/demonstration/lists.ts';
import { randomStream } from '../src/apps/demonstration/random.ts';
import type { ItemCode } from '../src/catalogue/index.ts';
import { HOUR_MS, instant, type Instant } from '../src/kernel/instant.ts';
import type { PublicId } from '../src/kernel/uuid.ts';
import type { InstitutionCode } from '../src/organisation/index.ts';
import {
  type CandidateFacts,
  type CompiledSnapshot,
  compileSnapshot,
  evaluate,
  manifestOf,
  type OrderFacts,
  type VerdictGrade,
} from '../src/recognition/index.ts';

const PAIRS = 4_096;
const PERFORMERS = ['WX-CENTRAL', 'WX-SECOND', 'QL-FIRST', 'YX-TCM', 'YX-QINGSHI', 'WX-LAB', 'YX-COUNTY'];
const ITEMS = [
  'LC-ALT',
  'LC-CREA',
  'LC-GLU',
  'LC-K',
  'LC-TC',
  'LH-WBC',
  'LH-HGB',
  'LI-HBSAG',
  'LI-TSH',
  'LG-PT',
];

interface Pair {
  readonly order: OrderFacts;
  readonly candidate: CandidateFacts;
}

/** Pairs of an order at the county hospital and an earlier result, in the item's own unit and specimen. */
const pairsAt = (snapshot: CompiledSnapshot, at: Instant): readonly Pair[] => {
  const random = randomStream('bench verdict');
  return Array.from({ length: PAIRS }, (_, index): Pair => {
    const item = random.pick(ITEMS) as ItemCode;
    const defined = snapshot.itemOf(item, at);
    if (!defined) throw new RangeError(`the catalogue has no ${item}`);
    const performer = random.pick(PERFORMERS) as InstitutionCode;
    // Most earlier results are days old, some weeks.
    const collectedAt = instant(at - HOUR_MS * Math.round(1 + 24 * 40 * random.next() ** 3));
    return {
      order: {
        institution: 'YX-COUNTY' as InstitutionCode,
        encounterClass: 'outpatient',
        purpose: 'diagnosis',
        diagnoses: ['K29.500'],
        item,
      },
      candidate: {
        report: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}` as PublicId,
        ordinal: 1,
        reportVersion: 1,
        item,
        side: null,
        specimen: defined.specimens[0] ?? null,
        specimenStates: [],
        fasting: null,
        timePoint: null,
        pointOfCare: false,
        standing: 'final',
        identity: 'strong',
        collectedAt,
        collectedPrecision: 'minute',
        receivedAt: instant(collectedAt + HOUR_MS),
        reportedAt: instant(collectedAt + 3 * HOUR_MS),
        performer,
        reporter: performer,
        performerCampus: null,
        methodClass: null,
        unit: defined.unit ?? '',
        flag: 'normal',
        images: 'not-applicable',
        imaging: null,
      },
    };
  });
};

/** The verdict alone: microseconds of one `evaluate`, and how the grades of the pairs fell. */
export const timeVerdict = (
  seconds: number,
): { readonly microseconds: number; readonly grades: Readonly<Partial<Record<VerdictGrade, number>>> } => {
  const at = instant(Date.now());
  const { manifest, documents } = manifestOf(demonstrationLists(at));
  const snapshot = compileSnapshot(manifest, documents);
  const pairs = pairsAt(snapshot, at);
  const patient = { interventions: [] };
  const grades: Partial<Record<VerdictGrade, number>> = {};
  for (const { order, candidate } of pairs) {
    const { grade } = evaluate(order, candidate, snapshot, patient, at);
    grades[grade] = (grades[grade] ?? 0) + 1;
  }
  const round = (): number => {
    let checks = 0;
    for (const { order, candidate } of pairs)
      checks += evaluate(order, candidate, snapshot, patient, at).checks.length;
    return checks;
  };
  const warmUntil = performance.now() + 1_000;
  while (performance.now() < warmUntil) round();
  let rounds = 0;
  // CPU time, not wall time: other work on the machine must not count.
  const before = process.cpuUsage();
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    round();
    rounds++;
  }
  const { user, system } = process.cpuUsage(before);
  return { microseconds: (user + system) / (rounds * pairs.length), grades };
};
