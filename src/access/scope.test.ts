import { describe, expect, it } from 'vitest';
import { readResourceScope, RESOURCE_SCOPES, scopeLevelFor, scopesWithin } from './index.ts';

const holding = (scopes: readonly string[], hasPatient = false, hasUser = false) => ({
  scopes,
  hasPatient,
  hasUser,
});

describe('scopes of SMART App Launch', () => {
  it('reads each that can be granted, and nothing else', () => {
    for (const scope of RESOURCE_SCOPES) expect(readResourceScope(scope), scope).not.toBeNull();
    expect(readResourceScope('patient/Observation.rs')).toEqual({
      level: 'patient',
      resource: 'Observation',
      interactions: ['read', 'search'],
    });
    for (const other of [
      'openid',
      'launch/patient',
      'patient/Observation.cruds',
      'patient/Observation.write',
      'patient/Observation.sr',
      'patient/MedicationRequest.rs',
      'patient/Observation.rs?category=laboratory',
      'doctor/Observation.rs',
      'patient/Observation.rs\n',
    ])
      expect(readResourceScope(other), other).toBeNull();
  });

  it('lets do only what is written', () => {
    expect(scopeLevelFor(holding(['system/Observation.r']), 'Observation', 'read')).toBe('system');
    expect(scopeLevelFor(holding(['system/Observation.r']), 'Observation', 'search')).toBeNull();
    expect(scopeLevelFor(holding(['system/Observation.rs']), 'Patient', 'read')).toBeNull();
    expect(scopeLevelFor(holding(['system/*.read']), 'Patient', 'search')).toBe('system');
  });

  it('lets whoever may have much ask for less, and never for more', () => {
    const within = scopesWithin(['openid', 'patient/*.rs', 'user/Patient.r']);
    for (const scope of [
      'openid',
      'patient/Observation.rs',
      'patient/*.read',
      'patient/Patient.s',
      'user/Patient.r',
    ])
      expect(within).toContain(scope);
    for (const scope of ['user/Patient.rs', 'user/Observation.r', 'system/Patient.r', 'user/*.r'])
      expect(within).not.toContain(scope);
  });

  it('counts a level only for the token it is meant for', () => {
    const scopes = ['patient/*.rs', 'user/*.rs', 'system/*.rs'];
    expect(scopeLevelFor(holding(scopes), 'Patient', 'read')).toBe('system');
    expect(scopeLevelFor(holding(scopes, false, true), 'Patient', 'read')).toBe('user');
    expect(scopeLevelFor(holding(['patient/*.rs'], true, true), 'Patient', 'read')).toBe('patient');
    expect(scopeLevelFor(holding(['patient/*.rs'], false, true), 'Patient', 'read')).toBeNull();
    expect(scopeLevelFor(holding(['system/*.rs'], true, true), 'Patient', 'read')).toBeNull();
    expect(scopeLevelFor(holding(['user/*.rs']), 'Patient', 'read')).toBeNull();
  });
});
