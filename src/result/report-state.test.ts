import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../kernel/canonical-json.ts';
import type { IncomingReport, StatedStatus } from './incoming-report.ts';
import type { ReportContent } from './report-content.ts';
import {
  type IncomingStatement,
  nextReportState,
  type NextReportState,
  type ReportState,
  replacedState,
} from './report-state.ts';
import { line, moment, report, stated, statement } from './samples.ts';
import { isIssued } from './standing.ts';

/** Stores what the machine says, as the database would: through canonical JSON and back. */
const stored = (next: NextReportState): ReportState => ({
  version: next.version,
  standing: next.standing,
  content: JSON.parse(canonicalJson(next.content)) as ReportState['content'],
  replaced: false,
});

const after = (...statements: readonly IncomingStatement[]): NextReportState => {
  let current: ReportState | null = null;
  let next: NextReportState | null = null;
  for (const incoming of statements) {
    next = nextReportState(current, incoming);
    current = stored(next);
  }
  if (!next) throw new Error('no statement');
  return next;
};

const at = (hour: string): string => `2026-11-20T${hour}:00+08:00`;

/** A report of one potassium value with that status, reported at and sent shortly after the given hour. */
const said = (
  status: StatedStatus,
  value: string,
  hour: string,
  changes: Partial<IncomingReport> = {},
): IncomingStatement =>
  statement(
    report({
      status,
      reportedAt: stated(at(hour)),
      observations: [line('K', value, 'not-stated')],
      ...changes,
    }),
    at(hour),
  );

const standings = (next: NextReportState): readonly string[] =>
  next.observations.map(({ standing }) => standing);

