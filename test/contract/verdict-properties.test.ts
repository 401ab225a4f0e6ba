import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/kernel/canonical-json.ts';
import { DAY_MS, HOUR_MS, type Instant, instant } from '../../src/kernel/instant.ts';
import type { Grant } from '../../src/quality/index.ts';
import {
  type CandidateFacts,
  type CompiledSnapshot,
  decide,
  decideAndRecord,
  disclose,
  CONSENT_NOT_RECORDED,
  evaluate,
  type ListDocument,
  type ListKind,
  type OrderFacts,
  type PatientFacts,
  rowRank,
  type Verdict,
} from '../../src/recognition/index.ts';
import {
  compiled,
  exampleDocuments,
  grant,
  listDocument,
  listRow,
  NOW,
  orderOf,
  resultOf,
  sessionOf,
  withChanged,
} from '../example-region.ts';

/**
 * What must hold of every verdict, whatever the facts and the lists. The generators make cases in which most things are
 * as they should be and a few are not, so that every row of the fold is met.
 */

/** Gives a value that is as it should be more often than not. */
type Mostly = <Value>(usual: Value, ...others: readonly Value[]) => fc.Arbitrary<Value>;

const times =
  (weight: number): Mostly =>
  (usual, ...others) =>
    fc.oneof(
      { weight, arbitrary: fc.constant(usual) },
      { weight: others.length > 0 ? 1 : 0, arbitrary: fc.constantFrom(...others) },
    );
/** Of so many facts some are wrong with nearly every result: those that are kept back. */
const mostly = times(3);
/** Every fact of many a result is as it should be: those that must be considered. */
const nearlyAlways = times(50);

const ITEMS = [
  'LC-K',
  'LC-ALT',
  'LC-GLU',
  'LI-HBSAG',
  'LI-BHCG',
  'LG-DD',
  'LB-ABO',
  'CT-CHEST-P',
  'MR-KNEE-P',
] as const;

const anyOrder = (mostly: Mostly): fc.Arbitrary<OrderFacts> =>
  fc
    .record({
      item: fc.constantFrom(...ITEMS),
      institution: mostly('JIANG-2', 'COUNTY', 'TOWN', 'QIN-1'),
      purpose: mostly<OrderFacts['purpose']>('diagnosis', 'pre-operative', 'forensic', 'serial-monitoring'),
      encounterClass: mostly<OrderFacts['encounterClass']>('outpatient', 'emergency', 'inpatient'),
      side: fc.constantFrom('left', 'right', 'both', undefined),
      methodClass: mostly(undefined, 'eclia', 'clia'),
    })
    .map(({ item, side, methodClass, ...over }) =>
      orderOf(item, {
        ...over,
        ...(side === undefined ? {} : { side }),
        ...(methodClass === undefined ? {} : { methodClass }),
      }),
    );

const ageMs = fc.oneof(
  fc.integer({ min: 0, max: 10 * DAY_MS }),
  fc.integer({ min: -2 * HOUR_MS, max: 120 * DAY_MS }),
  fc.integer({ min: 0, max: 12 * HOUR_MS }),
);
const anyTime = fc
  .option(ageMs, { nil: null, freq: 6 })
  .map((age) => (age === null ? null : instant(NOW - age)));

