import { describe, expect, it } from 'vitest';
import shipped from '../../data/lists/correction-rules.json' with { type: 'json' };
import { civilTimeText } from '../kernel/civil-day.ts';
import { instant } from '../kernel/instant.ts';
import type { CorrectionRules } from '../recognition/index.ts';
import { type CorrectionKind, CORRECTION_STATES, deadlinesOf, dueNext, isOpen } from './index.ts';

const RULES = shipped.content as CorrectionRules;
const at = (text: string) => instant(Date.parse(`${text.replace(' ', 'T')}:00+08:00`));

const KINDS = { 他人结果: 'wrong-person', 其他: 'other' } as const satisfies Record<string, CorrectionKind>;

describe('the clock of a ticket', () => {
  /**
   * The office works Monday to Friday from 08:00 to 12:00 and 14:00 to 18:00. A result of another person is taken up within
   * 2 such hours and answered within 8, anything else within 8 and 24.
   */
  it.each`
    submitted             | kind          | acceptBy              | answerBy              | weekendsOnly | why
    ${'2026-11-25 09:00'} | ${'他人结果'} | ${'2026-11-25 11:00'} | ${'2026-11-26 09:00'} | ${''}        | ${'an ordinary Wednesday'}
    ${'2026-11-25 09:00'} | ${'其他'}     | ${'2026-11-26 09:00'} | ${'2026-11-30 09:00'} | ${''}        | ${'over an ordinary weekend'}
    ${'2026-02-13 09:00'} | ${'其他'}     | ${'2026-02-14 09:00'} | ${'2026-02-25 09:00'} | ${''}        | ${'Saturday 14 February is worked, then 春节 to Monday 23'}
    ${'2026-02-15 10:00'} | ${'他人结果'} | ${'2026-02-24 10:00'} | ${'2026-02-24 18:00'} | ${''}        | ${'submitted on the first day of 春节'}
    ${'2026-02-27 17:00'} | ${'他人结果'} | ${'2026-02-28 09:00'} | ${'2026-02-28 17:00'} | ${''}        | ${'Saturday 28 February is worked for 春节'}
    ${'2026-04-03 17:30'} | ${'他人结果'} | ${'2026-04-07 09:30'} | ${'2026-04-07 17:30'} | ${''}        | ${'over 清明节, Monday off'}
    ${'2026-04-30 17:00'} | ${'其他'}     | ${'2026-05-06 17:00'} | ${'2026-05-08 17:00'} | ${''}        | ${'over 劳动节, 1 to 5 May'}
    ${'2026-05-08 17:00'} | ${'他人结果'} | ${'2026-05-09 09:00'} | ${'2026-05-09 17:00'} | ${''}        | ${'Saturday 9 May is worked for 劳动节'}
    ${'2026-06-18 17:00'} | ${'他人结果'} | ${'2026-06-22 09:00'} | ${'2026-06-22 17:00'} | ${''}        | ${'over 端午节, Friday off'}
    ${'2026-09-19 12:00'} | ${'他人结果'} | ${'2026-09-20 10:00'} | ${'2026-09-20 18:00'} | ${''}        | ${'Sunday 20 September is worked for 国庆节'}
    ${'2026-09-24 17:00'} | ${'他人结果'} | ${'2026-09-28 09:00'} | ${'2026-09-28 17:00'} | ${''}        | ${'over 中秋节, Friday off'}
    ${'2026-09-30 17:00'} | ${'他人结果'} | ${'2026-10-08 09:00'} | ${'2026-10-08 17:00'} | ${''}        | ${'over 国庆节, 1 to 7 October'}
    ${'2026-10-09 16:00'} | ${'其他'}     | ${'2026-10-10 16:00'} | ${'2026-10-13 16:00'} | ${''}        | ${'Saturday 10 October is worked for 国庆节'}
    ${'2026-12-31 17:00'} | ${'他人结果'} | ${'2027-01-01 09:00'} | ${'2027-01-01 17:00'} | ${'2027'}    | ${'元旦 2027 is not in the data: the clock says so'}
    ${'2027-02-08 09:00'} | ${'其他'}     | ${'2027-02-09 09:00'} | ${'2027-02-11 09:00'} | ${'2027'}    | ${'nothing of 2027 is in the data'}
    ${'2025-12-31 17:00'} | ${'他人结果'} | ${'2026-01-04 09:00'} | ${'2026-01-04 17:00'} | ${'2025'}    | ${'over 元旦 2026 to Sunday 4 January, which is worked'}
  `(
    '$submitted $kind: to be taken up by $acceptBy and answered by $answerBy ($why)',
    ({ submitted, kind, acceptBy, answerBy, weekendsOnly }: Readonly<Record<string, string>>) => {
      const deadlines = deadlinesOf(RULES, KINDS[kind as keyof typeof KINDS], at(submitted as string));
      expect(deadlines && civilTimeText(deadlines.acceptBy)).toBe(acceptBy);
      expect(deadlines && civilTimeText(deadlines.answerBy)).toBe(answerBy);
      expect(deadlines?.yearsWithoutHolidays.join()).toBe(weekendsOnly);
    },
  );

  it('has no deadline that nobody has published', () => {
    expect(deadlinesOf({ ...RULES, deadlines: [] }, 'other', at('2026-11-25 09:00'))).toBeNull();
    expect(dueNext('submitted', null, RULES.calendar, at('2026-11-25 09:00'))).toBeNull();
  });

  it('runs until the source has answered, first for taking the ticket up, then for the answer', () => {
    const deadlines = {
      acceptBy: at('2026-11-25 11:00'),
      answerBy: at('2026-11-26 09:00'),
      yearsWithoutHolidays: [],
    };
    const now = at('2026-11-25 12:00');
    for (const state of CORRECTION_STATES) {
      const due = dueNext(state, deadlines, RULES.calendar, now);
      if (!isOpen(state)) expect(due).toBeNull();
      else if (state === 'submitted')
        expect(due).toMatchObject({
          what: 'accept',
          by: deadlines.acceptBy,
          isOverdue: true,
          workingHours: 1,
        });
      else
        expect(due).toMatchObject({
          what: 'answer',
          by: deadlines.answerBy,
          isOverdue: false,
          workingHours: 5,
        });
    }
    expect(dueNext('submitted', deadlines, RULES.calendar, deadlines.acceptBy)?.isOverdue).toBe(false);
  });

  it('counts a week of holidays as no delay', () => {
    const deadlines = deadlinesOf(RULES, 'other', at('2026-09-29 18:00'));
    const due = dueNext('submitted', deadlines, RULES.calendar, at('2026-10-08 09:00'));
    expect(due).toMatchObject({ by: at('2026-09-30 18:00'), isOverdue: true, workingHours: 1 });
  });
});
