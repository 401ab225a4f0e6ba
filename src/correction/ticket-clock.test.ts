import { describe, expect, it } from 'vitest';
import shipped from '../../data/lists/correction-rules.json' with { type: 'json' };
import { civilTimeText } from '../kernel/civil-day.ts';
import { instant } from '../kernel/instant.ts';
import type { CorrectionRules } from '../recognition/index.ts';
import { type CorrectionKind, CORRECTION_STATES, deadlinesOf, dueNext, isOpen } from './index.ts';

const RULES = shipped.content as CorrectionRules;
const at = (text: string) => instant(Date.parse(`${text.replace(' ', 'T')}:00+08:00`));

describe('the clock of a ticket', () => {
  it('gives another person’s result two hours to be taken up and a day to be answered, others a day and three', () => {
    const due = (kind: CorrectionKind) => {
      const deadlines = deadlinesOf(RULES, kind, at('2026-11-25 09:00'));
      return deadlines && [civilTimeText(deadlines.acceptBy), civilTimeText(deadlines.answerBy)];
    };
    expect(due('wrong-person')).toEqual(['2026-11-25 11:00', '2026-11-26 09:00']);
    expect(due('quality')).toEqual(['2026-11-26 09:00', '2026-11-30 09:00']);
  });

  it('has no deadline that nobody has published', () => {
    expect(deadlinesOf({ ...RULES, deadlines: [] }, 'other', at('2026-11-25 09:00'))).toBeNull();
    expect(dueNext('submitted', null, at('2026-11-25 09:00'))).toBeNull();
  });

  it('runs until the source has answered, first for taking the ticket up, then for the answer', () => {
    const deadlines = { acceptBy: at('2026-11-25 11:00'), answerBy: at('2026-11-26 09:00') };
    const now = at('2026-11-25 12:00');
    for (const state of CORRECTION_STATES) {
      const due = dueNext(state, deadlines, now);
      if (!isOpen(state)) expect(due).toBeNull();
      else if (state === 'submitted')
        expect(due).toEqual({ what: 'accept', by: deadlines.acceptBy, isOverdue: true });
      else expect(due).toEqual({ what: 'answer', by: deadlines.answerBy, isOverdue: false });
    }
    expect(dueNext('submitted', deadlines, deadlines.acceptBy)?.isOverdue).toBe(false);
  });
});