const resultFor = (item: string, mostly: Mostly): fc.Arbitrary<CandidateFacts> =>
  fc
    .record({
      item: mostly<string>(item, 'LC-AST', 'CT-CHEST-P'),
      performer: mostly('JIANG-1', 'LAB', 'COUNTY', 'TOWN', 'QIN-1', 'NOWHERE'),
      identity: mostly<CandidateFacts['identity']>('strong', 'same-record', 'weak', 'none'),
      standing: mostly<CandidateFacts['standing']>(
        'final',
        'corrected',
        'preliminary',
        'withdrawn',
        'entered-in-error',
        'cancelled',
        'not-obtained',
      ),
      side: fc.constantFrom<CandidateFacts['side']>('left', 'right', 'both', null),
      specimen: mostly<string | null | undefined>(undefined, null, 'urine'),
      specimenStates: mostly<readonly string[]>([], ['haemolysed'], ['other:x']),
      fasting: mostly<boolean | null>(true, false, null),
      timePoint: mostly<string | null>(null, '120 min'),
      pointOfCare: mostly(false, true),
      collectedAt: anyTime,
      collectedPrecision: mostly<'day' | 'minute'>('minute', 'day'),
      receivedAt: anyTime,
      reportedAt: anyTime,
      methodClass: mostly<string | null>(null, 'eclia', 'clia'),
      unit: mostly<string | null | undefined>(undefined, null, '', 'mg/L{DDU}'),
      flag: mostly<string | null>('normal', 'positive', null),
      images: mostly<CandidateFacts['images'] | undefined>(
        undefined,
        'absent',
        'uploading',
        'unfit',
        'unknown',
      ),
      ordinal: fc.integer({ min: 1, max: 9 }),
    })
    .map(({ specimen, unit, images, ...over }) =>
      resultOf(over.item, null, {
        ...over,
        item: over.item as CandidateFacts['item'],
        ...(specimen === undefined ? {} : { specimen }),
        ...(unit === undefined ? {} : { unit }),
        ...(images === undefined ? {} : { images }),
      }),
    );

const anyPatient: fc.Arbitrary<PatientFacts> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<PatientFacts>({ interventions: [] }) },
  { weight: 1, arbitrary: fc.constant<PatientFacts>({ interventions: null }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('transfusion' as const, 'surgery' as const),
        fc.integer({ min: -5 * DAY_MS, max: 5 * DAY_MS }),
      )
      .map(([kind, ago]): PatientFacts => ({ interventions: [{ kind, at: instant(NOW - ago) }] })),
  },
);

const status =
  <Kind extends ListKind>(kind: Kind, name: string | null, over: Partial<ListDocument<Kind>>) =>
  (documents: readonly ListDocument[]): readonly ListDocument[] =>
    withChanged(kind, name, (document) => ({ ...document, ...over }), documents);

const withoutGrants = (documents: readonly ListDocument[]): readonly ListDocument[] =>
  withChanged(
    'grants',
    null,
    (document) => ({ ...document, content: { ...document.content, grants: [] } }),
    documents,
  );

const withGrantOf =
  (over: Partial<Grant>) =>
  (documents: readonly ListDocument[]): readonly ListDocument[] =>
    withChanged(
      'grants',
      null,
      (document) => ({ ...document, content: { ...document.content, grants: [grant('HR', over)] } }),
      documents,
    );

const cityList = (documents: readonly ListDocument[]): readonly ListDocument[] => [
  ...documents,
  listDocument('item-list', 'JIANG', {
    zone: 'JIANG' as never,
    qualityBases: ['hr-grant'],
    coverage: 'listed',
    rows: [
      listRow('LC-K', 3),
      listRow('LC-ALT', 60),
      listRow('LI-HBSAG', 10, { preconditions: ['surgery'] }),
    ],
  }),
  listDocument('institution-list', 'JIANG', {
    zone: 'JIANG' as never,
    rows: [{ institution: 'JIANG-1' as never, scope: 'all', state: 'listed', from: '2025-01-01' }],
  }),
];

/** Snapshots that differ in what the lists say, among them some whose lists end or change in the days to come. */
const SNAPSHOTS: readonly CompiledSnapshot[] = [
  (documents: readonly ListDocument[]) => documents,
  cityList,
  status('item-list', 'E', { status: 'draft' }),
  status('catalogue', 'CN', { status: 'draft' }),
  status('grants', 'JIANG-1', { status: 'draft' }),
  status('item-list', 'E', { effectiveTo: '2026-11-22' }),
  withoutGrants,
  withGrantOf({ validTo: '2026-11-18' }),
  withGrantOf({ revocation: { revokedOn: '2026-11-22', effectiveFrom: '2026-11-01', reasonZh: '数据造假' } }),
  (documents: readonly ListDocument[]) =>
    cityList(
      withChanged(
        'zones',
        null,
        (document) => ({
          ...document,
          content: {
            zones: document.content.zones.map((zone) => ({
              ...zone,
              members: zone.members.map((member) =>
                member.institution === 'JIANG-1' ? { ...member, to: '2026-11-23' } : member,
              ),
            })),
          },
        }),
        documents,
      ),
    ),
  (documents: readonly ListDocument[]) => [
    ...documents,
    ...withChanged('item-list', 'E', (document) => ({
      ...document,
      version: '2027',
      effectiveFrom: '2026-11-24',
      content: {
        ...document.content,
        rows: document.content.rows.map((row) => ({
          ...row,
          window: { unit: 'hours' as const, n: 24 * 20 },
        })),
      },
    })).filter(({ version }) => version === '2027'),
  ],
].map((change) => compiled(change(exampleDocuments())));

