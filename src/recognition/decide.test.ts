import { describe, expect, it } from 'vitest';
import {
  compiled,
  EXAMPLE,
  exampleDocuments,
  listDocument,
  moment,
  NOW,
  resultOf,
  sessionOf,
  UNTREATED,
  withChanged,
} from '../../test/example-region.ts';
import { type Decision, decide } from './decide.ts';
import { factsText, readFacts } from './decision-record.ts';
import type { CandidateFacts } from './facts.ts';
import type { OrderLine, OrderSession } from './order-session.ts';

const decided = (
  lines: readonly OrderLine[],
  candidates: readonly CandidateFacts[],
  over: Partial<OrderSession> = {},
  snapshot = EXAMPLE,
): Decision =>
  decide(sessionOf(lines, over), { kind: 'searched', candidates, patient: UNTREATED }, snapshot, NOW);
const outcomes = (decision: Decision): readonly string[] => decision.lines.map(({ outcome }) => outcome);
const own = (name: string, collected: string) => resultOf(name, collected, { performer: 'JIANG-2' });

describe('an order session', () => {
  it('says of each line what there is, and never mixes up unmapped with nothing found', () => {
    const decision = decided(
      [{ localCode: 'K01' }, { localCode: 'XB' }, { localCode: 'NOBODY-KNOWS' }],
      [resultOf('LC-K', '2026-11-15 08:00')],
    );
    expect(outcomes(decision)).toEqual(['recognisable', 'nothing-found', 'unmapped']);
    expect(decision.interrupts).toBe(true);
  });

  it('that could not be checked says so of every line, and interrupts nobody', () => {
    const decision = decide(
      sessionOf([{ localCode: 'K01' }, { localCode: 'GN' }]),
      { kind: 'not-checked', reason: 'person-ambiguous' },
      EXAMPLE,
      NOW,
    );
    expect(outcomes(decision)).toEqual(['not-checked', 'not-checked']);
    expect(decision.interrupts).toBe(false);
  });

  it('chooses the most favourable result, then the newest, whatever the order they come in', () => {
    const weaker = resultOf('LC-K', '2026-11-19 08:00', { ordinal: 1, specimen: null });
    const older = resultOf('LC-K', '2026-11-14 08:00', { ordinal: 2 });
    const newer = resultOf('LC-K', '2026-11-16 08:00', { ordinal: 3 });
    for (const candidates of [
      [weaker, older, newer],
      [newer, weaker, older],
    ]) {
      const [line] = decided([{ localCode: 'K01' }], candidates).lines;
      expect(line?.parts[0]?.assessed.map(({ candidate }) => candidate.ordinal)).toEqual([3, 2, 1]);
      expect(line?.parts[0]?.chosen?.candidate.ordinal).toBe(3);
    }
  });

  it('lists what is excluded for the explanation only', () => {
    const [line] = decided(
      [{ localCode: 'K01' }],
      [resultOf('LC-K', '2026-11-15 08:00', { identity: 'weak' })],
    ).lines;
    expect(line).toMatchObject({ outcome: 'nothing-found', interrupts: false });
    expect(line?.parts[0]).toMatchObject({ best: null, chosen: null });
    expect(line?.parts[0]?.assessed).toHaveLength(1);
  });
});

describe('the two clocks', () => {
  it('a result past its window is for reference while the reminder runs, and then no longer spoken of', () => {
    const reference = decided([{ localCode: 'K01' }], [resultOf('LC-K', '2026-10-01 08:00')]);
    expect(outcomes(reference)).toEqual(['reference-only']);
    expect(reference.interrupts).toBe(false);
    expect(outcomes(decided([{ localCode: 'K01' }], [resultOf('LC-K', '2026-08-01 08:00')]))).toEqual([
      'nothing-found',
    ]);
  });

  it('a result inside a window longer than the reminder is still to be recognised', () => {
    const short = compiled(
      withChanged('policy', 'CN', (list) => ({
        ...list,
        content: { ...list.content, repeatReminderCivilDays: 3 },
      })),
    );
    expect(
      outcomes(decided([{ localCode: 'K01' }], [resultOf('LC-K', '2026-11-14 08:00')], {}, short)),
    ).toEqual(['recognisable']);
  });
});

describe('results of the doctor’s own institution', () => {
  it('are shown as examined here of late and never count as recognition', () => {
    const [line] = decided([{ localCode: 'K01' }], [own('LC-K', '2026-11-15 08:00')]).lines;
    expect(line).toMatchObject({ outcome: 'own-recent', interrupts: true });
    expect(line?.parts[0]).toMatchObject({ best: null, chosen: { own: true, offer: 'own' } });
  });

  it('come first when they are at least as new as the best from elsewhere', () => {
    const elsewhere = resultOf('LC-K', '2026-11-15 08:00');
    expect(outcomes(decided([{ localCode: 'K01' }], [elsewhere, own('LC-K', '2026-11-18 08:00')]))).toEqual([
      'own-recent',
    ]);
    expect(outcomes(decided([{ localCode: 'K01' }], [elsewhere, own('LC-K', '2026-11-10 08:00')]))).toEqual([
      'recognisable',
    ]);
  });

  it('are not spoken of beyond the reminder’s clock', () => {
    expect(outcomes(decided([{ localCode: 'K01' }], [own('LC-K', '2026-08-01 08:00')]))).toEqual([
      'nothing-found',
    ]);
  });

  it('include what a laboratory elsewhere performed and the own institution reported', () => {
    const sentOut = resultOf('LC-K', '2026-11-15 08:00', { performer: 'LAB', reporter: 'JIANG-2' });
    expect(outcomes(decided([{ localCode: 'K01' }], [sentOut]))).toEqual(['own-recent']);
  });
});

