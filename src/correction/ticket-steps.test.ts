import { describe, expect, it } from 'vitest';
import type { UnfoundedReason } from '../recognition/index.ts';
import {
  CORRECTION_KINDS,
  CORRECTION_STATES,
  type CorrectionState,
  FIRST_STATE,
  isOpen,
  nextTicketState,
  REMEDIES,
  REMEDIES_OF,
  type StatedStep,
  stepsOpenTo,
  TICKET_RULES,
  TICKET_STEPS,
  type TicketParty,
  type TicketStanding,
} from './index.ts';

const REASONS: readonly UnfoundedReason[] = [
  { code: 'value-confirmed', text: { zh: '结果无误', en: 'right' }, textMinimum: 0 },
  { code: 'other', text: { zh: '其他', en: 'other' }, textMinimum: 5 },
];
const PARTIES: readonly TicketParty[] = ['reporter', 'source', 'platform'];

const stated = (over: Partial<StatedStep> & Pick<StatedStep, 'step'>): StatedStep => ({
  text: '',
  reason: null,
  remedy: null,
  ...over,
});
const standing = (over: Partial<TicketStanding> = {}): TicketStanding => ({
  kind: 'wrong-value',
  state: 'submitted',
  isAmended: false,
  isWithdrawn: false,
  ...over,
});
const codeOf = (party: TicketParty, step: StatedStep, ticket: TicketStanding): string | null => {
  const next = nextTicketState(party, step, ticket, REASONS);
  return next.ok ? null : next.reason.code;
};

const TEXTS = ['', ' ', '其它原因说明'];
const STATED_REASONS = [null, 'value-confirmed', 'other', 'unknown'];

/** Every step that can be stated, and every ticket: few enough to try each with each. */
const STEPS: readonly StatedStep[] = TICKET_STEPS.flatMap((step) =>
  TEXTS.flatMap((text) =>
    STATED_REASONS.flatMap((reason) => [null, ...REMEDIES].map((remedy) => ({ step, text, reason, remedy }))),
  ),
);
const TICKETS: readonly TicketStanding[] = CORRECTION_KINDS.flatMap((kind) =>
  CORRECTION_STATES.flatMap((state) =>
    [false, true].flatMap((isAmended) =>
      [false, true].map((isWithdrawn) => ({ kind, state, isAmended, isWithdrawn })),
    ),
  ),
);

/** Everything that anybody may do, and where each ticket then stands. */
const TAKEN = PARTIES.flatMap((party) =>
  TICKETS.flatMap((ticket) =>
    STEPS.flatMap((step) => {
      const next = nextTicketState(party, step, ticket, REASONS);
      return next.ok ? [{ party, step, ticket, to: next.value }] : [];
    }),
  ),
);

/** How far a state is along the way of a ticket; the two answers are equally far. */
const PLACE: Readonly<Record<CorrectionState, number>> = {
  submitted: 0,
  accepted: 1,
  verifying: 2,
  corrected: 3,
  unfounded: 3,
  'followed-up': 4,
};

describe('the course of a ticket', () => {
  it('is the published one: 提交, 受理, 核实, 更正 or 不成立, 回访', () => {
    const way = TICKET_RULES.filter(({ to }) => to !== null).map(
      ({ by, step, from, to }) => `${by.join('/')} ${step}: ${from.join('/')} > ${to}`,
    );
    expect(way).toEqual([
      'source accept: submitted > accepted',
      'source investigate: submitted/accepted > verifying',
      'source/platform correct: submitted/accepted/verifying > corrected',
      'source refuse: accepted/verifying > unfounded',
      'source follow-up: corrected/unfounded > followed-up',
      'reporter follow-up: corrected/unfounded > followed-up',
    ]);
  });

  it('never goes back, and changes nothing but by a rule', () => {
    for (const { party, step, ticket, to } of TAKEN) {
      expect(PLACE[to]).toBeGreaterThanOrEqual(PLACE[ticket.state]);
      expect(stepsOpenTo(party, ticket.state)).toContain(step.step);
    }
  });

  it('reaches every state from the first, and ends in one that nobody can leave', () => {
    const reached = new Set<CorrectionState>([FIRST_STATE]);
    for (let grown = true; grown; ) {
      const before = reached.size;
      for (const { from, to } of TICKET_RULES)
        if (to && from.some((each) => reached.has(each))) reached.add(to);
      grown = reached.size > before;
    }
    expect([...reached].toSorted()).toEqual([...CORRECTION_STATES].toSorted());
    for (const party of PARTIES) expect(stepsOpenTo(party, 'followed-up')).toEqual([]);
  });

  it('is decided by the source alone, or by its own amended report', () => {
    for (const { party, ticket, to } of TAKEN)
      if (party === 'reporter' && isOpen(ticket.state)) expect(to).toBe(ticket.state);
  });
});

describe('an answer', () => {
  it('of "corrected" needs something that was corrected: no words end a wrong value', () => {
    for (const { step, ticket } of TAKEN.filter(({ to }) => to === 'corrected')) {
      expect(REMEDIES_OF[ticket.kind]).toContain(step.remedy);
      if (ticket.kind === 'wrong-value' || ticket.kind === 'wrong-unit')
        expect(ticket.isAmended || ticket.isWithdrawn).toBe(true);
    }
    expect(codeOf('source', stated({ step: 'correct', remedy: 'amended' }), standing())).toBe(
      'CORRECTION_NOT_AMENDED',
    );
    expect(
      codeOf('source', stated({ step: 'correct', remedy: 'amended' }), standing({ isAmended: true })),
    ).toBeNull();
    expect(codeOf('source', stated({ step: 'correct', remedy: 'parted' }), standing())).toBe(
      'CORRECTION_REMEDY_UNFIT',
    );
    expect(codeOf('source', stated({ step: 'correct' }), standing())).toBe('CORRECTION_REMEDY_UNFIT');
    expect(
      codeOf('source', stated({ step: 'correct', remedy: 'otherwise' }), standing({ kind: 'image-missing' })),
    ).toBe('CORRECTION_WORDS_MISSING');
  });

  it('of "unfounded" needs a published reason, and words where the reason asks for them', () => {
    const ticket = standing({ state: 'verifying' });
    const refuse = (over: Partial<StatedStep>) =>
      codeOf('source', stated({ step: 'refuse', ...over }), ticket);
    expect(refuse({ reason: 'value-confirmed' })).toBeNull();
    expect(refuse({})).toBe('CORRECTION_REASON_UNKNOWN');
    expect(refuse({ reason: 'unknown' })).toBe('CORRECTION_REASON_UNKNOWN');
    expect(refuse({ reason: 'other', text: ' 无   ' })).toBe('CORRECTION_WORDS_MISSING');
    expect(refuse({ reason: 'other', text: '报告人看错了行' })).toBeNull();
  });

  it('is refused to those whose turn it is not', () => {
    expect(codeOf('reporter', stated({ step: 'accept' }), standing())).toBe('CORRECTION_STEP_NOT_NOW');
    expect(codeOf('source', stated({ step: 'accept' }), standing({ state: 'accepted' }))).toBe(
      'CORRECTION_STEP_NOT_NOW',
    );
    expect(codeOf('source', stated({ step: 'ask', text: ' ' }), standing({ state: 'accepted' }))).toBe(
      'CORRECTION_WORDS_MISSING',
    );
  });
});