interface Case {
  readonly order: OrderFacts;
  readonly candidate: CandidateFacts;
  readonly snapshot: CompiledSnapshot;
  readonly patient: PatientFacts;
}

const cases = (often: Mostly): fc.Arbitrary<Case> =>
  anyOrder(often).chain((order) =>
    fc.record({
      order: fc.constant(order),
      candidate: resultFor(order.item, often),
      snapshot: fc.constantFrom(...SNAPSHOTS),
      patient: anyPatient,
    }),
  );
const unsoundCase = cases(mostly);
const soundCase = cases(nearlyAlways);
const anyCase = fc.oneof(unsoundCase, soundCase);

const verdictOf = ({ order, candidate, snapshot, patient }: Case, at: Instant = NOW): Verdict =>
  evaluate(order, candidate, snapshot, patient, at);

const RUNS = { numRuns: 3000 };
const always = (of: fc.Arbitrary<Case>, holds: (example: Case, verdict: Verdict) => void): void =>
  fc.assert(
    fc.property(of, (example) => holds(example, verdictOf(example))),
    RUNS,
  );

const outcomeOf = (verdict: Verdict, check: string): string | undefined =>
  verdict.checks.find((each) => each.check === check)?.outcome;

it('the cases meet every grade, so that no property below is true of nothing', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyCase, (example) => {
      seen.add(verdictOf(example).grade);
    }),
    RUNS,
  );
  expect([...seen].toSorted()).toEqual([
    'excluded',
    'may-consider',
    'must-consider',
    'not-covered',
    'view-only',
  ]);
});

describe('never, whatever the facts and the lists,', () => {
  it('another person’s result', () => {
    always(unsoundCase, ({ candidate }, { grade }) => {
      if (candidate.identity === 'weak' || candidate.identity === 'none') expect(grade).toBe('excluded');
    });
  });

  it('a result that was withdrawn, cancelled or entered in error', () => {
    always(unsoundCase, ({ candidate }, { grade }) => {
      if (!['final', 'corrected', 'preliminary'].includes(candidate.standing)) expect(grade).toBe('excluded');
    });
  });

  it('another item, another body part, another side', () => {
    always(unsoundCase, ({ order, candidate }, { grade }) => {
      const sided = order.item === 'MR-KNEE-P' || order.side !== undefined;
      const covered = candidate.side !== null && (candidate.side === order.side || candidate.side === 'both');
      if (candidate.item !== order.item || (sided && (order.side === undefined || !covered)))
        expect(grade).toBe('excluded');
    });
  });

  it('must-consider outside the window, counted from collection and never from the report', () => {
    always(soundCase, (example, { grade, zone }) => {
      if (grade !== 'must-consider') return;
      const { candidate, snapshot, order } = example;
      const pair = snapshot.rulesAt(NOW).pairOf(candidate.performer, order.institution);
      const row = pair.zones.find((each) => each.zone.code === zone)?.listedItem(order.item)?.row;
      const anchor = candidate.collectedAt ?? (row?.receivedTimeAllowed ? candidate.receivedAt : null);
      expect(anchor).not.toBeNull();
      const days = row?.window?.unit === 'civilDays' ? row.window.n + 1 : (row?.window?.n ?? 0) / 24;
      expect(NOW - (anchor as number)).toBeLessThan(days * DAY_MS);
      expect(NOW).toBeGreaterThanOrEqual(anchor as number);
    });
  });

  it('must-consider without a quality basis, or with any check failed or unknown', () => {
    always(soundCase, (_, verdict) => {
      if (verdict.grade !== 'must-consider') return;
      expect(outcomeOf(verdict, 'quality-basis')).toBe('pass');
      expect(verdict.checks.filter(({ outcome }) => outcome === 'fail' || outcome === 'unknown')).toEqual([]);
    });
  });

  it('must-consider on a draft list', () => {
    always(soundCase, ({ snapshot, order, candidate }, { grade, zone, checks }) => {
      if (grade !== 'must-consider') return;
      const rules = snapshot.rulesAt(NOW);
      const zoneRules = rules
        .pairOf(candidate.performer, order.institution)
        .zones.find((each) => each.zone.code === zone);
      const basis = checks.find(({ check }) => check === 'quality-basis')?.citation?.list;
      const behind = [
        rules.itemOf(order.item)?.edition,
        zoneRules?.listedItem(order.item)?.list,
        ...(zoneRules?.institutionLists ?? []).map(({ list }) => list),
        ...(zoneRules?.negativeLists ?? []),
        ...(zoneRules?.tierRules ?? []),
        ...rules
          .grantsOf(candidate.performer)
          .map(({ list }) => list)
          .filter(({ kind, code }) => kind === basis?.kind && code === basis.code),
      ];
      for (const list of behind) expect(list?.status).toBe('published');
    });
  });
});

