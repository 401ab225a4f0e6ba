import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { readCdsRegistration } from '../src/adapters/cds-hooks/registration.ts';
import { CDS_DIRECTORY_MS, registerCdsClient } from '../src/adapters/postgres/cds-clients.ts';
import { openDatabase } from '../src/adapters/postgres/database.ts';
import { demonstrationClients } from '../src/apps/demonstration/accounts.ts';
import { bulkPatient } from '../src/apps/demonstration/bulk-people.ts';
import { randomStream } from '../src/apps/demonstration/random.ts';
import { systemClock } from '../src/apps/installation.ts';
import type { PublicId } from '../src/kernel/uuid.ts';
import { leanClient, type LeanClient } from './http-client.ts';
import { type OpenLoopReport, runOpenLoop } from './measure.ts';
import { orderableCodes } from './order-check.ts';
import type { RunningServer } from './server-process.ts';
import type { Site } from './site.ts';

/** An open loop of hook calls, with what its answers said and what they cost. */
export interface HookLoop extends OpenLoopReport {
  /** Share of answers that told of an earlier result. */
  readonly withResults: number;
  /** Share of answers that came too late to hold anything but that it was not checked. */
  readonly notChecked: number;
  readonly nodeMicroseconds: number;
  readonly databaseMicroseconds: number;
  /** CPU for checking one ES384 signature and nothing else: what no implementation can do without. */
  readonly signatureMicroseconds: number;
}

const RATE_PER_SECOND = 200;
const ITEMS = 5;
const WARM_UP_SECONDS = 5;
/** Connections of the generator: many more than are busy at once while the budget is kept. */
const CONNECTIONS = 64;
const ISSUER = 'https://bench.example/his';
const ORDER_CODES = 'urn:bench:orders';
const RECORDS = 'urn:bench:records';
const PATH = '/cds-services/order-sign';
const VERIFICATIONS = 2_000;

/** One order-sign call of the county hospital: five everyday items for somebody, everybody equally likely. */
const bodyOf = (site: Site, random: ReturnType<typeof randomStream>, run: string, index: number): string => {
  const codes = orderableCodes();
  const patient = bulkPatient(Math.floor(random.next() * site.persons));
  const first = Math.floor(random.next() * codes.length);
  return JSON.stringify({
    hook: 'order-sign',
    hookInstance: randomUUID(),
    context: {
      userId: 'Practitioner/100118',
      patientId: `p${index}`,
      encounterId: `${run}-${index}`,
      draftOrders: {
        resourceType: 'Bundle',
        entry: Array.from({ length: ITEMS }, (_item, line) => ({
          resource: {
            resourceType: 'ServiceRequest',
            id: `o${line + 1}`,
            status: 'draft',
            intent: 'order',
            subject: { reference: `Patient/p${index}` },
            code: { coding: [{ system: ORDER_CODES, code: codes[(first + line * 3) % codes.length] }] },
          },
        })),
      },
    },
    prefetch: {
      patient: {
        resourceType: 'Patient',
        id: `p${index}`,
        identifier: [
          ...(patient.homeRecord ? [{ system: RECORDS, value: patient.homeRecord.number }] : []),
          { system: 'urn:oid:2.16.156.10011.1.3', value: patient.nationalId },
        ],
        name: [{ text: patient.name }],
        gender: patient.sex,
        birthDate: patient.birthDate,
      },
    },
  });
};

const register = async (site: Site, key: Record<string, unknown>): Promise<void> => {
  const [client] = demonstrationClients();
  const registration = await readCdsRegistration({
    issuer: ISSUER,
    keys: [key as { kty: 'EC'; kid: string }],
    keysAddress: null,
    fhirBase: null,
    orderCodeSystems: [ORDER_CODES],
    recordSystem: RECORDS,
    outpatientSystem: null,
    inpatientSystem: null,
    staffSystem: null,
    origins: [],
  });
  const database = openDatabase({ connectionString: site.connectionString });
  try {
    await registerCdsClient(database, client?.code ?? '', registration, {
      at: systemClock(),
      newId: () => randomUUID() as PublicId,
      by: 'bench',
      peer: 'local',
    });
  } finally {
    await database.close();
  }
};

