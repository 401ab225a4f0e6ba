import { describe, expect, it } from 'vitest';
import {
  compiled,
  EXAMPLE,
  NOW,
  resultOf,
  sessionOf,
  UNTREATED,
  withChanged,
} from '../../test/example-region.ts';
import type { ItemCode } from '../catalogue/index.ts';
import type { PublicId } from '../kernel/uuid.ts';
import { type AnsweredOffer, offersOn, offersText, readOffers } from './answered-offers.ts';
import { type Decision, decide } from './decide.ts';
import { disclose } from './disclose.ts';
import { CONSENT_NOT_RECORDED } from './disclosure.ts';
import type { CandidateFacts, OrderPurpose } from './facts.ts';

const REPORT_B = '01934e2a-0000-7000-8000-00000000000b' as PublicId;

interface Moment {
  readonly code?: string;
  readonly purpose?: OrderPurpose;
  readonly results: readonly CandidateFacts[];
}

const decided = (
  { code = 'K01', purpose, results }: Moment,
  answered: readonly AnsweredOffer[] = [],
): Decision =>
  decide(
    sessionOf([{ localCode: code, ...(purpose === undefined ? {} : { purpose }) }], { answered }),
    { kind: 'searched', candidates: results, patient: UNTREATED },
    EXAMPLE,
    NOW,
  );

/** What the doctor was offered, and so answered, at that moment. */
const answeredAt = (moment: Moment): readonly AnsweredOffer[] =>
  readOffers(offersText(decided(moment).lines.flatMap(offersOn)));

const potassium = resultOf('LC-K', '2026-11-15 08:00');
const alt = resultOf('LC-ALT', '2026-11-10 08:00', { ordinal: 1 });
const ast = resultOf('LC-AST', '2026-11-10 08:00', { ordinal: 2 });

/** What was answered first, what is ordered next in the same order session, and whether the doctor is asked again. */
const CASES: readonly { name: string; first: Moment; later: Moment; asked: boolean }[] = [
  {
    name: 'potassium of 15 November was answered; it is ordered again and nothing has changed',
    first: { results: [potassium] },
    later: { results: [potassium] },
    asked: false,
  },
  {
    name: 'a newer potassium from another report has come in since',
    first: { results: [potassium] },
    later: { results: [potassium, resultOf('LC-K', '2026-11-18 08:00', { report: REPORT_B })] },
    asked: true,
  },
  {
    name: 'an older potassium has come in late, which would not be chosen',
    first: { results: [potassium] },
    later: { results: [potassium, resultOf('LC-K', '2026-11-14 08:00', { report: REPORT_B })] },
    asked: false,
  },
  {
    name: 'the report was corrected: the same result in version 2',
    first: { results: [potassium] },
    later: {
      results: [resultOf('LC-K', '2026-11-15 08:00', { reportVersion: 2, standing: 'corrected' })],
    },
    asked: true,
  },
  {
    name: 'the same version is worth less now: its specimen turned out not to be stated',
    first: { results: [potassium] },
    later: { results: [resultOf('LC-K', '2026-11-15 08:00', { specimen: null })] },
    asked: true,
  },
  {
    name: 'it is now ordered before an operation',
    first: { results: [potassium] },
    later: { purpose: 'pre-operative', results: [potassium] },
    asked: true,
  },
  {
    name: 'the report was withdrawn: there is nothing left to ask about',
    first: { results: [potassium] },
    later: { results: [resultOf('LC-K', '2026-11-15 08:00', { standing: 'withdrawn' })] },
    asked: false,
  },
  {
    name: 'the liver panel was answered as a whole; now ALT alone is ordered',
    first: { code: 'GN', results: [alt, ast] },
    later: { code: 'ALT', results: [alt, ast] },
    asked: false,
  },
  {
    name: 'ALT alone was answered; now the panel with AST is ordered, of which nobody was asked',
    first: { code: 'ALT', results: [alt, ast] },
    later: { code: 'GN', results: [alt, ast] },
    asked: true,
  },
  {
    name: 'the panel was answered with ALT only; AST has come in since',
    first: { code: 'GN', results: [alt] },
    later: { code: 'GN', results: [alt, ast] },
    asked: true,
  },
  {
    name: 'a result of the own hospital was answered; now there is a newer one from elsewhere',
    first: { results: [resultOf('LC-K', '2026-11-12 08:00', { performer: 'JIANG-2' })] },
    later: {
      results: [
        resultOf('LC-K', '2026-11-12 08:00', { performer: 'JIANG-2' }),
        resultOf('LC-K', '2026-11-18 08:00', { report: REPORT_B }),
      ],
    },
    asked: true,
  },
];

describe('one prompt per order session', () => {
  it.each(CASES)('$name → asked again: $asked', ({ first, later, asked }) => {
    expect(decided(first).interrupts).toBe(true);
    const decision = decided(later, answeredAt(first));
    expect(decision.interrupts).toBe(asked);
    const [line] = decision.lines;
    if (!asked && line?.outcome !== 'nothing-found') expect(line?.quiet).toBe('answered');
  });

  it('what was never answered is asked about', () => {
    expect(decided({ results: [potassium] }, []).interrupts).toBe(true);
  });

  it('a hidden result that is new does not bring the question back: that would tell of it', () => {
    const snapshot = compiled(
      withChanged('panels', 'JIANG-2', (list) => ({
        ...list,
        content: {
          ...list.content,
          panels: list.content.panels.map((panel) => ({
            ...panel,
            members: [...panel.members, { item: 'LI-HIV' as ItemCode, required: true }],
          })),
        },
      })),
    );
    const shownOf = (candidates: readonly CandidateFacts[], answered: readonly AnsweredOffer[]) =>
      disclose(
        decide(
          sessionOf([{ localCode: 'GN' }], { answered }),
          { kind: 'searched', candidates, patient: UNTREATED },
          snapshot,
          NOW,
        ),
        { institution: sessionOf([]).institution },
        CONSENT_NOT_RECORDED,
        snapshot.rulesAt(NOW),
      );
    const first = shownOf([alt], []);
    expect(first.interrupts).toBe(true);
    const then = shownOf([alt, resultOf('LI-HIV', '2026-11-15 08:00')], first.lines.flatMap(offersOn));
    expect(then).toMatchObject({ interrupts: false, lines: [{ quiet: 'answered' }] });
  });
});
