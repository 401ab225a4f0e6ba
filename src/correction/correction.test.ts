import { expect, it } from 'vitest';
import { instant } from '../kernel/instant.ts';
import type { PublicId } from '../kernel/uuid.ts';
import { CORRECTION_KINDS, disputesIdentity, ticketNumber, validateCorrection } from './index.ts';

it('only a report of another person’s value takes the report out of decisions', () => {
  expect(CORRECTION_KINDS.filter((kind) => disputesIdentity({ kind }))).toEqual(['wrong-person']);
});

it('asks for words where the kind says nothing', () => {
  const refused = validateCorrection({ kind: 'other', text: ' \n ' });
  expect(!refused.ok && refused.reason.code).toBe('CORRECTION_TEXT_MISSING');
  expect(validateCorrection({ kind: 'wrong-unit', text: ' 单位应为 mmol/L ' })).toEqual({
    ok: true,
    value: { kind: 'wrong-unit', text: '单位应为 mmol/L' },
  });
});

it('numbers a ticket by the day in China and by its own id', () => {
  const late = instant(Date.UTC(2026, 10, 25, 17));
  expect(ticketNumber(late, '01930000-0000-7000-8000-0a1b2c3d4e5f' as PublicId)).toBe(
    'JC20261126-1B2C3D4E5F',
  );
});
