import {
  authorizationCodeGrant,
  clientCredentialsGrant,
  type Configuration,
  refreshTokenGrant,
  tokenRevocation,
} from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rotateIssuerKeys } from '../../src/adapters/issuer/issuer-keys.ts';
import { setAccountDisabled } from '../../src/adapters/postgres/accounts.ts';
import { setApplicationDisabled } from '../../src/adapters/postgres/applications.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { EXAMPLE_ID_NUMBER, EXAMPLE_PERSON } from '../browser/example-flows.ts';
import { DOCTOR, type FormBrowser, formBrowser, type RunningServer, runningServer } from './http-server.ts';
import {
  answerWith,
  type AppKeys,
  appKeys,
  appOf,
  CALLBACK,
  LAUNCH_PAGE,
  registerApp,
  requestOf,
  signedIn,
  untilAsked,
} from './smart-app.ts';

const PATIENT = '01930000-0000-7000-8000-0000000000aa' as PublicId;
const KEPT = statement('test.kept-artifacts', 'select a::text as row from issuer_artifacts a');

describe('SMART apps at the embedded issuer', () => {
  let running: RunningServer;
  let url: string;
  let doctor: FormBrowser;
  let patient: FormBrowser;
  let growth: Configuration;
  let backendKeys: AppKeys;

  beforeAll(async () => {
    running = await runningServer();
    url = running.server.url;
    await running.addStaff({});
    await running.addStaff({ login: 'doctor.two', staffNumber: '1002' });
    const { staffNumber: _number, department: _department, ...nobody } = DOCTOR;
    await running.addStaff({
      ...nobody,
      login: 'mother.lin',
      role: 'patient',
      institution: null,
      person: PATIENT,
      staffNumber: undefined as never,
      department: undefined as never,
    });
    doctor = await signedIn(url, DOCTOR.login, DOCTOR.password);
    patient = await signedIn(url, 'mother.lin', DOCTOR.password);
    await registerApp(running, { code: 'growth' });
    growth = await appOf(url, 'growth');
    backendKeys = await appKeys('RS384');
  });
  afterAll(() => running?.stop());

  const holderOf = (token: string) => running.card.applicationTokens.holderOf(token);

  it('says of itself only what is true', async () => {
    const answer = await fetch(`${url}/fhir/.well-known/smart-configuration`);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const said = (await answer.json()) as Record<string, string & string[]>;
    expect(said['issuer']).toBe(`${url}/oidc`);
    expect(said['capabilities']).not.toContain('sso-openid-connect');
    const metadata = growth.serverMetadata();
    expect(said['authorization_endpoint']).toBe(metadata.authorization_endpoint);
    expect(said['token_endpoint']).toBe(metadata.token_endpoint);
    expect(said['revocation_endpoint']).toBe(metadata.revocation_endpoint);
    expect(said['jwks_uri']).toBe(metadata.jwks_uri);
    expect(metadata['response_modes_supported']).toEqual(['query']);
    expect(metadata.userinfo_endpoint).toBeUndefined();
    expect(said['introspection_endpoint']).toBe(metadata.introspection_endpoint);
    expect(metadata.registration_endpoint).toBeUndefined();
    for (const grant of said['grant_types_supported'] as string[])
      expect(metadata.grant_types_supported).toContain(grant);
  });

  it('launches standalone for a patient, who is asked and then is the patient of the token', async () => {
    const { address, checks } = await requestOf(growth, url, {
      scope: 'openid fhirUser launch/patient patient/*.rs offline_access',
    });
    const { path, page } = await untilAsked(patient, url, address);
    const asked = await page.text();
    expect(asked).toContain('生长曲线');
    expect(asked).toContain('您本人');
    expect(asked).toContain('最长 14 天');
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:9");
    const back = await answerWith(patient, url, path, { decision: 'allow' });
    expect(back.href.startsWith(`${CALLBACK}?`)).toBe(true);
    const tokens = await authorizationCodeGrant(growth, back, checks);
    expect(tokens['patient']).toBe(PATIENT);
    expect(tokens.scope?.split(' ')).toContain('patient/*.rs');
    expect(tokens.claims()?.['fhirUser']).toBe(`${url}/fhir/Patient/${PATIENT}`);
    expect(tokens.claims()?.sub).toMatch(/^[0-9a-f-]{36}$/);
    expect(await holderOf(tokens.access_token)).toMatchObject({
      patient: PATIENT,
      user: { role: 'patient' },
    });
    const later = await refreshTokenGrant(growth, tokens.refresh_token as string);
    expect(later['patient']).toBe(PATIENT);
    expect(await holderOf(later.access_token)).toMatchObject({ patient: PATIENT });
  });

  it('launches standalone for a doctor, who says for which patient', async () => {
    const { address, checks } = await requestOf(growth, url);
    const { path, page } = await untilAsked(doctor, url, address);
    expect(await page.text()).toContain('选择患者');
    expect((await doctor.post(path, { decision: 'allow' })).status).toBe(400);
    const found = await doctor.post(`${path}/patient`, { by: 'national-id', text: EXAMPLE_ID_NUMBER });
    expect(await found.text()).toContain('涉及的患者');
    const back = await answerWith(doctor, url, path, { decision: 'allow', patient: EXAMPLE_PERSON });
    const tokens = await authorizationCodeGrant(growth, back, checks);
    expect(tokens['patient']).toBe(EXAMPLE_PERSON);
    expect(await holderOf(tokens.access_token)).toMatchObject({
      patient: EXAMPLE_PERSON,
      user: { login: DOCTOR.login, institution: 'COUNTY' },
      scopes: expect.arrayContaining(['launch/patient', 'patient/Observation.rs']),
    });
  });

  const launchFor = async (staffNumber: string): Promise<Response> => {
    const key = await running.addClient(`his-${Math.random().toString(36).slice(2)}`, ['treatment']);
    return fetch(`${url}/api/application-launches`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ application: 'growth', staffNumber, person: EXAMPLE_PERSON }),
    });
  };

  it('launches from a hospital’s system for one doctor and one patient, once', async () => {
    const made = await launchFor('1001');
    expect(made.status).toBe(200);
    const { launch, address: page } = (await made.json()) as { launch: string; address: string };
    expect(page.startsWith(`${LAUNCH_PAGE}?iss=`)).toBe(true);
    expect(page).not.toContain(EXAMPLE_PERSON);
    const scope = 'openid launch patient/Observation.rs';
    const other = await signedIn(url, 'doctor.two', DOCTOR.password);
    const stolen = await untilAsked(other, url, (await requestOf(growth, url, { scope, launch })).address);
    expect(stolen.page.status).toBe(403);
    expect(await stolen.page.text()).toContain('APPLICATION_LAUNCH_INVALID');
    const { address, checks } = await requestOf(growth, url, { scope, launch });
    const { path } = await untilAsked(doctor, url, address);
    const back = await answerWith(doctor, url, path, { decision: 'allow' });
    const tokens = await authorizationCodeGrant(growth, back, checks);
    expect(tokens['patient']).toBe(EXAMPLE_PERSON);
    expect(tokens['need_patient_banner']).toBe(true);
    const again = await untilAsked(doctor, url, (await requestOf(growth, url, { scope, launch })).address);
    expect(again.page.status).toBe(403);
  });

  it('gives a backend tokens for its signed word, by RS384 and ES384, with system scopes alone', async () => {
    for (const algorithm of ['RS384', 'ES384'] as const) {
      const keys = algorithm === 'RS384' ? backendKeys : await appKeys(algorithm);
      const code = `statistics-${algorithm}`;
      await registerApp(running, {
        code,
        kind: 'backend',
        institution: 'COUNTY',
        redirectAddresses: [],
        launchAddress: null,
        keys: [keys.publicKey],
        scopes: ['system/Observation.rs', 'system/Patient.r'],
      });
      const app = await appOf(url, code, keys);
      const tokens = await clientCredentialsGrant(app, { scope: 'system/Observation.rs' });
      expect(tokens.expires_in).toBeLessThanOrEqual(300);
      expect(await holderOf(tokens.access_token)).toMatchObject({
        application: { code, institution: 'COUNTY' },
        scopes: ['system/Observation.rs'],
        patient: null,
        user: null,
      });
      await expect(
        clientCredentialsGrant(app, { scope: 'system/DiagnosticReport.rs' }),
      ).rejects.toMatchObject({
        error: 'invalid_scope',
      });
    }
  });

  const tokensOfDoctor = async () => {
    const { address, checks } = await requestOf(growth, url, {
      scope: 'openid user/Observation.rs offline_access',
    });
    const { path } = await untilAsked(doctor, url, address);
    const back = await answerWith(doctor, url, path, { decision: 'allow' });
    return authorizationCodeGrant(growth, back, checks);
  };

  it('takes a token back when the app asks, and all of them when app or person are shut out', async () => {
    const first = await tokensOfDoctor();
    await tokenRevocation(growth, first.access_token);
    expect(await holderOf(first.access_token)).toBeUndefined();
    const second = await tokensOfDoctor();
    await setApplicationDisabled(running.store.database, 'growth', true, running.act());
    expect(await holderOf(second.access_token)).toBeUndefined();
    await expect(refreshTokenGrant(growth, second.refresh_token as string)).rejects.toMatchObject({
      error: 'invalid_client',
    });
    await setApplicationDisabled(running.store.database, 'growth', false, running.act());
    expect(await holderOf(second.access_token)).toBeDefined();
    await setAccountDisabled(running.store.database, DOCTOR.login, true, running.act());
    expect(await holderOf(second.access_token)).toBeUndefined();
    await expect(refreshTokenGrant(growth, second.refresh_token as string)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await setAccountDisabled(running.store.database, DOCTOR.login, false, running.act());
    doctor = await signedIn(url, DOCTOR.login, DOCTOR.password);
  });

  it('asks whoever is signed in now, never whoever was before in this browser', async () => {
    const shared = await signedIn(url, DOCTOR.login, DOCTOR.password);
    const scope = 'openid user/Observation.rs';
    const first = await requestOf(growth, url, { scope });
    const asked = await untilAsked(shared, url, first.address);
    const back = await answerWith(shared, url, asked.path, { decision: 'allow' });
    const before = await authorizationCodeGrant(growth, back, first.checks);
    await shared.get('/');
    await shared.post('/sign-out', {});
    await shared.signIn('doctor.two', DOCTOR.password);
    const second = await requestOf(growth, url, { scope });
    const again = await untilAsked(shared, url, second.address);
    const next = await answerWith(shared, url, again.path, { decision: 'allow' });
    const after = await authorizationCodeGrant(growth, next, second.checks);
    expect(after.claims()?.sub).not.toBe(before.claims()?.sub);
    expect(await holderOf(after.access_token)).toMatchObject({ user: { login: 'doctor.two' } });
  });

  it('goes on signing and verifying when its keys are rotated while it runs', async () => {
    const before = await tokensOfDoctor();
    const kid = rotateIssuerKeys(running.issuerKeyFile);
    const after = await tokensOfDoctor();
    const keySet = (await (await fetch(`${url}/oidc/jwks`)).json()) as {
      keys: { kid: string; d?: string }[];
    };
    expect(keySet.keys.map((key) => key.kid)).toContain(kid);
    expect(keySet.keys).toHaveLength(2);
    for (const key of keySet.keys) expect(key.d).toBeUndefined();
    const headerOf = (token = '') =>
      JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string };
    expect(headerOf(after.id_token).kid).toBe(kid);
    expect(headerOf(before.id_token).kid).not.toBe(kid);
    expect(await holderOf(before.access_token)).toBeDefined();
  });

  it('tells the app when the person refuses', async () => {
    const { address } = await requestOf(growth, url);
    const { path } = await untilAsked(patient, url, address);
    const back = await answerWith(patient, url, path, { decision: 'deny' });
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('code')).toBeNull();
  });

  it('has a stranger sign in first and then asks', async () => {
    const stranger = formBrowser(url);
    const { address } = await requestOf(growth, url, { scope: 'openid user/Patient.r' });
    const { path, page } = await untilAsked(stranger, url, address);
    expect(page.status).toBe(401);
    const entered = await stranger.post('/sign-in', {
      login: DOCTOR.login,
      password: DOCTOR.password,
      next: path,
    });
    expect(entered.headers.get('location')).toBe(path);
    expect(await (await stranger.get(path)).text()).toContain('应用授权');
  });

  it('keeps no token, code or patient readable in the database, nor in the log', async () => {
    const tokens = await tokensOfDoctor();
    const rows = await running.store.database.run<{ row: string }>(KEPT);
    const kept = rows.map(({ row }) => row).join('\n');
    expect(rows.length).toBeGreaterThan(10);
    for (const word of [tokens.access_token, tokens.refresh_token as string]) {
      expect(kept.includes(word)).toBe(false);
      expect(running.logText().includes(word)).toBe(false);
    }
    for (const person of [PATIENT, EXAMPLE_PERSON]) expect(kept.includes(person)).toBe(false);
  });
});
