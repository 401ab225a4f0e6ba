import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { openSession } from '../../src/adapters/postgres/accounts-sessions.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { admissionOf, type Caller, CALLERS } from '../../src/apps/server/rights-table.ts';
import type { Route } from '../../src/apps/server/route.ts';
import { type InstitutionCode, INSTITUTION_ROLES, type StaffRole } from '../../src/organisation/index.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { declaredRoutes } from '../../tools/declared-routes.ts';
import { prepareNoticeAndTicket } from '../contract/openapi-papers.ts';
import { plainInput, UNKNOWN_ID as UNKNOWN } from './plain-input.ts';
import { type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';
import { listening } from './statement-listener.ts';

/** Cheap enough for tests; the real parameters are tested in `accounts-password.test.ts`. */
const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };

/** A hospital of the region that treats nobody of whom is asked. */
const STRANGER = 'WX-MCH' as InstitutionCode;

/** The row about a refusal: with the person whom the id is of, or by itself. One row either way, written alike. */
const REFUSAL_ROWS: readonly string[] = ['audit.insert-1', 'accounts.record-act'];
/** A client's key is believed for some seconds, whatever is asked. */
const KEY_READ = 'clients.by-code';

/** How long after an answer a row about it may still be written. */
const WRITTEN_AFTER_MS = 5;

/** Whoever acts for one institution. */
const isOfInstitution = ({ holder, name }: Caller): boolean =>
  name === 'client:treatment' || INSTITUTION_ROLES.some((role) => role === holder);

/** Every route in whose path somebody could put an id that is another institution's. */
const guessable = declaredRoutes().filter(
  (route) =>
    route.path.includes('{id}') &&
    route.access.kind === 'right' &&
    // The pages of the browser apps hold no data, and are the same for every id.
    !route.operationId.startsWith('webApp') &&
    // Breaking the glass is for somebody whom the hospital does not know yet; it is confirmed, recorded and reviewed.
    !/\/emergency-access(\/ending)?$/.test(route.path) &&
    CALLERS.some((caller) => isOfInstitution(caller) && admissionOf(caller, route) !== null),
);

describe('an id of another institution', () => {
  let system: RealSystem;
  let key: string;
  /** The statements sent to the database since the last call began. */
  let sent: string[];
  const accounts = new Map<StaffRole, string>();
  /** Ids that exist, by what they are of; of FHIR's observations too. */
  let known: Readonly<Record<string, string>>;

  beforeAll(async () => {
    system = await realSystem({}, (database) => {
      const heard = listening(database);
      ({ sent } = heard);
      return heard.database;
    });
    const { database, newPublicId } = system.bench.dependencies;
    const act = { at: systemClock(), newId: newPublicId, by: 'test', peer: 'test' };
    const client = {
      code: 'guess-his',
      name: 'HIS',
      institution: STRANGER,
      purposes: ['treatment'],
    } as const;
    key = (await createClient(database, client, act)).key;
    for (const role of INSTITUTION_ROLES) {
      const { accountId } = await createAccount(
        database,
        {
          login: `guess.${role}`,
          password: 'Correct-horse-42',
          role,
          institution: STRANGER,
          staffNumber: `G-${role}`,
          displayName: `演练${role}`,
        },
        act,
        TEST_COST,
      );
      accounts.set(role, accountId);
    }
    const made = await fetch(`${system.url}/api/order-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(system.bench.orderOf(memberOf(system.bench, 'potassium-five'))),
    });
    const check = (await made.json()) as OrderCheckAnswer;
    const line = check.lines.find(({ candidates }) => candidates.length > 0);
    const found = line?.candidates[0];
    const person = check.person as string;
    const report = found?.report as string;
    const papers = await prepareNoticeAndTicket(system.url, system.key, check.id, line?.line as number, {
      report,
      person,
    });
    known = {
      check: check.id,
      person,
      report,
      observation: `${report}.${found?.ordinal}`,
      notice: papers.notice.id,
      ticket: papers.ticket,
      supplied: papers.supplied,
    };
  });
  afterAll(() => system?.stop());

  const call = async (
    route: Route,
    id: string,
    credential: Readonly<Record<string, string>>,
  ): Promise<{ readonly answer: string; readonly work: readonly string[] }> => {
    sent.length = 0;
    const address = route.path.replace('{id}', id).replaceAll(/\{\w+\}/g, '1');
    const plain = plainInput(route.input.body) ?? {};
    const form = route.surface === 'page' || route.surface === 'fhir';
    const response = await fetch(system.url + address, {
      method: route.method,
      redirect: 'manual',
      headers: {
        ...credential,
        ...(route.method === 'POST'
          ? { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json' }
          : {}),
      },
      ...(route.method === 'POST' ? { body: form ? '' : JSON.stringify(plain) } : {}),
    });
    const text = (await response.text())
      .replaceAll(id, 'ID')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'REQUEST')
      .replaceAll(/name="formToken" value="[^"]*"/g, 'FORM')
      .replaceAll(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}/g, 'TIME');
    // What is sent at once comes in whatever order; what is written down of a refusal, after the answer.
    await wait(WRITTEN_AFTER_MS);
    return {
      answer: `${response.status} ${response.headers.get('location') ?? ''} ${text}`,
      work: sent
        .filter((name) => name !== KEY_READ)
        .map((name) => (REFUSAL_ROWS.includes(name) ? 'a row about the refusal' : name))
        .toSorted(),
    };
  };

  it('is tried on every route that takes one', () => {
    expect(guessable.length).toBeGreaterThan(40);
  });

  it.each(guessable.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s answers as for one that nobody has, by the same work',
    async (_, route) => {
      const { database } = system.bench.dependencies;
      for (const caller of CALLERS.filter(isOfInstitution)) {
        if (admissionOf(caller, route) === null) continue;
        const account = accounts.get(caller.holder as StaffRole);
        const credential =
          account === undefined
            ? { authorization: `Bearer ${key}` }
            : {
                cookie: `huren_session=${(await openSession(database, account, null, systemClock())).token}`,
              };
        const none = await call(route, UNKNOWN, credential);
        for (const [what, id] of Object.entries(known)) {
          const expected = id.includes('.') ? await call(route, `${UNKNOWN}.1`, credential) : none;
          const { answer, work } = await call(route, id, credential);
          expect(answer, `${caller.name}, id of a ${what}`).toBe(expected.answer);
          // Time that somebody could measure is first of all questions to the database.
          expect(work, `${caller.name}, id of a ${what}`).toEqual(expected.work);
        }
      }
    },
  );
});