describe('the status machine, case by case', () => {
  const final = said('final', '4.1', '10:00');
  const cases: readonly [
    name: string,
    statements: readonly IncomingStatement[],
    decision: string,
    rule: number,
    standing: string,
    version: number,
    lines: readonly string[],
  ][] = [
    ['a first final report', [final], 'first', 1, 'final', 1, ['final']],
    [
      'a first preliminary report',
      [said('preliminary', '4.1', '09:00')],
      'first',
      1,
      'preliminary',
      1,
      ['preliminary'],
    ],
    [
      'a registered report without lines',
      [said('registered', '', '09:00', { observations: [] })],
      'first',
      1,
      'preliminary',
      1,
      [],
    ],
    [
      'a report whose status nobody states',
      [said('not-stated', '4.1', '09:00')],
      'first',
      1,
      'preliminary',
      1,
      ['preliminary'],
    ],
    ['P then F', [said('preliminary', '4.0', '09:00'), final], 'newer-version', 9, 'final', 2, ['final']],
    ['F twice', [final, final], 'repeat', 2, 'final', 1, ['final']],
    [
      'F sent again later, same words',
      [
        final,
        statement(
          report({ reportedAt: stated(at('10:00')), observations: [line('K', '4.1', 'not-stated')] }),
          at('18:00'),
        ),
      ],
      'repeat',
      2,
      'final',
      1,
      ['final'],
    ],
    ['F then C', [final, said('corrected', '4.6', '11:00')], 'correction', 8, 'corrected', 2, ['corrected']],
    ['C before F', [said('corrected', '4.6', '11:00'), final], 'stale', 4, 'corrected', 1, ['corrected']],
    [
      'F after F with another value',
      [final, said('final', '4.6', '11:00')],
      'correction',
      8,
      'corrected',
      2,
      ['corrected'],
    ],
    [
      'an older F with another value arriving late',
      [final, said('final', '3.9', '09:30')],
      'stale',
      4,
      'final',
      1,
      ['final'],
    ],
    ['F then a late P', [final, said('preliminary', '4.0', '09:00')], 'stale', 4, 'final', 1, ['final']],
    [
      'F then a P stated later',
      [final, said('preliminary', '4.0', '11:00')],
      'stale',
      5,
      'final',
      1,
      ['final'],
    ],
    [
      'F then X',
      [final, said('cancelled', '', '11:00', { observations: [] })],
      'withdrawal',
      6,
      'withdrawn',
      2,
      ['withdrawn'],
    ],
    [
      'P then X',
      [said('preliminary', '4.0', '09:00'), said('cancelled', '', '11:00', { observations: [] })],
      'cancellation',
      6,
      'cancelled',
      2,
      ['cancelled'],
    ],
    [
      'F then ORC CA',
      [final, said('final', '4.1', '11:00', { orderControl: 'CA' })],
      'withdrawal',
      6,
      'withdrawn',
      2,
      ['withdrawn'],
    ],
    [
      'F then all lines D',
      [final, said('final', '', '11:00', { observations: [line('K', '4.1', 'deleted')] })],
      'withdrawal',
      6,
      'withdrawn',
      2,
      ['withdrawn'],
    ],
    [
      'F then all lines W',
      [final, said('corrected', '', '11:00', { observations: [line('K', '4.1', 'wrong')] })],
      'withdrawal',
      6,
      'entered-in-error',
      2,
      ['entered-in-error'],
    ],
    [
      'X before F',
      [said('cancelled', '', '11:00', { observations: [] }), final],
      'stale',
      4,
      'cancelled',
      1,
      [],
    ],
    [
      'X twice',
      [
        final,
        said('cancelled', '', '11:00', { observations: [] }),
        said('cancelled', '', '11:30', { observations: [] }),
      ],
      'newer-version',
      6,
      'withdrawn',
      3,
      ['withdrawn'],
    ],
    [
      'X then W',
      [final, said('cancelled', '', '11:00', { observations: [] }), said('wrong', '4.1', '11:30')],
      'withdrawal',
      6,
      'entered-in-error',
      3,
      ['entered-in-error'],
    ],
    [
      'W then X',
      [final, said('wrong', '4.1', '11:00'), said('cancelled', '', '11:30', { observations: [] })],
      'newer-version',
      6,
      'entered-in-error',
      3,
      ['entered-in-error'],
    ],
    [
      'W stays when the old F comes again',
      [final, said('wrong', '4.1', '11:00'), final],
      'stale',
      4,
      'entered-in-error',
      2,
      ['entered-in-error'],
    ],
    [
      'withdrawn then F again with the same value',
      [final, said('cancelled', '', '11:00', { observations: [] }), said('final', '4.1', '12:00')],
      'reinstatement',
      7,
      'final',
      3,
      ['final'],
    ],
    [
      'withdrawn then F again with another value',
      [final, said('cancelled', '', '11:00', { observations: [] }), said('final', '4.6', '12:00')],
      'reinstatement',
      7,
      'corrected',
      3,
      ['corrected'],
    ],
    [
      'cancelled before issue, then F',
      [said('cancelled', '', '09:00', { observations: [] }), final],
      'newer-version',
      9,
      'final',
      2,
      ['final'],
    ],
    [
      'F then only the verifier changes',
      [final, said('final', '4.1', '11:00', { verifier: '审核者' })],
      'newer-version',
      9,
      'final',
      2,
      ['final'],
    ],
    [
      'C then F with the same value',
      [final, said('corrected', '4.6', '11:00'), said('final', '4.6', '12:00')],
      'newer-version',
      9,
      'corrected',
      3,
      ['corrected'],
    ],
    [
      'F then the collection time changes',
      [final, said('final', '4.1', '11:00', { collectedAt: stated(at('07:00')) })],
      'correction',
      8,
      'corrected',
      2,
      ['corrected'],
    ],
    [
      'a report of which nothing could be obtained',
      [said('final', '', '10:00', { observations: [line('K', '', 'not-obtained')] })],
      'first',
      1,
      'not-obtained',
      1,
      ['not-obtained'],
    ],
    [
      'F and C of the same minute, C first',
      [said('corrected', '4.6', '10:00'), final],
      'stale',
      4,
      'corrected',
      1,
      ['corrected'],
    ],
    [
      'F and C of the same minute, F first',
      [final, said('corrected', '4.6', '10:00')],
      'correction',
      8,
      'corrected',
      2,
      ['corrected'],
    ],
  ];

  it.each(cases)('%s', (_name, statements, decision, rule, standing, version, lines) => {
    const next = after(...statements);
    expect({
      decision: next.decision,
      rule: next.rule,
      standing: next.standing,
      version: next.version,
      lines: standings(next),
    }).toEqual({ decision, rule, standing, version, lines });
  });
});

