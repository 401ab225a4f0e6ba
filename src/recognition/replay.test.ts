import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import DECISIONS_OF_BEFORE from '../../test/decisions-of-before.json' with { type: 'json' };
import { axialStack } from '../../test/example-headers.ts';
import {
  compiled,
  EXAMPLE,
  exampleDocuments,
  itemCode,
  moment,
  NOW,
  nodulesNeedThinSlices,
  resultOf,
  sessionOf,
  UNTREATED,
  withRow,
  listRow,
  listDocument,
  zoneCode,
} from '../../test/example-region.ts';
import { imageFacts, studyFacts } from '../imaging/index.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { Search } from './decide.ts';
import { erasedFactsText, readFacts, verdictsText } from './decision-record.ts';
import { EVALUATOR_VERSION, EVALUATORS } from './evaluators.ts';
import type { CandidateFacts } from './facts.ts';
import { decideAndRecord, replay } from './replay.ts';

const report = (n: number): PublicId => `01934e2a-0000-7000-8000-${String(n).padStart(12, '0')}` as PublicId;
const searched = (candidates: readonly CandidateFacts[]): Search => ({
  kind: 'searched',
  candidates,
  patient: UNTREATED,
});

const FIVE_LINES = sessionOf(
  [
    { localCode: 'K01' },
    { localCode: 'ALT' },
    { localCode: 'XB' },
    { localCode: 'DR2' },
    { localCode: 'BHCG' },
  ],
  { diagnoses: ['J18.900'] },
);
const chemistry = { report: report(1), reportedAt: moment('2026-11-15 11:00') };
const CANDIDATES: readonly CandidateFacts[] = [
  resultOf('LC-K', '2026-11-15 08:00', { ...chemistry, ordinal: 1 }),
  resultOf('LC-ALT', '2026-11-15 08:00', { ...chemistry, ordinal: 2 }),
  resultOf('LC-K', '2026-10-15 08:00', { report: report(2), ordinal: 1 }),
  resultOf('LH-WBC', '2026-11-18 08:00', {
    report: report(3),
    ordinal: 1,
    performer: 'LAB',
    reporter: 'JIANG-1',
  }),
  resultOf('LH-WBC', '2026-11-19 08:00', { report: report(4), ordinal: 1, performer: 'JIANG-2' }),
  resultOf('XR-CHEST-2V', '2026-11-15 08:00', { report: report(5), flag: 'abnormal' }),
  resultOf('LI-BHCG', '2026-11-15 08:00', { report: report(6), methodClass: 'clia' }),
];