describe('every verdict', () => {
  it('is the same bytes for the same facts', () => {
    fc.assert(
      fc.property(anyCase, (example) => {
        const again = compiled(exampleDocuments());
        const { order, candidate, patient } = example;
        const first = canonicalJson(evaluate(order, candidate, again, patient, NOW) as never);
        const copy = structuredClone({ order, candidate, patient });
        expect(
          canonicalJson(
            evaluate(
              copy.order,
              copy.candidate,
              SNAPSHOTS[0] as CompiledSnapshot,
              copy.patient,
              NOW,
            ) as never,
          ),
        ).toBe(first);
      }),
      { numRuns: 100 },
    );
  });

  it('does not depend on what was asked before, at other moments', () => {
    fc.assert(
      fc.property(anyCase, fc.integer({ min: -90 * DAY_MS, max: 90 * DAY_MS }), (example, shift) => {
        const first = canonicalJson(verdictOf(example) as never);
        verdictOf(example, instant(NOW + shift));
        expect(canonicalJson(verdictOf(example) as never)).toBe(first);
      }),
      RUNS,
    );
  });

  it('holds until the moment it names and is another one then', () => {
    let changes = 0;
    always(anyCase, (example, verdict) => {
      const shape = ({ grade, row, zone }: Verdict) => ({ grade, row, zone });
      const { until } = verdict;
      if (until === null) {
        for (const days of [1, 2, 3, 4, 10, 40, 200])
          expect(shape(verdictOf(example, instant(NOW + days * DAY_MS)))).toEqual(shape(verdict));
        return;
      }
      changes++;
      expect(until).toBeGreaterThan(NOW);
      expect(shape(verdictOf(example, instant(until - 1)))).toEqual(shape(verdict));
      expect(shape(verdictOf(example, instant(NOW + Math.floor((until - NOW) / 2))))).toEqual(shape(verdict));
      expect(shape(verdictOf(example, until))).not.toEqual(shape(verdict));
    });
    expect(changes).toBeGreaterThan(100);
  });

  it('is never raised by making one fact worse', () => {
    const worse: readonly ((candidate: CandidateFacts) => CandidateFacts)[] = [
      (candidate) => ({ ...candidate, identity: 'weak' }),
      (candidate) => ({ ...candidate, standing: 'withdrawn' }),
      (candidate) => ({ ...candidate, specimenStates: ['haemolysed'] }),
      (candidate) => ({ ...candidate, images: 'unfit' }),
      (candidate) => ({ ...candidate, timePoint: '120 min' }),
      (candidate) => ({ ...candidate, unit: 'g' }),
    ];
    fc.assert(
      fc.property(anyCase, fc.constantFrom(...worse), (example, spoil) => {
        const spoilt = verdictOf({ ...example, candidate: spoil(example.candidate) });
        const before = verdictOf(example);
        expect(rowRank(spoilt.row)).toBeLessThanOrEqual(rowRank(before.row));
      }),
      RUNS,
    );
  });
});

