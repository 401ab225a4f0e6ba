import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseIdentifier, normalisePhone, oneSlipApart } from './identifiers.ts';
import type { PersonIdentifierType } from './incoming-patient.ts';

const normalised = (type: PersonIdentifierType, number: string, issuer = 'CN') =>
  normaliseIdentifier({ type, issuer, number });

describe('a national ID number', () => {
  it.each([
    '11010519491231002X',
    '11010519491231002x',
    '１１０１０５１９４９１２３１００２Ｘ',
    '110105 19491231 002*',
  ])('is read from %s', (number) => {
    expect(normalised('national-id', number)).toEqual({
      type: 'national-id',
      issuer: 'CN',
      number: '11010519491231002X',
      valid: true,
    });
  });

  it('of 15 digits is the 18-character number it became', () => {
    expect(normalised('national-id', '110105491231002')).toMatchObject({
      number: '11010519491231002X',
      valid: true,
    });
  });

  it('of a person born in 1880 is valid, as the standard’s own example is', () => {
    expect(normalised('national-id', '440524188001010014')?.valid).toBe(true);
  });

  it.each(['110105194912310021', '11010519491331002X', '000000000000000000', '无'])(
    'that fails its check (%s) is kept and never valid',
    (number) => {
      expect(normalised('national-id', number)).toMatchObject({ number, valid: false });
    },
  );

  it('that begins with 81 or 9 is filed as the residence permit it is', () => {
    expect(normalised('national-id', '810000199408230021')?.type).toBe('residence-permit-hmt');
  });
});

describe('other identifiers', () => {
  it('of Hong Kong and Macao drop the issue count of older cards', () => {
    expect(normalised('hk-macao-permit', 'H1234567802')?.number).toBe('H12345678');
  });

  it('keep their issuer, since the number alone is nobody', () => {
    expect(normalised('medical-record', '1111', 'YX-County')).toEqual({
      type: 'medical-record',
      issuer: 'YX-County',
      number: '1111',
      valid: true,
    });
  });
});

describe('a phone', () => {
  it.each([
    ['+86 138-1234-5678', '13812345678'],
    ['0591-8765 4321', '059187654321'],
    ['13800000000', undefined],
    ['12', undefined],
  ])('%s is %s', (phone, expected) => {
    expect(normalisePhone(phone)).toBe(expected);
  });
});

describe('one slip of the keyboard', () => {
  const digits = fc.stringMatching(/^\d{17}[\dX]$/);

  it('is found whichever character was replaced, left out or doubled', () => {
    fc.assert(
      fc.property(digits, fc.nat(17), fc.integer({ min: 0, max: 9 }), (number, at, digit) => {
        const replaced = number.slice(0, at) + digit + number.slice(at + 1);
        const leftOut = number.slice(0, at) + number.slice(at + 1);
        const added = number.slice(0, at) + digit + number.slice(at);
        for (const other of [replaced, leftOut, added])
          if (other !== number)
            expect([oneSlipApart(number, other), oneSlipApart(other, number)]).toEqual([true, true]);
      }),
    );
  });

  it('covers two neighbours exchanged but not two far apart', () => {
    expect(oneSlipApart('110105194912310021', '110105194912310012')).toBe(true);
    expect(oneSlipApart('110105194912310021', '210105194912310022')).toBe(false);
  });
});