describe('the record of a decision', () => {
  const { record } = decideAndRecord(FIVE_LINES, searched(CANDIDATES), EXAMPLE, NOW);

  it('of five lines with one or two earlier results each takes at most 2.5 kB', () => {
    expect(Buffer.byteLength(record.facts) + Buffer.byteLength(record.verdicts)).toBeLessThanOrEqual(2560);
  });

  it('replays to the same bytes', () => {
    expect(replay(record, EXAMPLE)).toMatchObject({ outcome: 'same', verdicts: record.verdicts });
  });

  it('of an evaluator of before still replays by that one: images of 5 mm were no fault then', () => {
    const images = { images: 'present', imaging: imageFacts(studyFacts(axialStack(60, 5)), null) } as const;
    const chest = resultOf('CT-CHEST-P', '2026-11-15 08:00', images);
    const session = sessionOf([{ item: itemCode('CT-CHEST-P') }], { diagnoses: ['R91'] });
    const snapshot = compiled([...exampleDocuments(), nodulesNeedThinSlices()]);
    const now = decideAndRecord(session, searched([chest]), snapshot, NOW);
    expect(now.record.evaluator).toBe(5);
    expect(now.decision.lines[0]?.parts[0]?.assessed[0]?.verdict.row).toBe('images-not-fit');
    const before = EVALUATORS.get(1)?.decide(session, searched([chest]), snapshot, NOW);
    if (!before) throw new RangeError('version 1 is gone');
    const record = { ...now.record, evaluator: 1, verdicts: verdictsText(before) };
    expect(record.verdicts).not.toBe(now.record.verdicts);
    expect(replay(record, snapshot).outcome).toBe('same');
  });

  it('shows a verdict that was altered as different', () => {
    const altered = { ...record, verdicts: record.verdicts.replace('all-pass', 'draft') };
    expect(altered.verdicts).not.toBe(record.verdicts);
    expect(replay(altered, EXAMPLE).outcome).toBe('different');
  });

  it('shows altered facts as different', () => {
    const altered = {
      ...record,
      facts: record.facts.replaceAll(String(moment('2026-11-15 08:00')), String(moment('2026-11-05 08:00'))),
    };
    expect(replay(altered, EXAMPLE).outcome).toBe('different');
  });

  it('is not replayed under other lists or by an evaluator that this program does not have', () => {
    const other = compiled(withRow(listRow('LC-K', 1)));
    expect(() => replay(record, other)).toThrow(expect.objectContaining({ code: 'DECISION_SNAPSHOT_OTHER' }));
    expect(() => replay({ ...record, evaluator: 999 }, EXAMPLE)).toThrow(
      expect.objectContaining({ code: 'EVALUATOR_UNKNOWN' }),
    );
    expect(() => replay({ ...record, facts: '{' }, EXAMPLE)).toThrow(
      expect.objectContaining({ code: 'DECISION_UNREADABLE' }),
    );
  });

  it('whose facts were lawfully erased replays as erased, with authority and date', () => {
    const erased = { authority: '鄂省卫生健康委', erasedAt: NOW };
    expect(replay({ ...record, facts: erasedFactsText(erased) }, EXAMPLE)).toEqual({
      outcome: 'facts-erased',
      erased,
    });
  });

  it('of a search that could not be made keeps the reason', () => {
    const { record: unchecked } = decideAndRecord(
      FIVE_LINES,
      { kind: 'not-checked', reason: 'data-not-reachable' },
      EXAMPLE,
      NOW,
    );
    expect(replay(unchecked, EXAMPLE).outcome).toBe('same');
    expect(readFacts(unchecked.facts)).toMatchObject({
      search: { kind: 'not-checked', reason: 'data-not-reachable' },
    });
  });
});

const instantOrNull = fc.option(fc.integer({ min: 0, max: NOW }), { nil: null });
const anyCandidate = fc
  .record({
    report: fc.integer({ min: 1, max: 4 }).map(report),
    ordinal: fc.integer({ min: 1, max: 40 }),
    reportVersion: fc.integer({ min: 1, max: 3 }),
    item: fc.constantFrom('LC-K', 'LC-ALT'),
    side: fc.constantFrom('left', 'right', 'both', null),
    specimen: fc.constantFrom('serum', null),
    specimenStates: fc.constantFrom([], ['haemolysed']),
    fasting: fc.constantFrom(true, false, null),
    timePoint: fc.constantFrom('120 min', null),
    pointOfCare: fc.boolean(),
    standing: fc.constantFrom('final', 'corrected', 'preliminary'),
    identity: fc.constantFrom('same-record', 'strong', 'weak'),
    collectedAt: instantOrNull,
    collectedPrecision: fc.constantFrom('day', 'minute', null),
    receivedAt: instantOrNull,
    reportedAt: instantOrNull,
    performer: fc.constantFrom('JIANG-1', 'LAB'),
    reporter: fc.constantFrom('JIANG-1', 'JIANG-2'),
    performerCampus: fc.constantFrom('EAST', null),
    methodClass: fc.constantFrom('ise', null),
    unit: fc.constantFrom('mmol/L', '', null),
    flag: fc.constantFrom('normal', 'positive', null),
    images: fc.constantFrom('not-applicable', 'present', 'uploading'),
    imaging: fc.constantFrom(null, imageFacts(studyFacts(axialStack(4, 5)), 9)),
  })
  .map((facts) => facts as unknown as CandidateFacts);