const anySession = fc.record({
  lines: fc.array(
    fc.constantFrom(
      { localCode: 'K01' },
      { localCode: 'GN' },
      { localCode: 'ALT', answered: true },
      { localCode: 'HIV' },
      { localCode: '?' },
    ),
    { maxLength: 5 },
  ),
  encounterClass: mostly<OrderFacts['encounterClass']>('outpatient', 'emergency'),
  candidates: fc.array(
    fc.constantFrom('LC-K', 'LC-ALT', 'LC-AST', 'LI-HIV').chain((item) => resultFor(item, mostly)),
    {
      maxLength: 8,
    },
  ),
  own: fc.boolean(),
});

describe('every decision', () => {
  it('offers only what is certainly this patient’s and stands, and counts no own result as recognition', () => {
    fc.assert(
      fc.property(anySession, ({ lines, encounterClass, candidates, own }) => {
        const all = own ? candidates.map((each) => ({ ...each, performer: 'JIANG-2' as never })) : candidates;
        const decision = decide(
          sessionOf(lines, { encounterClass }),
          { kind: 'searched', candidates: all, patient: { interventions: [] } },
          SNAPSHOTS[0] as CompiledSnapshot,
          NOW,
        );
        if (encounterClass === 'emergency') expect(decision.interrupts).toBe(false);
        for (const { parts } of decision.lines)
          for (const { assessed, chosen } of parts)
            for (const each of chosen === null ? assessed : [...assessed, chosen]) {
              if (each.offer === 'none') continue;
              expect(['strong', 'same-record']).toContain(each.candidate.identity);
              expect(['final', 'corrected', 'preliminary']).toContain(each.candidate.standing);
              if (each.own) expect(each.offer).toBe('own');
            }
      }),
      RUNS,
    );
  });

  it('does not depend on the order in which the results were found', () => {
    fc.assert(
      fc.property(anySession, ({ lines, candidates }) => {
        const chosen = (found: readonly CandidateFacts[]) =>
          decide(
            sessionOf(lines),
            { kind: 'searched', candidates: found, patient: { interventions: [] } },
            SNAPSHOTS[0] as CompiledSnapshot,
            NOW,
          ).lines.map((line) => [
            line.outcome,
            ...line.parts.map((part) => [part.chosen?.verdict.row, part.chosen?.candidate.collectedAt]),
          ]);
        expect(chosen(candidates.toReversed())).toEqual(chosen(candidates));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same record for the same facts', () => {
    fc.assert(
      fc.property(anySession, ({ lines, candidates }) => {
        const record = () =>
          decideAndRecord(
            sessionOf(lines),
            { kind: 'searched', candidates, patient: { interventions: null } },
            SNAPSHOTS[0] as CompiledSnapshot,
            NOW,
          ).record;
        expect(record()).toEqual(record());
      }),
      { numRuns: 500 },
    );
  });

  it('disclosed says of a restricted item the same whether or not there is anything elsewhere', () => {
    const snapshot = SNAPSHOTS[0] as CompiledSnapshot;
    const disclosed = (candidates: readonly CandidateFacts[]) =>
      JSON.stringify(
        disclose(
          decide(
            sessionOf([{ localCode: 'HIV' }]),
            { kind: 'searched', candidates, patient: { interventions: [] } },
            snapshot,
            NOW,
          ),
          { institution: 'JIANG-2' as never },
          CONSENT_NOT_RECORDED,
          snapshot.rulesAt(NOW),
        ),
      );
    fc.assert(
      fc.property(fc.array(resultFor('LI-HIV', mostly), { maxLength: 4 }), (candidates) => {
        expect(disclosed(candidates)).toBe(disclosed([]));
      }),
    );
  });
});
