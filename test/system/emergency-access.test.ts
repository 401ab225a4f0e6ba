import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import type { EmergencyAnswer } from '../../src/web/wire/emergency-access.ts';
import type { CheckAnswers } from '../../src/web/wire/check-answers.ts';
import type { CheckResponsesAnswer, OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import type { ResultHistory } from '../../src/web/wire/result-history.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { signedLaunch } from './launching.ts';
import { personOf, signedInPatient } from './own-data-bench.ts';
import { signedInOfficer } from './privacy-bench.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

let system: RealSystem;
let doctor: FormBrowser;
let person: string;

/** The patient refuses that anybody reads what others have. */
const refuse = (refusing: string) =>
  system.bench.dependencies.database.run(
    statement(
      'test.refusal',
      `insert into consent_acts (person_id, public_id, request_key, kind, purpose, relation, way, wording, acted_at, actor, recorded_at)
       select person_id, gen_random_uuid(), 'refusal', 'denied', 'treatment', 'self', 'phone', '1', '2020-01-01', 'patient', '2020-01-01'
       from persons where public_id = $1`,
    ),
    [refusing],
  );

beforeAll(async () => {
  system = await realSystem();
  doctor = formBrowser(system.url);
  await doctor.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
  person = await personOf(system.bench, 'three-hospitals');
  await refuse(person);
});
afterAll(() => system.stop());

const history = async (browser = doctor): Promise<ResultHistory> => {
  const response = await browser.get(`/api/persons/${person}/results`);
  expect(response.status).toBe(200);
  return (await response.json()) as ResultHistory;
};
const institutions = (shown: ResultHistory): number =>
  new Set(shown.reports.map((each) => each.institution)).size;
const open = (body: object) => doctor.postJson(`/api/persons/${person}/emergency-access`, body);
const rows = <Row>(name: string, text: string): Promise<Row[]> =>
  system.bench.dependencies.database.run<Row>(statement(name, text));

const EMERGENCY = {
  reason: 'unable-to-consent',
  text: '车祸昏迷，家属未到',
  confirmation: COUNTY_DOCTOR.password,
};

describe('emergency access (破窗)', () => {
  it('is not opened without the second confirmation, and the try leaves its row', async () => {
    expect(institutions(await history())).toBe(1);
    const refused = await open({ ...EMERGENCY, confirmation: 'Wrong-horse-00' });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: 'EMERGENCY_NOT_CONFIRMED' });
    expect(
      await rows(
        'test.refused',
        `select outcome, role, staff_number, purpose from audit_events where action = 'emergency-access.open'`,
      ),
    ).toEqual([
      {
        outcome: 'refused: EMERGENCY_NOT_CONFIRMED',
        role: 'doctor',
        staff_number: '100118',
        purpose: 'treatment',
      },
    ]);
    expect((await open({ ...EMERGENCY, text: '急' })).status).toBe(400);
    expect(institutions(await history())).toBe(1);
  });

  it('shows the doctor what the patient refused, on that basis, tells the patient and opens one case', async () => {
    const opened = await open(EMERGENCY);
    expect(opened.status).toBe(200);
    const answer = (await opened.json()) as EmergencyAnswer;
    expect(answer).toMatchObject({ open: true, minutes: 60 });
    expect(await (await open(EMERGENCY)).json()).toMatchObject({ open: true, until: answer.until });
    expect(institutions(await history())).toBeGreaterThan(1);
    const [read] = await rows<{ basis: string }>(
      'test.basis',
      `select basis from audit_events where action = 'results.read' order by event_id desc limit 1`,
    );
    expect(read?.basis).toMatch(/^emergency-access [0-9a-f-]{36}$/);
    expect(
      await rows('test.cases', 'select kind, state, department, staff_number from privacy_cases'),
    ).toEqual([{ kind: 'emergency-access', state: 'open', department: '儿科', staff_number: '100118' }]);
    expect(await rows('test.told', 'select kind from patient_notifications')).toEqual([
      { kind: 'emergency-access' },
    ]);
    const patient = await signedInPatient(system, 'three-hospitals');
    const log = (await (await patient.get('/api/own/access-log')).json()) as {
      lines: { emergency: boolean; purpose: { text: { zh: string } } }[];
    };
    expect(log.lines.some(({ emergency, purpose }) => emergency && purpose.text.zh === '急救')).toBe(true);
  });

  it('counts for this doctor alone, and ends by itself', async () => {
    const { database } = system.bench.dependencies;
    const set = (change: string) =>
      database.run(
        statement(`test.${change}`, `update emergency_accesses set ${change} returning public_id`),
      );
    await set(`doctor = 'another'`);
    expect(institutions(await history())).toBe(1);
    await set(`doctor = '100118'`);
    expect(institutions(await history())).toBeGreaterThan(1);
    await set(`ends_at = opened_at`);
    expect(institutions(await history())).toBe(1);
    expect(await (await doctor.get(`/api/persons/${person}/emergency-access`)).json()).toMatchObject({
      open: false,
      until: null,
    });
  });

  it('is offered alike for everybody', async () => {
    const other = await personOf(system.bench, 'child');
    await system.bench.present(memberOf(system.bench, 'child').person.nationalId as string);
    const pageOf = async (id: string): Promise<string> => {
      const response = await doctor.get(`/persons/${id}/emergency-access`);
      expect(response.status).toBe(200);
      return (await response.text())
        .replaceAll(id, 'ID')
        .replace(/<div class="banner">.*?<\/div>/s, '')
        .replace(/时间：[^<]*/, '');
    };
    expect(await pageOf(person)).toBe(await pageOf(other));
  });

  it('is opened by form, and the form says what is missing', async () => {
    const path = `/persons/${person}/emergency-access`;
    const wrong = await doctor.post(path, { reason: 'other', text: '', confirmation: '' });
    expect(wrong.status).toBe(400);
    const done = await doctor.post(path, EMERGENCY);
    expect(done.status).toBe(303);
    expect(done.headers.get('location')).toBe(`/clinician/persons/${person}`);
  });

  it('is ended by its doctor before its time, which is seen in the review, and opened anew after that', async () => {
    const state = async () =>
      (await (await doctor.get(`/api/persons/${person}/emergency-access`)).json()) as EmergencyAnswer;
    const end = () => doctor.postJson(`/api/persons/${person}/emergency-access/ending`, {});
    const opened = await state();
    expect(opened.open).toBe(true);
    expect(institutions(await history())).toBeGreaterThan(1);
    const ended = await end();
    expect(ended.status).toBe(200);
    expect(await ended.json()).toMatchObject({ open: false, until: null, minutes: 60 });
    expect(await state()).toMatchObject({ open: false });
    expect(institutions(await history())).toBe(1);
    // A second press, or one in another window, ends nothing more.
    expect((await end()).status).toBe(200);
    const endings = await rows<{ resource: string }>(
      'test.endings',
      `select actor, staff_number, basis, outcome, resource from audit_events where action = 'emergency-access.end'`,
    );
    const id = endings[0]?.resource.split('/').at(-1);
    expect(endings).toEqual([
      {
        actor: `staff:${COUNTY_DOCTOR.login}`,
        staff_number: '100118',
        basis: `emergency-access ${id}`,
        outcome: 'recorded',
        resource: `emergency-access/${id}`,
      },
    ]);
    const granted = await rows<{ granted: boolean }>(
      'test.as-granted',
      `select ends_at - opened_at = interval '60 minutes' and ended_at < ends_at as granted
       from emergency_accesses where ended_at is not null`,
    );
    expect(granted).toEqual([{ granted: true }]);
    expect(
      await rows(
        'test.care-left',
        `select 1 from care_openings o join emergency_accesses e on o.person_id = e.person_id and o.open_until = e.ends_at
         where e.ended_at is not null`,
      ),
    ).toEqual([]);

    const officer = await signedInOfficer(system);
    const [found] = await rows<{ id: string }>(
      'test.ended-case',
      `select public_id as id from privacy_cases where occasion = 'emergency-access|${id}'`,
    );
    const review = await (await officer.get(`/privacy/cases/${found?.id}`)).text();
    expect(review).toContain('医师提前结束');

    await open(EMERGENCY);
    expect(institutions(await history())).toBeGreaterThan(1);
    const again = await rows<{ id: string }>(
      'test.opened-anew',
      'select public_id as id from emergency_accesses where ended_at is null and ends_at > opened_at',
    );
    expect(again).toHaveLength(1);
    expect(again[0]?.id).not.toBe(id);
    const page = `/persons/${person}/emergency-access`;
    const shown = await (await doctor.get(page)).text();
    expect(shown).toContain('结束紧急调阅');
    expect(shown).not.toContain('确认开启紧急调阅');
    const byForm = await doctor.post(`${page}/ending`, {});
    expect(byForm.status).toBe(303);
    expect(byForm.headers.get('location')).toBe(`/clinician/persons/${person}`);
    expect(await state()).toMatchObject({ open: false });
  });

  it('is said, with what is left and the way to end it, where orders are made and checked, and the doctor stays there', async () => {
    await open(EMERGENCY);
    const form = await (await doctor.get(`/patients/${person}/order`)).text();
    const code = /name="code" value="([^"]+)"/.exec(form)?.[1] ?? '';
    const checked = await doctor.post(`/patients/${person}/order`, {
      act: 'check',
      encounterClass: '门诊',
      purpose: '诊疗',
      code,
      [`side.${code}`]: 'left',
    });
    const check = checked.headers.get('location') ?? '';
    expect(check).toMatch(/^\/checks\//);
    const report = (await history()).reports[0]?.id;
    const pages = [`/patients/${person}/order`, check, `/reports/${report}`];
    for (const path of pages) {
      const shown = await (await doctor.get(path)).text();
      expect(shown, path).toContain('紧急调阅已开启');
      expect(shown, path).toMatch(/还剩 (59|60) 分钟/);
      expect(shown, path).toContain('结束紧急调阅');
    }
    const ending = `/persons/${person}/emergency-access/ending`;
    expect((await doctor.post(ending, { back: 'https://elsewhere.example/' })).status).toBe(400);
    const ended = await doctor.post(ending, { back: check });
    expect(ended.headers.get('location')).toBe(check);
    for (const path of pages.slice(0, 2))
      expect(await (await doctor.get(path)).text(), path).not.toContain('紧急调阅已开启');
  });

  it('goes on in the same card: what was refused is seen, answered, told under the order’s own check, and counted once', async () => {
    await refuse(await personOf(system.bench, 'child'));
    const asked = system.bench.orderOf(memberOf(system.bench, 'child'), {
      encounter: { class: '住院', inpatientNumber: 'ZY-EMERGENCY' },
      request: { number: 'SQ-EMERGENCY' },
    });
    const called = async (path: string, body?: object): Promise<unknown> => {
      const response = await fetch(`${system.url}/api/order-checks${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      expect(response.status).toBeLessThan(300);
      return response.json();
    };
    const before = (await called('', asked)) as OrderCheckAnswer;
    const hidden = before.lines.find(({ name }) => name.includes('胸部'));
    expect(hidden?.outcome).toBe('not-disclosed');
    const line = hidden?.line as number;
    const launched = formBrowser(system.url);
    const staff = '100333';
    const launch = { client: 'yx-county-his', staff, department: '急诊科', order: 'SQ-EMERGENCY' };
    const opened = await launched.get(signedLaunch(launch, system.launchSecret));
    const card = opened.headers.get('location') ?? '';
    const reportsShown = async () =>
      (await (await launched.get(card)).text()).match(/\/reports\//g)?.length ?? 0;
    const shownBefore = await reportsShown();
    await launched.get(`${card}/emergency-access`);
    const done = await launched.post(`${card}/emergency-access`, { ...EMERGENCY, confirmation: staff });
    expect(done.status).toBe(303);
    // One card: the address that the hospital's system has in its frame goes on to serve.
    expect(done.headers.get('location')).toBe(card);
    expect(await reportsShown()).toBeGreaterThan(shownBefore);
    expect(await (await launched.get(card)).text()).toContain('紧急调阅已开启');
    const [again] = await rows<Record<string, unknown>>(
      'test.check-again',
      `select public_id, json_array_length((facts::json)->'order'->'lines') as lines, request_number, doctor, follows, encounter_key
       from order_checks order by check_id desc limit 1`,
    );
    expect(again).toMatchObject({
      lines: before.lines.length,
      request_number: 'SQ-EMERGENCY',
      doctor: staff,
      follows: before.id,
      encounter_key: 'ZY-EMERGENCY',
    });

    const answered = async (kind: 'recognise' | 'undo') => {
      await launched.get(card);
      const response = await launched.post(`${card}/responses`, {
        line: String(line),
        kind,
        idempotencyKey: randomUUID(),
      });
      expect(response.status).toBe(303);
    };
    const polled = async () => {
      const answer = (await called(`/${before.id}/responses`)) as CheckResponsesAnswer;
      expect(answer.check).toBe(before.id);
      return answer.lines.find((each) => each.line === line)?.response?.kind ?? null;
    };
    expect(await polled()).toBeNull();
    await answered('recognise');
    expect(await polled()).toBe('recognise');
    await answered('undo');
    expect(await polled()).toBeNull();
    await answered('recognise');
    const told = (await called(`/${before.id}/answers`)) as CheckAnswers;
    expect(told.check).toBe(before.id);
    expect(told.answers.map((each) => [each.check, each.sequence, each.decision, each.stands])).toEqual([
      [before.id, 1, 'recognise', false],
      [before.id, 2, 'undo', false],
      [before.id, 3, 'recognise', true],
    ]);
    expect(
      await called(`/${before.id}/fulfilments`, { line, cancelledAt: '2026-11-23T04:00:00Z' }),
    ).toMatchObject({
      check: before.id,
      state: 'fulfilled',
    });
    expect(await polled()).toBe('recognise');

    const counted = () =>
      rows<{ encounter_key: string; items: number; times: number }>(
        'test.counted',
        `select encounter_key, count(distinct item_id)::integer as items, count(*)::integer as times from opportunities
         where encounter_key in ('ZY-EMERGENCY', 'SQ-EMERGENCY') or first_at = (select max(checked_at) from order_checks)
         group by encounter_key`,
      );
    const [once, ...more] = await counted();
    expect(more).toEqual([]);
    expect(once).toMatchObject({ encounter_key: 'ZY-EMERGENCY' });
    expect(once?.times).toBe(once?.items);
    // Opened once more, and checked once more: nothing is counted again.
    await launched.get(`${card}/emergency-access`);
    await launched.post(`${card}/emergency-access`, { ...EMERGENCY, confirmation: staff });
    expect(await counted()).toEqual([once]);
    expect(await polled()).toBe('recognise');
    expect(
      await rows('test.one-access', `select 1 from emergency_accesses where doctor = '${staff}'`),
    ).toHaveLength(1);
    // Ended on the card: the card goes on, by consent.
    await launched.get(card);
    const ended = await launched.post(`${card}/emergency-access/ending`, {});
    expect([ended.status, ended.headers.get('location')]).toEqual([303, card]);
    const after = await (await launched.get(card)).text();
    expect(after).not.toContain('紧急调阅已开启');
    expect(await reportsShown()).toBe(shownBefore);
  });
});