describe('a patient known by record numbers alone', () => {
  const search = (candidates: readonly CandidateFacts[]) =>
    ({ kind: 'searched', candidates, patient: UNTREATED, ownRecordOnly: true }) as const;
  const lines = (codes: readonly string[], candidates: readonly CandidateFacts[]) =>
    decide(sessionOf(codes.map((localCode) => ({ localCode }))), search(candidates), EXAMPLE, NOW).lines;

  it('has his own result shown, and of everything else it is said that it was not checked', () => {
    const found = lines(['K01', 'XB'], [own('LC-K', '2026-11-15 08:00')]);
    expect(found.map(({ outcome }) => outcome)).toEqual(['own-recent', 'not-checked']);
  });

  it('has a panel of which a part was done here shown as that', () => {
    const [panel] = lines(['GN'], [own('LC-ALT', '2026-11-15 08:00')]);
    expect(panel?.outcome).toBe('own-recent');
    expect(panel?.parts.map(({ outcome }) => outcome)).toEqual(['own-recent', 'not-checked']);
  });

  it('has a panel of which nothing was done here called not checked, whatever else was', () => {
    expect(lines(['GN'], [own('LC-K', '2026-11-15 08:00')])[0]?.outcome).toBe('not-checked');
  });

  it('decides the same when it is decided again', () => {
    const written = factsText({
      session: sessionOf([{ localCode: 'XB' }]),
      search: search([own('LC-K', '2026-11-15 08:00')]),
      at: NOW,
    });
    expect(readFacts(written)).toMatchObject({ search: { ownRecordOnly: true } });
  });
});

describe('when the doctor is not interrupted', () => {
  const found = [resultOf('LC-K', '2026-11-15 08:00')];

  it('emergency: found, quiet, and still an opportunity', () => {
    const decision = decided([{ localCode: 'K01' }], found, { encounterClass: 'emergency' });
    expect(decision).toMatchObject({ interrupts: false });
    expect(decision.lines[0]).toMatchObject({ outcome: 'recognisable', quiet: 'encounter-class' });
    expect(decision.lines[0]?.parts[0]?.best).toBe('must-consider');
  });

  it('serial monitoring ordered as such: silent, and still an opportunity', () => {
    const [line] = decided([{ localCode: 'K01', purpose: 'serial-monitoring' }], found).lines;
    expect(line).toMatchObject({ outcome: 'silent', interrupts: false });
    expect(line?.parts[0]?.best).toBe('must-consider');
  });

  it('a line already answered in this encounter is not asked again', () => {
    const decision = decided([{ localCode: 'K01', answered: true }], found);
    expect(decision.lines[0]).toMatchObject({
      outcome: 'recognisable',
      quiet: 'answered',
      interrupts: false,
    });
  });
});

describe('a panel', () => {
  const alt = resultOf('LC-ALT', '2026-11-10 08:00', { ordinal: 1 });
  const ast = resultOf('LC-AST', '2026-11-10 08:00', { ordinal: 2 });

  it('is recognised as a whole only with every required member', () => {
    const [line] = decided([{ localCode: 'GN' }], [alt, ast]).lines;
    expect(line).toMatchObject({
      outcome: 'recognisable',
      panel: { advice: 'nothing-to-order', missing: [] },
    });
  });

  it('partly covered names what is missing and the code to order it alone', () => {
    const [line] = decided([{ localCode: 'GN' }], [alt]).lines;
    expect(line).toMatchObject({
      outcome: 'partly-recognisable',
      interrupts: true,
      panel: {
        covered: ['LC-ALT'],
        missing: [{ item: 'LC-AST', single: 'AST' }],
        advice: 'order-missing-alone',
      },
    });
  });

  it('partly covered is done again as a whole when a missing member has no code of its own', () => {
    const [line] = decided([{ localCode: 'GN' }], [ast]).lines;
    expect(line?.panel).toMatchObject({
      missing: [{ item: 'LC-ALT', single: null }],
      advice: 'repeat-whole',
    });
  });

  it('of which nothing is covered is ordered as it is', () => {
    const [line] = decided([{ localCode: 'GN' }], []).lines;
    expect(line).toMatchObject({
      outcome: 'nothing-found',
      interrupts: false,
      panel: { covered: [], required: 2 },
    });
  });

  it('with a member of the own institution and one from elsewhere is covered', () => {
    const [line] = decided([{ localCode: 'GN' }], [alt, own('LC-AST', '2026-11-10 08:00')]).lines;
    expect(line).toMatchObject({ outcome: 'recognisable', panel: { advice: 'nothing-to-order' } });
  });

  it('is the ordering institution’s own: another one’s panel of the same code is another', () => {
    const other = compiled([
      ...exampleDocuments(),
      listDocument('panels', 'COUNTY', {
        institution: 'COUNTY' as never,
        panels: [
          {
            localCode: 'GN',
            nameZh: '肝功一项',
            members: [{ item: 'LC-ALT' as never, required: true }],
            singles: {},
          },
        ],
      }),
    ]);
    const [line] = decided([{ localCode: 'GN' }], [alt], { institution: 'COUNTY' as never }, other).lines;
    expect(line).toMatchObject({ outcome: 'recognisable', panel: { required: 1 } });
  });
});

it('the same session at another moment is another decision', () => {
  const session = sessionOf([{ localCode: 'K01' }]);
  const search = {
    kind: 'searched' as const,
    candidates: [resultOf('LC-K', '2026-11-15 08:00')],
    patient: UNTREATED,
  };
  expect(outcomes(decide(session, search, EXAMPLE, moment('2026-11-22 23:59')))).toEqual(['recognisable']);
  expect(outcomes(decide(session, search, EXAMPLE, moment('2026-11-23 00:00')))).toEqual(['reference-only']);
});
