import { randomBytes } from 'node:crypto';
import { ownApps } from './own-apps.ts';
import { DEFAULT_SIGN_IN_RULES, type SignInRules } from '../../src/access/index.ts';
import type { KeyNetwork } from '../../src/adapters/issuer/published-keys.ts';
import type { OutsideIssuer } from '../../src/adapters/outside-issuers/outside-issuer.ts';
import { outsideSignIn } from '../../src/apps/flows/sign-in/outside-sign-in.ts';
import { ownAccountFlows } from '../../src/apps/flows/sign-in/own-account.ts';
import { signInFlows } from '../../src/apps/flows/sign-in/sign-in.ts';
import { type AccountAct, createAccount, type NewAccount } from '../../src/adapters/postgres/accounts.ts';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { cdsClientDirectory } from '../../src/adapters/postgres/cds-clients.ts';
import { snapshotSource } from '../../src/adapters/postgres/lists.ts';
import { type CardLinks, cardLinks } from '../../src/apps/flows/card/card-link.ts';
import { cdsHooks } from '../../src/apps/flows/cds-hooks/cds-hooks.ts';
import type { CdsHooks } from '../../src/apps/server/routes/cds-hooks.ts';
import { cardFlows } from '../../src/apps/flows/card/card.ts';
import { launchDesk } from '../../src/apps/flows/card/launch-desk.ts';
import { applicationTokens } from '../../src/apps/server/application-tokens.ts';
import { type HttpServer, type ServerDependencies, startHttpServer } from '../../src/apps/server/server.ts';
import type { CardFlows } from '../../src/apps/server/routes/card-port.ts';
import { type Clock, instant } from '../../src/kernel/instant.ts';
import { ok } from '../../src/kernel/result.ts';
import { uuidV7 } from '../../src/kernel/uuid.ts';
import type { ClientPurpose, InstitutionCode } from '../../src/organisation/index.ts';
import { examplePatientSupplied } from '../browser/example-patient-supplied.ts';
import { exampleNotices } from '../browser/example-notices.ts';
import { exampleConsents } from '../browser/example-consents.ts';
import { exampleCorrections } from '../browser/example-corrections.ts';
import type { AnswerReview } from '../../src/apps/server/routes/answer-review.ts';
import { type ExampleFlows, exampleFlows } from '../browser/example-flows.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { testKeys } from './ingest-fixtures.ts';

/** Cheap enough for tests; the real parameters are tested in `accounts-password.test.ts`. */
const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };

export const DOCTOR: NewAccount = {
  login: 'doctor.one',
  password: 'Correct-horse-42',
  role: 'doctor',
  institution: 'COUNTY' as InstitutionCode,
  staffNumber: '1001',
  department: '儿科',
  displayName: '示例医师',
};

const SINCE = '2026-11-01T00:00:00.000Z';

/** A hospital in which nothing was answered yet. */
const EXAMPLE_REVIEW: AnswerReview = {
  executed: async () => ok({ since: SINCE, truncated: false, recognitions: [] }),
  waiting: async () => ok({ since: SINCE, truncated: false, recognitions: [] }),
  repeats: async () => ok({ since: SINCE, items: [] }),
};