it('facts come back from the record exactly as they went in', () => {
  fc.assert(
    fc.property(
      fc.array(anyCandidate, { maxLength: 12 }),
      fc.constantFrom(null, []),
      (candidates, interventions) => {
        const search: Search = { kind: 'searched', candidates, patient: { interventions } };
        const { record } = decideAndRecord(FIVE_LINES, search, EXAMPLE, NOW);
        expect(readFacts(record.facts)).toEqual({ session: FIVE_LINES, search, at: NOW });
        expect(replay(record, EXAMPLE).outcome).toBe('same');
      },
    ),
  );
});

type RequirementRows = Parameters<typeof listDocument<'image-requirements'>>[2]['rows'];

/** The lists by which a program of before decided: its requirements, and whether the item list asks for images of a chest CT. */
const listsOfBefore = (
  requirements: (typeof DECISIONS_OF_BEFORE)[number]['requirements'],
  isWithoutImages: boolean,
) =>
  compiled([
    ...(isWithoutImages ? withRow(listRow('CT-CHEST-P', 30)) : exampleDocuments()),
    ...(requirements.length === 0
      ? []
      : [
          listDocument('image-requirements', 'E', {
            zone: zoneCode('E'),
            rows: requirements as unknown as RequirementRows,
            senders: [],
          }),
        ]),
  ]);

/** Records that programs of before wrote, byte for byte: most of five to seven chest CTs of one patient. */
describe.each(DECISIONS_OF_BEFORE)(
  'decisions of a program of before: $about',
  ({ requirements, records, imagesRequired }) => {
    const snapshot = listsOfBefore(requirements, imagesRequired === false);

    it.each(records.map((record, place) => [place, record] as const))(
      'replay to the same bytes (%i)',
      (_place, record) => {
        // The lists of the example are compiled anew, and have another hash when the example changes.
        const replayed = replay({ ...record, snapshotId: snapshot.id }, snapshot);
        expect(replayed).toMatchObject({ outcome: 'same', verdicts: record.verdicts });
      },
    );
  },
);

/** A record of before by the evaluator of today: what it decided then, and what it would decide now. */
const decidedAnew = (
  version: number,
  place: number,
  areImagesAsked = true,
): readonly [before: string, now: string] => {
  const last = DECISIONS_OF_BEFORE.findLast(
    ({ records, imagesRequired = true }) =>
      records[0]?.evaluator === version && imagesRequired === areImagesAsked,
  );
  const record = last?.records[place];
  if (!last || !record) throw new RangeError('no record');
  const snapshot = listsOfBefore(last.requirements, last.imagesRequired === false);
  const now = replay({ ...record, evaluator: EVALUATOR_VERSION, snapshotId: snapshot.id }, snapshot);
  if (now.outcome === 'facts-erased') throw new RangeError('erased');
  return [record.verdicts, now.verdicts];
};

it('a decision of version 2 is the other one by the evaluator of today: thin slices without contrast made up for thick ones with it', () => {
  const [before, now] = decidedAnew(2, 1);
  expect(before).toContain('[4,"all-pass"');
  expect(now).toContain('[4,"images-not-fit"');
});

it('a decision of version 3 is the other one by the evaluator of today: sagittal slices made up for axial ones, and a knee without a side passed', () => {
  const [before, now] = decidedAnew(3, 0);
  expect(before).toContain('[5,"all-pass"');
  expect(now).toContain('[5,"images-not-fit"');
  const [knee, kneeNow] = decidedAnew(3, 2);
  expect(knee).toContain('[0,"all-pass"');
  expect(kneeNow).toMatch(/\[0,"unknown".*?"images-not-stated"\]/);
});

it('a decision of version 4 is the other one by the evaluator of today: where images are not asked, what was still coming made up for thick slices', () => {
  const [before, now] = decidedAnew(4, 0, false);
  expect(before).toContain('[3,"all-pass"');
  expect(now).toContain('[3,"images-not-fit"');
});
