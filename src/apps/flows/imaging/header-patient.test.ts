import { expect, test } from 'vitest';
import { unsealedStatement } from './header-patient.ts';

test('of a study that was kept before it was read nothing is known of how it was asked for', () => {
  const patient = { patientId: '1', issuerOfPatientId: null, name: null, birthDate: null, sex: 'M' };
  const keys = { open: () => Buffer.from(JSON.stringify(patient)) };
  const kept = { studyUid: '1.2', patient: { keyId: 'k', bytes: new Uint8Array() } };
  expect(unsealedStatement(keys, kept)).toEqual({
    patient,
    request: { studyId: null, referringPhysician: null },
  });
});