/** A real server on a free port with a real database and the example flows. */
export interface RunningServer {
  readonly server: HttpServer;
  readonly flows: ExampleFlows;
  readonly answerReview: AnswerReview;
  readonly store: TestDatabase;
  /** What the server was started with, for another beside it. */
  readonly dependencies: ServerDependencies;
  /** File of the keys that sign the issuer's tokens. */
  readonly issuerKeyFile: string;
  readonly cardLinks: CardLinks;
  readonly cdsHooks: CdsHooks;
  /** What the gate and the routes of the card work with. */
  readonly card: Pick<
    ServerDependencies,
    | 'applicationTokens'
    | 'cards'
    | 'cardLinks'
    | 'issuers'
    | 'launchDesk'
    | 'outside'
    | 'ownAccount'
    | 'signIn'
  >;
  /** Everything the server wrote to its log so far. */
  logText(): string;
  /** An act of the console now. */
  act(): AccountAct;
  /** Moves the server's clock on. */
  advance(milliseconds: number): void;
  addStaff(account: Partial<NewAccount>): Promise<void>;
  addClient(code: string, purposes: readonly ClientPurpose[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Lets everybody in with a password alone, so that what is tested behind the sign-in need not take its steps; they have
 * tests of their own.
 */
export const PASSWORD_ALONE: SignInRules = {
  ...DEFAULT_SIGN_IN_RULES,
  secondFactorRoles: [],
  password: { ...DEFAULT_SIGN_IN_RULES.password, changeFirst: false, lifeDays: null },
};

/** Starts it. @param rules of the sign-in; the password alone where a test does not say */
export const runningServer = async (
  rules?: SignInRules,
  outsideIssuers: readonly OutsideIssuer[] = [],
  keyNetwork?: KeyNetwork,
): Promise<RunningServer> => {
  const store = await testDatabase();
  const flows = exampleFlows();
  let log = '';
  let ahead = 0;
  const clock: Clock = () => instant(Date.now() + ahead);
  const newId = () => uuidV7(clock(), 1, randomBytes(8));
  const links = cardLinks({ keys: testKeys, clock, publicUrl: () => server.url });
  const hooks = cdsHooks(
    {
      database: store.database,
      clock,
      newPublicId: newId,
      snapshots: snapshotSource(store.database),
      clients: cdsClientDirectory(store.database, clock),
      cardLinks: links,
      limits: { answerMs: 20_000, fhirMs: 10_000 },
    },
    flows,
  );
  const act = () => ({ at: clock(), newId, by: 'console', peer: 'local' });
  const desk = launchDesk({ database: store.database, keys: testKeys, clock, newPublicId: newId });
  const snapshots = snapshotSource(store.database);
  const cards: CardFlows = {
    ...cardFlows({
      database: store.database,
      clock,
      snapshots,
      flows,
      cardLinks: links,
      launchDesk: desk,
    }),
    // The checks of the example flows are in no database, so a launch is for the latest of them.
    open: async ({ code, institution }, { staff }) =>
      ok(
        links.tokenOf({
          check: flows.latestCheck(),
          institution,
          client: code,
          staffNumber: staff,
          department: null,
        }),
      ),
  };
  const signInDependencies = {
    database: store.database,
    keys: testKeys,
    clock,
    newPublicId: newId,
    rules: rules ?? PASSWORD_ALONE,
  };
  const signIn = signInFlows(signInDependencies);
  const ownAccount = ownAccountFlows(signInDependencies);
  const outside = outsideSignIn({
    database: store.database,
    keys: testKeys,
    clock,
    newPublicId: newId,
    issuers: outsideIssuers,
    signIn,
    url: () => server.url,
  });
  const own = ownApps(
    { database: store.database, keys: testKeys, clock, newPublicId: newId, flows },
    () => server.url,
    keyNetwork,
  );
  const tokens = applicationTokens({
    database: store.database,
    keys: testKeys,
    clock,
    url: () => server.url,
  });
  const dependencies: ServerDependencies = {
    database: store.database,
    flows,
    answerReview: EXAMPLE_REVIEW,
    cardLinks: links,
    consents: exampleConsents(),
    corrections: exampleCorrections(),
    cdsHooks: hooks,
    applicationTokens: tokens,
    signIn,
    ownAccount,
    apps: own.apps,
    issuers: outsideIssuers,
    outside,
    cards,
    launchDesk: desk,
    notices: exampleNotices(),
    patientSupplied: examplePatientSupplied(),
    clock,
    newId,
    probes: [],
    logTo: {
      write(line: string) {
        log += line;
      },
    },
  };
  const server: HttpServer = await startHttpServer(dependencies, { host: '127.0.0.1', port: 0 });
  return {
    server,
    flows,
    answerReview: EXAMPLE_REVIEW,
    issuerKeyFile: own.issuerKeyFile,
    dependencies,
    store,
    cardLinks: links,
    cdsHooks: hooks,
    card: {
      applicationTokens: tokens,
      signIn,
      ownAccount,
      issuers: outsideIssuers,
      outside,
      cards,
      cardLinks: links,
      launchDesk: desk,
    },
    logText: () => log,
    act,
    advance(milliseconds) {
      ahead += milliseconds;
    },
    async addStaff(account) {
      await createAccount(store.database, { ...DOCTOR, ...account }, act(), TEST_COST);
    },
    async addClient(code, purposes) {
      const client = { code, name: code, institution: 'COUNTY' as InstitutionCode, purposes };
      return (await createClient(store.database, client, act())).key;
    },
    async stop() {
      await server.close();
      await store.drop();
      own.remove();
    },
  };
};

/** A browser's cookies and forms over plain fetch. */
export interface FormBrowser {
  get(path: string): Promise<Response>;
  /** Posts a form with the token of the last page, unless `formToken` is given. */
  post(path: string, fields: Record<string, string>): Promise<Response>;
  /** Posts a form as `multipart/form-data`, files as blobs. */
  upload(path: string, fields: Record<string, string | Blob>): Promise<Response>;
  /** Posts JSON, as the browser apps do. */
  postJson(path: string, body: unknown): Promise<Response>;
  readonly cookies: Map<string, string>;
  signIn(login: string, password: string): Promise<Response>;
}

/** A browser with script off, as far as forms and cookies go. Redirects are handed back, not followed. */
export const formBrowser = (url: string, more: Readonly<Record<string, string>> = {}): FormBrowser => {
  const cookies = new Map<string, string>();
  let formToken = '';
  const take = async (response: Response): Promise<Response> => {
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const [name, value] = (pair as string).split('=');
      if (value === '') cookies.delete(name as string);
      else cookies.set(name as string, value as string);
    }
    const token = /name="formToken" value="([^"]+)"/.exec(await response.clone().text())?.[1];
    if (token) formToken = token;
    return response;
  };
  const headers = () => ({
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    accept: 'text/html',
    ...more,
  });
  const browser: FormBrowser = {
    cookies,
    get: async (path) => take(await fetch(url + path, { headers: headers(), redirect: 'manual' })),
    async post(path, fields) {
      const body = new URLSearchParams({ formToken, ...fields });
      return take(await fetch(url + path, { method: 'POST', headers: headers(), body, redirect: 'manual' }));
    },
    async upload(path, fields) {
      const body = new FormData();
      for (const [name, value] of Object.entries({ formToken, ...fields })) body.append(name, value);
      return take(await fetch(url + path, { method: 'POST', headers: headers(), body, redirect: 'manual' }));
    },
    async postJson(path, body) {
      const sent = { ...headers(), 'content-type': 'application/json' };
      return take(
        await fetch(url + path, {
          method: 'POST',
          headers: sent,
          body: JSON.stringify(body),
          redirect: 'manual',
        }),
      );
    },
    async signIn(login, password) {
      await browser.get('/sign-in');
      return browser.post('/sign-in', { login, password });
    },
  };
  return browser;
};

/** The same with somebody signed in. */
export const signedInBrowser = async (
  url: string,
  { login, password }: { readonly login: string; readonly password: string },
): Promise<FormBrowser> => {
  const browser = formBrowser(url);
  await browser.signIn(login, password);
  return browser;
};
