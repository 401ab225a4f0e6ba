import { describe, expect, it } from 'vitest';
import {
  DEFAULT_SIGN_IN_RULES,
  nextSignInStep,
  passwordWeakness,
  type SignInFacts,
  type SignInRules,
} from './index.ts';

const doctor: SignInFacts = {
  role: 'doctor',
  hasSecondFactor: true,
  secondFactorShown: true,
  byPassword: true,
  passwordIsGiven: false,
  passwordAgeDays: 0,
};
const step = (facts: Partial<SignInFacts>, rules: SignInRules = DEFAULT_SIGN_IN_RULES) =>
  nextSignInStep(rules, { ...doctor, ...facts });

describe('the steps of a sign-in', () => {
  it('asks staff for a second factor, and whoever has set one up', () => {
    expect(step({ secondFactorShown: false })).toBe('code');
    expect(step({ secondFactorShown: false, hasSecondFactor: false })).toBe('enrol');
    expect(step({ role: 'patient', secondFactorShown: false, hasSecondFactor: false })).toBe('done');
    expect(step({ role: 'patient', secondFactorShown: false })).toBe('code');
  });

  it('lets a password be changed only behind the second factor', () => {
    expect(step({ passwordIsGiven: true, secondFactorShown: false })).toBe('code');
    expect(step({ passwordIsGiven: true, secondFactorShown: false, hasSecondFactor: false })).toBe('enrol');
    expect(step({ passwordIsGiven: true })).toBe('change-password');
  });

  it('asks for a new password after its days, unless another issuer keeps the passwords', () => {
    expect(step({ passwordAgeDays: 89 })).toBe('done');
    expect(step({ passwordAgeDays: 90 })).toBe('change-password');
    expect(step({ passwordAgeDays: 900, passwordIsGiven: true, byPassword: false })).toBe('done');
    const forever = { ...DEFAULT_SIGN_IN_RULES.password, lifeDays: null };
    expect(step({ passwordAgeDays: 900 }, { ...DEFAULT_SIGN_IN_RULES, password: forever })).toBe('done');
  });
});

describe('a password', () => {
  it.each([
    ['Kurz-1', 'too-short'],
    ['x'.repeat(201), 'too-long'],
    ['Doctor.One-2026', 'contains-login'],
    ['aaaaaaaaaa', 'too-uniform'],
    ['abcdefghij', 'too-uniform'],
    ['abcdefghi1', 'too-uniform'],
    ['a1a1a1a1a1', 'too-uniform'],
  ])('is refused when it is weak: %s', (password, weakness) => {
    expect(passwordWeakness(password, 'doctor.one')).toBe(weakness);
  });

  it('may be Chinese', () => {
    expect(passwordWeakness('春眠不觉晓处处闻啼鸟1a', 'doctor.one')).toBeUndefined();
  });

  it('keeps the rules of the installation', () => {
    const strict = { ...DEFAULT_SIGN_IN_RULES.password, charactersMin: 16, kindsMin: 4 };
    expect(passwordWeakness('Correct-horse-42', 'doctor.one')).toBeUndefined();
    expect(passwordWeakness('Correct-horse-42', 'doctor.one', strict)).toBeUndefined();
    expect(passwordWeakness('Correct-horse-4', 'doctor.one', strict)).toBe('too-short');
    expect(passwordWeakness('Correcthorse4242', 'doctor.one', strict)).toBe('too-uniform');
  });
});
