import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Card } from '../../src/adapters/cds-hooks/card-shapes.ts';
import type { StatedOrder } from '../../src/adapters/cds-hooks/read-orders.ts';
import { cardsOf } from '../../src/apps/flows/cds-hooks/cds-cards.ts';
import { presentCheck } from '../../src/apps/flows/checks/present-check.ts';
import { type ResultValue, resultKey } from '../../src/apps/flows/results/result-values.ts';
import { DAY_MS } from '../../src/kernel/instant.ts';
import { uuidV7 } from '../../src/kernel/uuid.ts';
import { type CandidateFacts, CONSENT_NOT_RECORDED, decide, disclose } from '../../src/recognition/index.ts';
import { potassiumMessage } from '../system/real-system.ts';
import { EXAMPLE, NOW, resultOf, sessionOf, UNTREATED } from '../example-region.ts';
import { type CdsBench, cdsBench } from './cds-hooks-bench.ts';

/** Checklist item 37: what a card may offer. */

const LINES = [
  { localCode: 'K01', item: 'LC-K', windowDays: 7 },
  { localCode: 'ALT', item: 'LC-ALT', windowDays: 30 },
  { localCode: 'XB', item: 'LH-WBC', windowDays: 3 },
] as const;
/** Those of the province with a mark for everything. */
const MARKED: readonly string[] = ['JIANG-1', 'LAB'];
const OFFERED_STANDINGS: readonly string[] = ['preliminary', 'final', 'corrected'];

/** One earlier result, in plain words. */
interface Earlier {
  readonly line: (typeof LINES)[number];
  readonly daysAgo: number;
  readonly performer: 'JIANG-1' | 'LAB' | 'QIN-1' | 'TOWN';
  readonly standing: CandidateFacts['standing'];
  readonly identity: CandidateFacts['identity'];
}

const earlier: fc.Arbitrary<Earlier> = fc.record({
  line: fc.constantFrom(...LINES),
  // Half of them about as old as the windows are long.
  daysAgo: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 60 })),
  performer: fc.constantFrom('JIANG-1' as const, 'LAB' as const, 'QIN-1' as const, 'TOWN' as const),
  standing: fc.constantFrom<CandidateFacts['standing']>(
    'final',
    'final',
    'corrected',
    'preliminary',
    'withdrawn',
    'entered-in-error',
    'cancelled',
    'not-obtained',
  ),
  identity: fc.constantFrom<CandidateFacts['identity']>('strong', 'strong', 'strong', 'weak', 'none'),
});

const idOf = (place: number) => uuidV7(NOW, 1, new Uint8Array([0, 0, 0, 0, 0, 0, 0, place]));
/** A value that no other result has, so that a card shows which it is. */
const valueOf = (place: number): string => `value${place}end`;

const candidateOf = (
  { line, daysAgo, performer, standing, identity }: Earlier,
  place: number,
): CandidateFacts => ({
  ...resultOf(line.item, null, { performer, standing, identity }),
  report: idOf(place),
  collectedAt: (NOW - daysAgo * DAY_MS) as CandidateFacts['collectedAt'],
  collectedPrecision: 'minute',
});

const orderOf = (localCode: string, place: number): StatedOrder => ({
  id: `o${place + 1}`,
  isSigned: false,
  code: localCode,
  itemCode: null,
  loinc: null,
  name: localCode,
  side: null,
  diagnoses: [],
  reasons: [],
  requestNumber: null,
  encounter: undefined,
  resource: { resourceType: 'ServiceRequest', id: `o${place + 1}` },
});

const cardsFor = (results: readonly Earlier[]): readonly Card[] => {
  const session = sessionOf(LINES.map(({ localCode }) => ({ localCode })));
  const candidates = results.map(candidateOf);
  const decision = decide(session, { kind: 'searched', candidates, patient: UNTREATED }, EXAMPLE, NOW);
  const values = new Map(
    candidates.map(({ report, ordinal }, place): [string, ResultValue] => [
      resultKey(report, ordinal),
      { text: valueOf(place), unitText: '', referenceText: '', flag: null, examination: null },
    ]),
  );
  let made = 100;
  return cardsOf({
    answer: presentCheck({
      id: idOf(99),
      at: NOW,
      shown: disclose(
        decision,
        { institution: session.institution },
        CONSENT_NOT_RECORDED,
        EXAMPLE.rulesAt(NOW),
      ),
      consent: CONSENT_NOT_RECORDED,
      session,
      ruling: { snapshot: EXAMPLE, snapshotId: EXAMPLE.id },
      person: idOf(98),
      values: values as never,
      responses: [],
      marks: [],
      notChecked: null,
    }),
    orders: LINES.map(({ localCode }, place) => orderOf(localCode, place)),
    patientId: 'p1',
    language: 'zh',
    orderCodeSystem: null,
    cardUrl: 'https://huren.example/card/x',
    newId: () => idOf(made++ % 256),
  }).cards;
};