describe('lines of a report', () => {
  const two = report({ observations: [line('K', '4.1'), line('NA', '140')] });

  it('keep their ordinal when a later version lists them in another order', () => {
    const turned = report({
      reportedAt: stated(at('11:00')),
      status: 'corrected',
      observations: [line('NA', '140'), line('K', '4.6', 'corrected')],
    });
    const next = after(statement(two, at('10:00')), statement(turned, at('11:00')));
    expect(next.observations).toEqual([
      { ordinal: 1, key: 'K||1', standing: 'corrected', incoming: 1 },
      { ordinal: 2, key: 'NA||1', standing: 'final', incoming: 0 },
    ]);
  });

  it('are withdrawn when a correction leaves them out', () => {
    const fewer = report({ reportedAt: stated(at('11:00')), observations: [line('NA', '140')] });
    const next = after(statement(two, at('10:00')), statement(fewer, at('11:00')));
    expect(next.decision).toBe('correction');
    expect(next.observations).toEqual([
      { ordinal: 1, key: 'K||1', standing: 'withdrawn', incoming: null },
      { ordinal: 2, key: 'NA||1', standing: 'final', incoming: 0 },
    ]);
  });

  it('that are added to a final report do not correct it', () => {
    const more = report({
      reportedAt: stated(at('11:00')),
      observations: [line('K', '4.1'), line('NA', '140'), line('CL', '101')],
    });
    const next = after(statement(two, at('10:00')), statement(more, at('11:00')));
    expect([next.decision, next.standing, standings(next)]).toEqual([
      'newer-version',
      'final',
      ['final', 'final', 'final'],
    ]);
  });

  it('that become final later do not correct the report', () => {
    const early = report({ observations: [line('K', '4.1'), line('NA', '140', 'preliminary')] });
    const done = report({
      reportedAt: stated(at('11:00')),
      observations: [line('K', '4.1'), line('NA', '141')],
    });
    const next = after(statement(early, at('10:00')), statement(done, at('11:00')));
    expect([next.decision, standings(next)]).toEqual(['newer-version', ['final', 'final']]);
  });

  it('with D or W are taken back alone', () => {
    const struck = report({
      reportedAt: stated(at('11:00')),
      observations: [line('K', '4.1', 'wrong'), line('NA', '140')],
    });
    const next = after(statement(two, at('10:00')), statement(struck, at('11:00')));
    expect(next.standing).toBe('corrected');
    expect(standings(next)).toEqual(['entered-in-error', 'final']);
  });

  it('get new ordinals when they are new, never the one of a withdrawn line', () => {
    const other = report({ reportedAt: stated(at('11:00')), observations: [line('CL', '101')] });
    const next = after(statement(two, at('10:00')), statement(other, at('11:00')));
    expect(next.observations.map(({ ordinal, key }) => [ordinal, key])).toEqual([
      [1, 'K||1'],
      [2, 'NA||1'],
      [3, 'CL||1'],
    ]);
  });

  it('with the same code twice are told apart by their order', () => {
    const twice = report({ observations: [line('GLU', '5.1'), line('GLU', '7.9')] });
    expect(after(statement(twice)).observations.map(({ key }) => key)).toEqual(['GLU||1', 'GLU||2']);
  });
});

describe('times of statements', () => {
  it('are compared by sending where the report time is missing on one side', () => {
    const first = statement(report({ reportedAt: null, observations: [line('K', '4.1')] }), at('10:00'));
    const later = statement(
      report({ reportedAt: stated(at('09:55')), status: 'corrected', observations: [line('K', '4.6')] }),
      at('11:00'),
    );
    expect(after(first, later).decision).toBe('correction');
    expect(after(later, first).decision).toBe('stale');
  });

  it('let a recall count that repeats the report time of what it recalls', () => {
    const corrected = statement(
      report({ reportedAt: stated(at('11:00')), status: 'corrected', observations: [line('K', '4.6')] }),
      at('11:00'),
    );
    const recall = statement(
      report({ reportedAt: stated(at('10:00')), status: 'cancelled', observations: [] }),
      at('12:00'),
    );
    expect(after(statement(report(), at('10:00')), corrected, recall).standing).toBe('withdrawn');
  });

  it('stated only by the day do not make a correction of the same day stale', () => {
    const day = stated('2026-11-20T00:00:00+08:00', 'day');
    const correction = statement(
      report({ reportedAt: day, status: 'corrected', observations: [line('K', '4.6')] }),
      at('11:00'),
    );
    expect(after(statement(report(), at('10:00')), correction).decision).toBe('correction');
  });

  it('missing altogether leave the order of arrival', () => {
    const first = statement(report({ reportedAt: null }), null);
    const second = statement(report({ reportedAt: null, observations: [line('K', '4.6')] }), null);
    expect(after(first, second).decision).toBe('correction');
  });
});

