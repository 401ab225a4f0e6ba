import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONSENT_ACT_KINDS, CONSENT_RELATIONS } from '../../consent/index.ts';
import { Fault } from '../../kernel/fault.ts';
import { consentResource, type KeptConsent, readConsentResource } from './consent.ts';

const PERSON = '019a0000-0000-7000-8000-000000000001';
const ACT: KeptConsent = {
  id: '019a0000-0000-7000-8000-000000000002',
  person: PERSON,
  kind: 'consented',
  purpose: 'treatment',
  source: null,
  recipient: 'YX-COUNTY',
  recordClass: null,
  relation: 'parent',
  representative: '周明',
  way: 'registration',
  wording: 'default.1',
  actedAt: '2026-11-23T03:00:00Z',
  until: null,
  inForce: true,
  institution: 'YX-COUNTY',
  scanUrl: null,
};

const codeOf = (work: () => unknown): string | null => {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.place}`;
    throw error;
  }
};

describe('an act of consent as FHIR R4 Consent', () => {
  it('comes back as it went out, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.record({
          kind: fc.constantFrom(...CONSENT_ACT_KINDS),
          relation: fc.constantFrom(...CONSENT_RELATIONS),
          source: fc.constantFrom(null, 'WX-MCH'),
          recipient: fc.constantFrom(null, 'YX-COUNTY'),
          recordClass: fc.constantFrom(null, 'hiv'),
          until: fc.constantFrom(null, '2027-01-01T00:00:00Z'),
          inForce: fc.boolean(),
        }),
        (over) => {
          const written = JSON.parse(JSON.stringify(consentResource({ ...ACT, ...over }))) as unknown;
          const { inForce: _inForce, ...stated } = over;
          expect(readConsentResource(written)).toMatchObject({
            ...stated,
            person: PERSON,
            representative: over.relation === 'self' ? null : '周明',
          });
        },
      ),
    );
  });

  it.each([
    ['consented', true, 'active', 'permit'],
    ['consented', false, 'inactive', 'permit'],
    ['denied', true, 'rejected', 'deny'],
    ['withdrawn', true, 'inactive', 'deny'],
    ['informed', true, 'proposed', 'permit'],
  ] as const)('%s, in force %s: %s, %s', (kind, inForce, status, type) => {
    expect(consentResource({ ...ACT, kind, inForce })).toMatchObject({ status, provision: { type } });
  });

  it('of a stranger is read by status and provision', () => {
    const foreign = {
      resourceType: 'Consent',
      status: 'active',
      scope: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
      },
      patient: { reference: `Patient/${PERSON}` },
      provision: { type: 'deny' },
    };
    expect(readConsentResource(foreign)).toMatchObject({ kind: 'denied', relation: 'self', recipient: null });
  });

  it.each([
    [
      'an exception inside',
      { provision: { type: 'permit', provision: [{ type: 'deny' }] } },
      'provision.provision',
    ],
    ['named documents alone', { provision: { type: 'permit', data: [] } }, 'provision.data'],
    ['a modifier', { modifierExtension: [{ url: 'x', valueBoolean: true }] }, 'modifierExtension'],
    [
      'another purpose',
      { provision: { type: 'permit', purpose: [{ system: 'x', code: 'HRESCH' }] } },
      'provision.purpose',
    ],
    ['research', { scope: { coding: [{ system: 'x', code: 'research' }] } }, 'scope'],
    ['entered in error', { extension: [], status: 'entered-in-error' }, 'status'],
  ])('with %s is refused whole', (_what, over, place) => {
    expect(codeOf(() => readConsentResource({ ...consentResource(ACT), ...over }))).toBe(
      `FHIR_CONSENT_UNSUPPORTED ${place}`,
    );
  });

  it('is refused where it is no consent, or about nobody', () => {
    expect(codeOf(() => readConsentResource({ resourceType: 'Patient' }))).toBe(
      'FHIR_CONSENT_INVALID resourceType',
    );
    expect(
      codeOf(() => readConsentResource({ ...consentResource(ACT), patient: { display: '周小满' } })),
    ).toBe('FHIR_CONSENT_INVALID patient');
  });
});