const shows = (card: Card, place: number): boolean => card.detail.includes(valueOf(place));

describe('37. whatever the earlier results are', () => {
  it('a card never shows one that was taken back, is not obtained, or is not certainly the patient’s', () => {
    fc.assert(
      fc.property(fc.array(earlier, { maxLength: 12 }), (results) => {
        const cards = cardsFor(results);
        for (const [place, { standing, identity }] of results.entries())
          if (!OFFERED_STANDINGS.includes(standing) || identity !== 'strong')
            expect(cards.some((card) => shows(card, place))).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it('a card with a suggestion says what the record has to: value, institution, day and report version', () => {
    let told = 0;
    fc.assert(
      fc.property(fc.array(earlier, { maxLength: 6 }), (results) => {
        for (const card of cardsFor(results)) {
          const text = card.extension?.['huren.order-check'].recordText;
          expect(text !== undefined).toBe(card.suggestions !== undefined);
          if (text === undefined) continue;
          told++;
          expect(text).toMatch(/^互认外院结果：.+ \d{4}-\d\d-\d\d .+（报告第 \d+ 版）。$/u);
          expect(results.some((_, place) => text.includes(valueOf(place)) && shows(card, place))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
    expect(told).toBeGreaterThan(0);
  });

  it('a card never shows a result of another item than the one ordered', () => {
    fc.assert(
      fc.property(fc.array(earlier, { maxLength: 12 }), (results) => {
        for (const card of cardsFor(results).filter(({ suggestions }) => suggestions)) {
          const [line] = card.extension?.['huren.order-check'].lines ?? [];
          for (const [place, result] of results.entries())
            if (shows(card, place)) expect(result.line).toBe(LINES[(line as number) - 1]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('outside its window, without a mark or from another zone it is never to be recognised, and the card says why', () => {
    let recommended = 0;
    fc.assert(
      fc.property(fc.array(earlier, { maxLength: 6 }), (results) => {
        for (const card of cardsFor(results)) {
          const first = results
            .map((result, place) => ({ result, at: card.detail.indexOf(valueOf(place)) }))
            .filter(({ at }) => at >= 0)
            .sort((left, right) => left.at - right.at)[0]?.result;
          if (!first) continue;
          const stands =
            first.daysAgo <= first.line.windowDays &&
            MARKED.includes(first.performer) &&
            ['final', 'corrected'].includes(first.standing);
          const isRecommended = card.suggestions?.[0]?.isRecommended ?? false;
          expect(card.indicator === 'warning').toBe(isRecommended);
          if (isRecommended) recommended++;
          expect(isRecommended).toBe(stands);
          if (!stands) {
            expect(card.summary).not.toContain('已有可互认结果');
            expect(card.detail).toContain('理由：');
          }
        }
      }),
      { numRuns: 400 },
    );
    expect(recommended).toBeGreaterThan(10);
  });
});

describe('37. over the whole way, from the laboratory’s message to the card', () => {
  let bench: CdsBench;

  beforeAll(async () => {
    bench = await cdsBench();
  });
  afterAll(() => bench?.stop());

  const detailsOf = async (key: string) =>
    (await bench.sign(key)).cards.map(({ detail }) => detail).join('\n');

  it('a superseded version is gone with the correction, and the result with the withdrawal', async () => {
    expect(await bench.system.send(potassiumMessage({ value: '4.11', flag: 'N', status: 'F' }))).toBe('AA');
    expect(await detailsOf('potassium-eight')).toContain('4.11');
    expect(await bench.system.send(potassiumMessage({ value: '5.67', flag: 'H', status: 'C' }))).toBe('AA');
    const corrected = await detailsOf('potassium-eight');
    expect(corrected).toContain('5.67');
    expect(corrected).not.toContain('4.11');
    expect(await bench.system.send(potassiumMessage({ value: '5.67', flag: 'H', status: 'D' }))).toBe('AA');
    const withdrawn = await detailsOf('potassium-eight');
    expect(withdrawn).not.toContain('5.67');
    expect(withdrawn).not.toContain('4.11');
  });

  it('a report that was withdrawn before is never spoken of', async () => {
    const { status, body } = await bench.sign('withdrawn');
    expect(status).toBe(200);
    expect(body).toEqual({ cards: [] });
  });

  it('a suspended institution’s result is not to be recognised', async () => {
    const { cards } = await bench.sign('suspended');
    expect(cards.every(({ suggestions }) => suggestions === undefined)).toBe(true);
    expect(cards[0]?.indicator).toBe('info');
  });
});