describe('a report replaced by another number', () => {
  const current = stored(after(statement(report())));

  it('is withdrawn with all its lines', () => {
    const next = replacedState(current, moment(at('11:00')));
    expect([next.decision, next.standing, standings(next), next.version]).toEqual([
      'withdrawal',
      'withdrawn',
      ['withdrawn'],
      2,
    ]);
  });

  it('does not come back when its old number is sent again', () => {
    const gone: ReportState = { ...stored(replacedState(current, moment(at('11:00')))), replaced: true };
    expect(nextReportState(gone, said('final', '4.6', '13:00'))).toMatchObject({
      decision: 'stale',
      rule: 3,
      standing: 'withdrawn',
    });
  });
});

const anyStatement = fc.record({
  status: fc.constantFrom<StatedStatus>(
    'registered',
    'preliminary',
    'final',
    'corrected',
    'cancelled',
    'wrong',
  ),
  value: fc.constantFrom('4.1', '4.6'),
  hour: fc.integer({ min: 8, max: 20 }),
});
type Said = typeof anyStatement extends fc.Arbitrary<infer Value> ? Value : never;
const make = ({ status, value, hour }: Said): IncomingStatement =>
  said(status, value, `${String(hour).padStart(2, '0')}:00`);
/** The characters of the first line's value. */
const reportedValue = ({ observations }: ReportContent): unknown => {
  const value = observations[0]?.stated['value'] as { text: string } | undefined;
  return value?.text;
};

/** What a doctor sees of the end of a sequence. */
const endOf = ({ standing, content }: NextReportState): unknown => {
  if (!isIssued(standing)) return standing === 'preliminary' ? 'preliminary' : 'taken back';
  return reportedValue(content);
};
const distinctHours = fc.uniqueArray(anyStatement, {
  selector: ({ hour }) => hour,
  minLength: 1,
  maxLength: 6,
});

describe('every sequence of statements', () => {
  it('never lets a preliminary statement replace an issued report', () => {
    fc.assert(
      fc.property(fc.array(anyStatement, { minLength: 1, maxLength: 8 }), (all) => {
        let current: ReportState | null = null;
        for (const one of all) {
          const next = nextReportState(current, make(one));
          if (current && isIssued(current.standing)) expect(next.standing).not.toBe('preliminary');
          current = stored(next);
        }
      }),
    );
  });

  it('ends where the latest statement puts it when that one takes the report back, in whatever order they arrive', () => {
    fc.assert(
      fc.property(distinctHours, fc.infiniteStream(fc.nat()), (all, shuffle) => {
        const keyed = all.map((one) => ({ one, key: shuffle.next().value as number }));
        const arrived = keyed.toSorted((left, right) => left.key - right.key).map(({ one }) => one);
        const recall: Said = { status: 'wrong', value: '4.1', hour: 21 };
        const position = (shuffle.next().value as number) % (arrived.length + 1);
        const order = [...arrived.slice(0, position), recall, ...arrived.slice(position)];
        expect(after(...order.map(make)).standing).toBe('entered-in-error');
      }),
    );
  });

  it('comes to the same end and value in whatever order the statements arrive', () => {
    fc.assert(
      fc.property(distinctHours, fc.infiniteStream(fc.nat()), (all, shuffle) => {
        const keyed = all.map((one) => ({ one, key: shuffle.next().value as number }));
        const arrived = keyed.toSorted((left, right) => left.key - right.key).map(({ one }) => one);
        expect(endOf(after(...arrived.map(make)))).toEqual(endOf(after(...all.map(make))));
      }),
    );
  });

  it('offers, when it ends issued, the value of the latest issued statement', () => {
    fc.assert(
      fc.property(distinctHours, (all) => {
        const issued = all.filter(({ status }) => status === 'final' || status === 'corrected');
        const next = after(...all.map(make));
        if (!isIssued(next.standing)) return;
        const latest = issued.toSorted((left, right) => right.hour - left.hour)[0];
        expect(reportedValue(next.content)).toBe(latest?.value);
      }),
    );
  });

  it('numbers versions without gaps and stores nothing for a repeat or a stale statement', () => {
    fc.assert(
      fc.property(fc.array(anyStatement, { minLength: 1, maxLength: 8 }), (all) => {
        let current: ReportState | null = null;
        for (const one of all) {
          const next = nextReportState(current, make(one));
          const storesNothing = next.decision === 'repeat' || next.decision === 'stale';
          expect(next.version).toBe((current?.version ?? 0) + (storesNothing ? 0 : 1));
          if (storesNothing) expect(next.content).toBe(current?.content);
          current = stored(next);
        }
      }),
    );
  });
});
