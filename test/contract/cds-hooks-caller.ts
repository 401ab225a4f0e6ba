import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { readCdsRegistration } from '../../src/adapters/cds-hooks/registration.ts';
import { type CdsRegistration, registerCdsClient } from '../../src/adapters/postgres/cds-clients.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';

/** Code system of the order codes of the hospital that calls. */
export const ORDER_CODES = 'urn:example:county-hospital:orders';
/** Identifier system of its record numbers. */
export const RECORD_NUMBERS = 'urn:example:county-hospital:patients';
/** Identifier system of the citizen number. */
export const CITIZEN_NUMBERS = 'urn:oid:2.16.156.10011.1.3';
/** Its issuer. */
export const ISSUER = 'https://his.example/cds';

/** What a token says; every part of it can be told otherwise. */
export interface TokenParts {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Seconds before now at which it says it was made. */
  readonly ageSeconds?: number;
  readonly algorithm?: 'ES384' | 'RS384';
}

/** A hospital's system that speaks CDS Hooks: its keys, its tokens and its calls. */
export interface CdsCaller {
  readonly keys: readonly JWK[];
  /** A signed token for an endpoint. */
  tokenFor(endpoint: string, parts?: TokenParts): Promise<string>;
  /** Calls with a fresh token for exactly that address. */
  call(
    method: 'GET' | 'POST',
    address: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
}

/** Makes keys and a caller that signs with them. */
export const cdsCaller = async (issuer: string = ISSUER): Promise<CdsCaller> => {
  const elliptic = await generateKeyPair('ES384', { extractable: true });
  const rsa = await generateKeyPair('RS384', { extractable: true });
  const caller: CdsCaller = {
    keys: [
      { ...(await exportJWK(elliptic.publicKey)), kid: 'ec-1' },
      { ...(await exportJWK(rsa.publicKey)), kid: 'rsa-1' },
    ],
    async tokenFor(endpoint, { header = {}, claims = {}, ageSeconds = 0, algorithm = 'ES384' } = {}) {
      const madeAt = Math.floor(Date.now() / 1000) - ageSeconds;
      const payload = {
        iss: issuer,
        aud: endpoint,
        iat: madeAt,
        exp: madeAt + 60,
        jti: randomUUID(),
        ...claims,
      };
      const kid = algorithm === 'ES384' ? 'ec-1' : 'rsa-1';
      return new SignJWT(payload)
        .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid, ...header })
        .sign((algorithm === 'ES384' ? elliptic : rsa).privateKey);
    },
    async call(method, address, body, headers = {}) {
      return fetch(address, {
        method,
        headers: {
          authorization: `Bearer ${await caller.tokenFor(address)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    },
  };
  return caller;
};

/** Registers a client of the platform for CDS Hooks with the caller's keys. */
export const registerCaller = async (
  database: Database,
  client: string,
  { keys }: CdsCaller,
  over: Partial<CdsRegistration> = {},
): Promise<void> => {
  const registration = await readCdsRegistration({
    issuer: ISSUER,
    keys: keys.map((key) => ({ ...key, kty: key.kty as 'EC' | 'RSA', kid: key.kid as string })),
    keysAddress: null,
    fhirBase: null,
    orderCodeSystems: [ORDER_CODES],
    recordSystem: RECORD_NUMBERS,
    outpatientSystem: null,
    inpatientSystem: null,
    staffSystem: null,
    origins: [],
    ...(over as object),
  });
  await registerCdsClient(database, client, registration, {
    at: instant(Date.now()),
    newId: () => randomUUID() as PublicId,
    by: 'test',
    peer: 'test',
  });
};

/** A FHIR Patient of the calling hospital. */
export const patientResource = (
  id: string,
  {
    nationalId,
    name,
    sex,
    birthDate,
  }: { nationalId?: string; name?: string; sex?: string; birthDate?: string },
): Record<string, unknown> => ({
  resourceType: 'Patient',
  id,
  ...(nationalId === undefined ? {} : { identifier: [{ system: CITIZEN_NUMBERS, value: nationalId }] }),
  ...(name === undefined ? {} : { name: [{ use: 'official', text: name }] }),
  ...(sex === undefined ? {} : { gender: sex }),
  ...(birthDate === undefined ? {} : { birthDate }),
});

/** A draft ServiceRequest for one of the hospital's own order codes. */
export const draftOrder = (
  id: string,
  patientId: string,
  code: string,
  over: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  resourceType: 'ServiceRequest',
  id,
  status: 'draft',
  intent: 'order',
  subject: { reference: `Patient/${patientId}` },
  code: { coding: [{ system: ORDER_CODES, code }] },
  ...over,
});

/** A hook call about draft orders. */
export const hookBody = (
  hook: 'order-select' | 'order-sign',
  patientId: string,
  drafts: readonly Record<string, unknown>[],
  over: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  hook,
  hookInstance: randomUUID(),
  context: {
    userId: 'Practitioner/100118',
    patientId,
    ...(hook === 'order-select'
      ? { selections: drafts.map(({ resourceType, id }) => `${String(resourceType)}/${String(id)}`) }
      : {}),
    draftOrders: {
      resourceType: 'Bundle',
      type: 'collection',
      entry: drafts.map((resource) => ({ resource })),
    },
  },
  ...over,
});