/** Sends over whichever connection is free; when none is, the request waits, and its wait counts. */
const connectionPool = async (port: number) => {
  const all = await Promise.all(Array.from({ length: CONNECTIONS }, () => leanClient('127.0.0.1', port)));
  const free: LeanClient[] = [...all];
  const waiting: ((client: LeanClient) => void)[] = [];
  const take = (): Promise<LeanClient> => {
    const client = free.pop();
    return client ? Promise.resolve(client) : new Promise((resolve) => waiting.push(resolve));
  };
  return {
    async request(headers: Readonly<Record<string, string>>, body: string) {
      const client = await take();
      try {
        return await client.request('POST', PATH, headers, body);
      } finally {
        const next = waiting.shift();
        if (next) next(client);
        else free.push(client);
      }
    },
    close: () => all.forEach((client) => client.close()),
  };
};

const timeSignatures = async (tokens: readonly string[], keys: JSONWebKeySet): Promise<number> => {
  const keySet = createLocalJWKSet(keys);
  const verify = (place: number) =>
    jwtVerify(tokens[place % tokens.length] as string, keySet, { algorithms: ['ES384'] });
  for (let warm = 0; warm < 100; warm++) await verify(warm);
  const before = process.cpuUsage();
  for (let turn = 0; turn < VERIFICATIONS; turn++) await verify(turn);
  const used = process.cpuUsage(before);
  return (used.user + used.system) / VERIFICATIONS;
};

/**
 * Loads the running server with order-sign calls at a steady rate, whether or not it keeps up: each with a token of its
 * own, five items, the Patient along. Requests and tokens are made before the clock runs.
 */
export const loadHooks = async (site: Site, server: RunningServer, seconds: number): Promise<HookLoop> => {
  const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
  const key = { ...(await exportJWK(publicKey)), kid: 'bench' };
  await register(site, key);
  const registeredAt = performance.now();
  const run = `H${Date.now().toString(36)}`;
  const random = randomStream(`bench hooks ${run}`);
  const audience = `http://127.0.0.1:${server.httpPort}${PATH}`;
  const count = Math.ceil(RATE_PER_SECOND * (seconds + WARM_UP_SECONDS)) + 1;
  const bodies = Array.from({ length: count }, (_, index) => bodyOf(site, random, run, index));
  const now = Math.floor(Date.now() / 1000);
  const tokens = await Promise.all(
    bodies.map(() =>
      new SignJWT({ iss: ISSUER, aud: audience, iat: now, exp: now + 300, jti: randomUUID() })
        .setProtectedHeader({ alg: 'ES384', typ: 'JWT', kid: 'bench' })
        .sign(privateKey),
    ),
  );
  const signatureMicroseconds = await timeSignatures(tokens, { keys: [key] } as unknown as JSONWebKeySet);
  // The server reads its registrations every few seconds.
  const wait = CDS_DIRECTORY_MS + 500 - (performance.now() - registeredAt);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));

  const pool = await connectionPool(server.httpPort);
  let answered = 0;
  let withResults = 0;
  let notChecked = 0;
  let before = server.cpu();
  const report = await runOpenLoop({
    ratePerSecond: RATE_PER_SECOND,
    seconds,
    warmUpSeconds: WARM_UP_SECONDS,
    onStart: () => {
      before = server.cpu();
    },
    work: async (turn) => {
      const answer = await pool.request(
        { authorization: `Bearer ${tokens[turn]}`, 'content-type': 'application/json' },
        bodies[turn] as string,
      );
      answered++;
      if (answer.body.includes('"overrideReasons"') || answer.body.includes('"extension"')) withResults++;
      if (answer.body.includes('本次未核查')) notChecked++;
      return answer.status === 200 && answer.body.startsWith('{"cards":[');
    },
  });
  const after = server.cpu();
  pool.close();
  return {
    ...report,
    withResults: withResults / answered,
    notChecked: notChecked / answered,
    nodeMicroseconds: ((after.program - before.program) / report.count) * 1e6,
    databaseMicroseconds: ((after.database - before.database) / report.count) * 1e6,
    signatureMicroseconds,
  };
};
