import type { Database } from '../../src/adapters/postgres/database.ts';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { uuidV7 } from '../../src/kernel/uuid.ts';
import { type Example, type Json, PIXEL } from './openapi-papers.ts';

/** The sign-in of the person whose results are asked about. */
export const PATIENT = { login: 'patient', password: 'Correct-horse-46' } as const;

/** Cheap enough for tests; the real parameters are tested in `accounts-password.test.ts`. */
const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };

/** Opens the patient's account, and records consent on paper; gives the id of the act. */
export const prepareConsent = async (
  url: string,
  key: string,
  database: Database,
  person: string,
): Promise<string> => {
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
  return ((await recorded.json()) as { act: { id: string } }).act.id;
};

/** How the operations of consent are driven. */
export const consentExamples = ({
  person,
  act,
}: {
  readonly person: string;
  /** One recorded on paper by the client's institution. */
  readonly act: string;
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
  recordOwnConsent: { as: 'patient', json: { kind: 'consented' }, status: 200 },
  readOwnConsents: { as: 'patient', status: 200 },
});
