import {
  authorizationCodeGrant,
  clientCredentialsGrant,
  type Configuration,
  refreshTokenGrant,
} from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/apps/installation.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { patientSignIn, personOf, signedInPatient } from './own-data-bench.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';
import { answerWith, appKeys, appOf, registerApp, requestOf, signedIn, untilAsked } from './smart-app.ts';

/*
 * An app as its maker sees it: a token from our issuer by a certified client library, and then results with it. Everything
 * else about tokens is in `smart`, `smart-tokens` and `token-attacks`, everything else about results in `test/contract/fhir`.
 */

const READ = statement(
  'test.smart-fhir-audit',
  `select action, purpose, outcome, role, staff_number from audit_events where actor = $1 order by event_id`,
);

interface Bundle {
  readonly total: number;
  readonly entry: readonly { readonly resource: { readonly resourceType: string; readonly id: string } }[];
}

describe('an app from its token to the results', () => {
  let system: RealSystem;
  let url: string;
  let growth: Configuration;
  let doctor: FormBrowser;
  let patient: FormBrowser;
  let person: PublicId;
  let other: PublicId;

  const get = (token: string, path: string): Promise<Response> =>
    fetch(`${url}/fhir/${path}`, { headers: { authorization: `Bearer ${token}` } });
  const statusOf = async (token: string, path: string): Promise<number> => (await get(token, path)).status;
  const bundle = async (token: string, path: string): Promise<Bundle> => {
    const answer = await get(token, path);
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as Bundle;
  };
  const readsOf = (actor: string) =>
    system.bench.opened.database.run<{
      action: string;
      purpose: string;
      outcome: string;
      role: string;
      staff_number: string | null;
    }>(READ, [actor]);

  /** Orders for somebody, so that the county hospital treats them. */
  const order = async (key: string): Promise<PublicId> => {
    await fetch(`${url}/api/order-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(system.bench.orderOf(memberOf(system.bench, key))),
    });
    return personOf(system.bench, key);
  };

  const act = () => ({
    at: systemClock(),
    newId: system.bench.dependencies.newPublicId,
    by: 'test',
    peer: 'test',
  });
  const register = (app: Parameters<typeof registerApp>[1]) =>
    registerApp({ store: { database: system.bench.opened.database } as never, act }, app);

  beforeAll(async () => {
    system = await realSystem();
    url = system.url;
    person = await order('three-hospitals');
    other = await order('child');
    await register({ code: 'growth' });
    growth = await appOf(url, 'growth');
    doctor = await signedIn(url, COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
    patient = await signedInPatient(system, 'three-hospitals');
    await patient.get('/account');
  });
  afterAll(() => system?.stop());

  /** Takes tokens as an app does: request, question, answer, code. */
  const tokensFrom = async (
    browser: FormBrowser,
    asked: Record<string, string>,
    answer: Record<string, string> = {},
    beforeAnswer: (path: string) => Promise<void> = async () => undefined,
  ) => {
    const { address, checks } = await requestOf(growth, url, asked);
    const { path } = await untilAsked(browser, url, address);
    await beforeAnswer(path);
    const back = await answerWith(browser, url, path, { decision: 'allow', ...answer });
    return authorizationCodeGrant(growth, back, checks);
  };

  it('reads a patient’s own results and nobody else’s, and is out at once when the patient takes it back', async () => {
    const tokens = await tokensFrom(patient, {
      scope: 'openid fhirUser launch/patient patient/Observation.rs patient/Patient.r offline_access',
    });
    const token = tokens.access_token;
    expect(tokens['patient']).toBe(person);
    const found = await bundle(token, `Observation?patient=${person}&_count=200`);
    expect(found.total).toBeGreaterThan(3);
    const [first] = found.entry;
    expect(await statusOf(token, `Observation/${first?.resource.id}`)).toBe(200);
    expect(await statusOf(token, `Patient/${person}`)).toBe(200);
    // What the scopes do not name.
    expect(await statusOf(token, `DiagnosticReport?patient=${person}`)).toBe(403);
    const everything = await bundle(token, `Patient/${person}/$everything?_count=200`);
    expect(new Set(everything.entry.map(({ resource }) => resource.resourceType))).toEqual(
      new Set(['Patient', 'Observation']),
    );
    // Whom the token does not name; the hospital treats them all the same.
    for (const path of [`Observation?patient=${other}`, `Patient/${other}`, `Patient/${other}/$everything`])
      expect(await statusOf(token, path), path).toBe(404);
    // Everything else of the platform.
    expect(await statusOf(token, `../api/persons/${person}/results`)).toBe(403);
    const reads = await readsOf(`application:growth/patient:${person}`);
    expect(reads.filter(({ outcome }) => outcome === 'disclosed').map(({ action }) => action)).toEqual([
      'results.read',
      'report.read',
      'person.read',
      'results.read',
    ]);
    expect(new Set(reads.map(({ purpose }) => purpose))).toContain('own-data');

    const again = await refreshTokenGrant(growth, tokens.refresh_token as string);
    expect(await statusOf(again.access_token, `Observation?patient=${person}`)).toBe(200);
    await patient.get('/account');
    await patient.post('/account/applications/withdraw', { application: 'growth' });
    for (const dead of [token, again.access_token])
      expect(await statusOf(dead, `Observation?patient=${person}`)).toBe(401);
    await expect(refreshTokenGrant(growth, again.refresh_token as string)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('is brought along nothing that it could not have asked for by itself', async () => {
    const typesIn = async (token: string, path: string) =>
      new Set((await bundle(token, path)).entry.map(({ resource }) => resource.resourceType));
    const results = await tokensFrom(patient, { scope: 'openid launch/patient patient/Observation.rs' });
    expect(
      await typesIn(results.access_token, `Observation?patient=${person}&_include=Observation:patient`),
    ).toEqual(new Set(['Observation']));
    const both = 'DiagnosticReport:result&_include=DiagnosticReport:patient';
    const reports = await tokensFrom(patient, { scope: 'openid launch/patient patient/DiagnosticReport.rs' });
    expect(
      await typesIn(reports.access_token, `DiagnosticReport?patient=${person}&_include=${both}`),
    ).toEqual(new Set(['DiagnosticReport']));
    const all = await tokensFrom(patient, { scope: 'openid launch/patient patient/*.rs' });
    expect(await typesIn(all.access_token, `DiagnosticReport?patient=${person}&_include=${both}`)).toEqual(
      new Set(['DiagnosticReport', 'Observation', 'Patient']),
    );
  });

  it('reads for a doctor about the patient the doctor chose, as that doctor', async () => {
    const { nationalId } = memberOf(system.bench, 'three-hospitals').person;
    const tokens = await tokensFrom(
      doctor,
      { scope: 'openid launch/patient patient/*.rs' },
      { patient: person },
      async (path) => {
        await doctor.post(`${path}/patient`, { by: 'national-id', text: nationalId as string });
      },
    );
    const token = tokens.access_token;
    expect(tokens['patient']).toBe(person);
    expect((await bundle(token, `DiagnosticReport?patient=${person}`)).total).toBeGreaterThan(0);
    expect(await statusOf(token, `Observation?patient=${other}`)).toBe(404);
    expect(await readsOf(`application:growth/staff:${COUNTY_DOCTOR.login}`)).toContainEqual({
      action: 'results.read',
      purpose: 'treatment',
      outcome: 'disclosed',
      role: 'doctor',
      staff_number: '100118',
    });
  });

  it('reads for a doctor whom the hospital’s system sent there, with the patient of the launch', async () => {
    const made = await fetch(`${url}/api/application-launches`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ application: 'growth', staffNumber: '100118', person: other }),
    });
    const { launch } = (await made.json()) as { launch: string };
    const tokens = await tokensFrom(doctor, { scope: 'openid launch patient/Observation.rs', launch });
    expect(tokens['patient']).toBe(other);
    expect(await statusOf(tokens.access_token, `Observation?patient=${other}`)).toBe(200);
    expect(await statusOf(tokens.access_token, `Observation?patient=${person}`)).toBe(404);
    await doctor.get('/account');
    await doctor.post('/account/applications/withdraw', { application: 'growth' });
    expect(await statusOf(tokens.access_token, `Observation?patient=${other}`)).toBe(401);
  });

  it('reads for a hospital’s system by its signed word, of whom that hospital treats', async () => {
    const scopes = ['system/Observation.rs', 'system/Patient.r'];
    const backend = { kind: 'backend' as const, redirectAddresses: [], launchAddress: null, scopes };
    const [own, foreign] = [await appKeys('ES384'), await appKeys('RS384')];
    await register({ ...backend, code: 'ledger', institution: 'YX-COUNTY', keys: [own.publicKey] });
    await register({ ...backend, code: 'elsewhere', institution: 'WX-MCH', keys: [foreign.publicKey] });
    const { access_token: token } = await clientCredentialsGrant(await appOf(url, 'ledger', own), {
      scope: 'system/Observation.rs',
    });
    expect((await bundle(token, `Observation?patient=${person}`)).total).toBeGreaterThan(0);
    expect(await statusOf(token, `Patient/${person}`)).toBe(403);
    const { access_token: stranger } = await clientCredentialsGrant(await appOf(url, 'elsewhere', foreign), {
      scope: 'system/Observation.rs',
    });
    expect(await statusOf(stranger, `Observation?patient=${person}`)).toBe(404);
    expect(
      (await readsOf('application:ledger')).map(({ action, outcome }) => `${action} ${outcome}`),
    ).toContain('results.read disclosed');
    expect((await readsOf('application:elsewhere')).filter(({ outcome }) => outcome === 'disclosed')).toEqual(
      [],
    );
  });

  it('lets nobody in with a session’s cookie in the place of a token, or a token in the place of a session', async () => {
    const { login, password } = patientSignIn('three-hospitals');
    const browser = formBrowser(url);
    await browser.signIn(login, password);
    const cookie = browser.cookies.get('huren_session') ?? '';
    expect(await statusOf(cookie, `Observation?patient=${person}`)).toBe(401);
    const tokens = await tokensFrom(patient, { scope: 'openid launch/patient patient/*.rs' });
    const page = await fetch(`${url}/account`, {
      headers: { cookie: `huren_session=${tokens.access_token}` },
    });
    expect(page.status).toBe(401);
    expect(
      (await fetch(`${url}/account`, { headers: { authorization: `Bearer ${tokens.access_token}` } })).status,
    ).toBe(403);
  });
});
