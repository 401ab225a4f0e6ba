import type { Database } from '../../src/adapters/postgres/database.ts';
import { keepConsentCode } from '../../src/adapters/postgres/consent-codes.ts';
import { readPersonSummary } from '../../src/adapters/postgres/person-search.ts';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { consentToken } from '../../src/apps/flows/consent/consent-link.ts';
import { type Instant, instant } from '../../src/kernel/instant.ts';
import { type PublicId, uuidV7 } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type FormBrowser, formBrowser } from '../system/http-server.ts';
import { testKeys } from '../system/ingest-fixtures.ts';
import { type Example, FORM_KEY, type Json, PIXEL } from './openapi-papers.ts';

/** The sign-in of the person whose results are asked about. */
const PATIENT = { login: 'patient', password: 'Correct-horse-46' } as const;

/** Cheap enough for tests; the real parameters are tested in `accounts-password.test.ts`. */
const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };

/** Digits that the county hospital showed to the patient. */
const DIGITS = '48271193';

/** What was prepared: an act on paper, and the patient signed in. */
export interface PreparedConsent {
  readonly act: string;
  readonly browser: FormBrowser;
  /** Name of the patient, by which family use a code. */
  readonly name: string;
}

/** Opens the patient's account and signs in, and records consent on paper. */
export const prepareConsent = async (
  url: string,
  key: string,
  database: Database,
  person: string,
): Promise<PreparedConsent> => {
  await createAccount(
    database,
    {
      ...PATIENT,
      role: 'patient',
      institution: null,
      displayName: '患者',
      person: person as never,
    },
    { at: systemClock(), newId: () => uuidV7(systemClock(), 7, new Uint8Array(8)), by: 'test', peer: 'test' },
    TEST_COST,
  );
  const form = new FormData();
  for (const [name, value] of Object.entries({
    kind: 'consented',
    way: 'paper',
    relation: 'parent',
    representative: '周明',
  }))
    form.set(name, value);
  form.set('scan', PIXEL, 'scan.png');
  const recorded = await fetch(`${url}/api/persons/${person}/consents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: form,
  });
  const now = systemClock();
  await keepConsentCode(
    database,
    testKeys,
    DIGITS,
    {
      person: person as PublicId,
      institution: 'YX-COUNTY' as InstitutionCode,
      staffNumber: '100118',
      expiresAt: instant(now + 60 * 60_000),
    },
    now,
  );
  const browser = formBrowser(url);
  await browser.signIn(PATIENT.login, PATIENT.password);
  const act = ((await recorded.json()) as { act: { id: string } }).act.id;
  const summary = await readPersonSummary(database, testKeys, person as PublicId);
  return { act, browser, name: summary?.name ?? '周小满' };
};

/** Codes that the county hospital's desk could have shown at this moment. */
export const consentCodes =
  (now: Instant) =>
  (person: string): string =>
    consentToken(testKeys, {
      person: person as PublicId,
      institution: 'YX-COUNTY' as InstitutionCode,
      staffNumber: '100118',
      expiresAt: instant(now + 10 * 60_000),
    });

/** Decides as whoever scanned a code. */
export const decideOnPhone = async (
  url: string,
  address: string,
  decision: Record<string, string>,
): Promise<Response> => {
  const phone = formBrowser(url);
  await phone.get(address);
  return phone.post(address, decision);
};

/** How the operations of consent are driven. */
export const consentExamples = ({
  person,
  act,
  check,
  token,
  code,
  name,
}: {
  readonly person: string;
  /** One recorded on paper by the client's institution. */
  readonly act: string;
  readonly check: string;
  /** Of the card of a check. */
  readonly token: string;
  /** One that a phone could have scanned. */
  readonly code: string;
  readonly name: string;
}): Record<string, Example> => ({
  recordConsent: {
    as: 'client',
    id: person,
    body: { kind: 'consented', way: 'spoken', relation: 'parent' } as Json,
    status: 200,
  },
  listConsents: { as: 'client', id: person, status: 200 },
  readConsent: { as: 'client', id: act, status: 200 },
  readConsentScan: { as: 'client', id: act, status: 200 },
  consentOnOrderPage: {
    as: 'doctor',
    id: person,
    body: { relation: 'parent', idempotencyKey: FORM_KEY },
    status: 303,
  },
  consentOnCheckPage: {
    as: 'doctor',
    id: check,
    body: { relation: 'parent', idempotencyKey: FORM_KEY },
    status: 303,
  },
  consentOnCard: {
    as: 'nobody',
    address: `/card/${token}/consents`,
    body: { relation: 'parent', idempotencyKey: FORM_KEY },
    status: 303,
  },
  consentDeskPage: { as: 'doctor', id: person, status: 200 },
  reviewConsentPage: {
    as: 'doctor',
    id: person,
    body: { kind: 'denied', relation: 'parent', recipient: 'all', lasts: 'until-withdrawn' },
    status: 200,
  },
  recordConsentPage: {
    as: 'doctor',
    id: person,
    upload: {
      kind: 'consented',
      way: 'paper',
      relation: 'parent',
      representative: '周明',
      recipient: 'own-institution',
      lasts: 'visit',
      scan: PIXEL,
      idempotencyKey: FORM_KEY,
    },
    status: 303,
  },
  consentCodePage: { as: 'doctor', id: person, body: {}, status: 200 },
  consentPaperPage: { as: 'doctor', id: person, status: 200 },
  consentPhonePage: { as: 'nobody', address: `/consent/${code}`, status: 200 },
  decideByConsentCode: {
    as: 'nobody',
    address: `/consent/${code}`,
    body: {
      kind: 'consented',
      relation: 'parent',
      representative: '周明',
      scope: 'visit',
      idempotencyKey: FORM_KEY,
    },
    status: 200,
  },
  createFhirConsent: {
    as: 'client',
    fhir: {
      resourceType: 'Consent',
      status: 'active',
      scope: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
      },
      patient: { reference: `Patient/${person}` },
      performer: [
        {
          type: 'RelatedPerson',
          identifier: { system: 'urn:huren:consent:relation', value: 'parent' },
          display: '周明',
        },
      ],
      provision: { type: 'permit' },
    },
    status: 201,
  },
  readFhirConsent: { as: 'client', id: act, status: 200 },
  searchFhirConsents: { as: 'client', query: `?patient=Patient/${person}`, status: 200 },
  recordOwnConsent: { as: 'patient', json: { kind: 'consented' }, status: 200 },
  readOwnConsents: { as: 'patient', status: 200 },
  openConsentCode: { as: 'patient', json: { code: '4827 1193', patientName: name }, status: 200 },
  decideByTypedCode: {
    as: 'patient',
    json: {
      code: DIGITS,
      patientName: name,
      decision: { kind: 'consented', relation: 'parent', scope: 'own-institution' },
    },
    status: 200,
  },
});
