import { describe, expect, it } from 'vitest';
import { instant } from '../../kernel/instant.ts';
import { codeAt, enrolmentAddress, newSecret, periodOfCode } from './totp.ts';

/** The secret of RFC 6238 appendix B for SHA-1, `12345678901234567890`, in base 32. */
const PUBLISHED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('time-based codes', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('are those of RFC 6238 appendix B at %d s', (seconds, code) => {
    expect(codeAt(PUBLISHED, instant(seconds * 1000))).toBe(code);
  });

  it('belong to one period, a neighbour at most', () => {
    const at = instant(1_234_567_890_000);
    const period = Math.floor(1_234_567_890 / 30);
    for (const offset of [-1, 0, 1])
      expect(periodOfCode(PUBLISHED, codeAt(PUBLISHED, instant(at + offset * 30_000)), at)).toBe(
        period + offset,
      );
    for (const offset of [-2, 2])
      expect(periodOfCode(PUBLISHED, codeAt(PUBLISHED, instant(at + offset * 30_000)), at)).toBeNull();
    for (const text of ['', '05924', '0005924', '00592x', ' 005924'])
      expect(periodOfCode(PUBLISHED, text, at)).toBeNull();
  });

  it('come from a secret of 160 bits that the address for the phone carries', () => {
    const secret = newSecret();
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(newSecret()).not.toBe(secret);
    const address = new URL(enrolmentAddress(secret, 'doctor.one'));
    expect(address.protocol).toBe('otpauth:');
    expect(address.searchParams.get('secret')).toBe(secret);
  });
});
