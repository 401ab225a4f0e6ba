import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { openSession } from '../../src/adapters/postgres/accounts-sessions.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { rightOf } from '../../src/apps/server/actor.ts';
import { admissionOf, type Caller, CALLERS } from '../../src/apps/server/rights-table.ts';
import type { Route } from '../../src/apps/server/route.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import {
  type AccountRole,
  INSTITUTION_ROLES,
  type InstitutionCode,
  STAFF_ROLES,
} from '../../src/organisation/index.ts';
import { declaredRoutes } from '../../tools/declared-routes.ts';
import { type CdsCaller, cdsCaller, registerCaller } from '../contract/cds-hooks-caller.ts';
import { applicationToken } from './application-token.ts';
import { plainInput, UNKNOWN_ID } from './plain-input.ts';
import { signedLaunch } from './launching.ts';
import { type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

/** Cheap enough for tests; the real parameters are tested in `accounts-password.test.ts`. */
const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };

/** Why somebody is not let in. Any other refusal comes from behind the door. */
const AT_THE_DOOR = [
  'SIGN_IN_REQUIRED',
  'NOT_PERMITTED',
  'TOKEN_REFUSED',
  'CARD_LINK_INVALID',
  'LAUNCH_INVALID',
];

/** What is put into the path: a fresh id, a place, or a plain name. */
const filledPath = (path: string, token: string): string =>
  path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    if (name === 'token') return token;
    return name === 'id' ? UNKNOWN_ID : '1';
  });

describe('who may call which route', () => {
  const routes = declaredRoutes();
  let system: RealSystem;
  let hooks: CdsCaller;
  let cardToken: string;
  let appToken: string;
  const accounts = new Map<string, string>();

  beforeAll(async () => {
    system = await realSystem();
    const { dependencies } = system.bench;
    const child = memberOf(system.bench, 'child');
    const checked = (await (
      await fetch(`${system.url}/api/order-checks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(system.bench.orderOf(child)),
      })
    ).json()) as OrderCheckAnswer;
    cardToken = system.cardLinks.tokenOf({
      check: checked.id as never,
      institution: 'YX-COUNTY' as InstitutionCode,
      client: 'yx-county-his',
      staffNumber: '100118',
      department: null,
    });
    appToken = await applicationToken(system, ['system/*.rs']);
    hooks = await cdsCaller();
    await registerCaller(dependencies.database, 'yx-county-his', hooks);
    for (const role of [...STAFF_ROLES, 'patient'] as readonly AccountRole[]) {
      const { accountId } = await createAccount(
        dependencies.database,
        {
          login: `rights.${role}`,
          password: 'Correct-horse-42',
          role,
          institution: INSTITUTION_ROLES.some((each) => each === role)
            ? ('YX-COUNTY' as InstitutionCode)
            : null,
          displayName: `演练${role}`,
          ...(role === 'patient' ? { person: checked.person as never } : { staffNumber: `R-${role}` }),
        },
        { at: systemClock(), newId: dependencies.newPublicId, by: 'test', peer: 'test' },
        TEST_COST,
      );
      accounts.set(role, accountId);
    }
  });
  afterAll(() => system?.stop());

  /** What a caller brings along to prove who it is. Sessions are new each time: some routes end them. */
  const credentialOf = async (caller: Caller, route: Route): Promise<Record<string, string>> => {
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    switch (caller.holder) {
      case null:
        return {};
      case 'client':
        if (route.credential === 'signed-token')
          return caller.registeredFor === 'treatment'
            ? bearer(await hooks.tokenFor(system.url + filledPath(route.path, '')))
            : {};
        return bearer(caller.registeredFor === 'treatment' ? system.key : system.operatorKey);
      case 'launched':
        return {};
      case 'application':
        return route.credential === 'signed-token' ? {} : bearer(appToken);
      default: {
        const { token } = await openSession(
          system.bench.dependencies.database,
          accounts.get(caller.holder) as string,
          null,
          systemClock(),
        );
        return { cookie: `huren_session=${token}` };
      }
    }
  };

  const addressOf = (caller: Caller, route: Route): string => {
    if (route.access.kind === 'launch' && caller.name === 'client:treatment')
      return signedLaunch({ client: 'yx-county-his', staff: '100118', order: 'SQ1' }, system.launchSecret);
    return filledPath(route.path, caller.holder === 'launched' ? cardToken : 'not-a-token');
  };

  const bodyOf = (
    route: Route,
  ): { readonly type: string; readonly body: string | URLSearchParams } | null => {
    if (route.method !== 'POST') return null;
    if (route.rawBody) return { type: route.rawBody.mediaTypes[0] as string, body: '<x/>' };
    const plain = plainInput(route.input.body) ?? {};
    if (route.surface !== 'page' && route.surface !== 'fhir')
      return { type: 'application/json', body: JSON.stringify(plain) };
    const fields = Object.entries(plain).map(([name, value]): [string, string] => [name, String(value)]);
    return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(fields) };
  };

  const call = async (caller: Caller, route: Route) => {
    const sent = bodyOf(route);
    const response = await fetch(system.url + addressOf(caller, route), {
      method: route.method,
      redirect: 'manual',
      headers: {
        ...(await credentialOf(caller, route)),
        accept: route.surface === 'page' ? 'text/html' : '*/*',
        ...(sent ? { 'content-type': sent.type } : {}),
      },
      ...(sent ? { body: sent.body } : {}),
    });
    return { status: response.status, text: await response.text() };
  };

  /** Refused at the door; a page then asks to sign in, and names no code. */
  const isRefused = ({ status, text }: { readonly status: number; readonly text: string }): boolean =>
    (status === 401 || status === 403) &&
    (AT_THE_DOOR.some((code) => text.includes(code)) || (status === 401 && text.includes('name="password"')));

  it('visits every route that the running server publishes', async () => {
    const document = (await (await fetch(`${system.url}/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, object>>;
    };
    const published = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const declared = routes.map(({ method, path }) => `${method} ${path}`);
    expect(published.filter((each) => !declared.includes(each))).toEqual([]);
    expect(new Set(declared).size).toBe(declared.length);
  });

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s',
    async (_, route) => {
      for (const caller of CALLERS) {
        const answer = await call(caller, route);
        const named = `${caller.name}: ${answer.status} ${answer.text.slice(0, 300)}`;
        if (rightOf(route) === null) {
          expect(
            AT_THE_DOOR.filter((code) => answer.text.includes(`"${code}"`)),
            named,
          ).toEqual([]);
          continue;
        }
        expect(isRefused(answer), named).toBe(admissionOf(caller, route) === null);
        if (route.surface !== 'soap') expect(answer.status, named).toBeLessThan(500);
      }
    },
  );
});
