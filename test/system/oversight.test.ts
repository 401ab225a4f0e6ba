import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import type { CaseAnswer, CaseSubjectAnswer } from '../../src/web/wire/oversight-case.ts';
import { caseAbout } from '../contract/oversight-examples.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { COUNTY_DOCTOR, type RealSystem, REGULATORS, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

const CLOSING = { outcome: 'no-fault', text: '当时依据充分，未发现问题' };

const AUDIT = statement(
  'test.oversight-audit',
  `select actor, action, purpose, basis, outcome from audit_events where resource = $1 order by event_id`,
);

describe("the authority's cases", () => {
  let system: RealSystem;
  let first: FormBrowser;
  let second: FormBrowser;
  let doctor: FormBrowser;
  let checked: OrderCheckAnswer;
  let name: string;

  const check = async (key: string): Promise<OrderCheckAnswer> => {
    const answer = await fetch(`${system.url}/api/order-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(system.bench.orderOf(memberOf(system.bench, key))),
    });
    return (await answer.json()) as OrderCheckAnswer;
  };
  const open = async (reference: string): Promise<CaseAnswer> =>
    (await (await first.postJson('/api/oversight-cases', caseAbout(reference))).json()) as CaseAnswer;
  const approved = async (reference = checked.id): Promise<CaseAnswer> => {
    const { id } = await open(reference);
    const answer = await second.postJson(`/api/oversight-cases/${id}/decisions`, { approved: true });
    return (await answer.json()) as CaseAnswer;
  };
  const subject = (from: FormBrowser, id: string, place = 1) =>
    from.get(`/api/oversight-cases/${id}/subjects/${place}`);
  const codeOf = async (answer: Response): Promise<[number, string]> => [
    answer.status,
    ((await answer.json()) as { readonly code: string }).code,
  ];

  beforeAll(async () => {
    system = await realSystem();
    const browsers = [...REGULATORS, COUNTY_DOCTOR].map(async ({ login, password }) => {
      const browser = formBrowser(system.url);
      await browser.signIn(login, password);
      return browser;
    });
    [first, second, doctor] = (await Promise.all(browsers)) as [FormBrowser, FormBrowser, FormBrowser];
    checked = await check('child');
    name = memberOf(system.bench, 'child').person.name;
  });
  afterAll(() => system?.stop());

  it('show nobody before a second person has approved, and say so with one code', async () => {
    const each = await open(checked.id);
    expect(each).toMatchObject({ state: 'requested', may: { decide: false, read: false, close: false } });
    expect(JSON.stringify(each)).not.toContain(name);
    expect(await codeOf(await subject(first, each.id))).toEqual([403, 'CASE_NOT_OPEN']);
    const own = await first.postJson(`/api/oversight-cases/${each.id}/decisions`, { approved: true });
    expect(await codeOf(own)).toEqual([403, 'CASE_SECOND_PERSON_NEEDED']);
    expect(await codeOf(await subject(first, each.id))).toEqual([403, 'CASE_NOT_OPEN']);
  });

  it('show what they name once approved, to both, and nothing beside it', async () => {
    const each = await approved();
    expect(each).toMatchObject({
      state: 'approved',
      openedByName: '演练监管1',
      decidedByName: '演练监管2',
      closedByName: null,
      may: { decide: false, read: true, close: true },
    });
    expect(each.subjects).toHaveLength(1);
    for (const regulator of [first, second]) {
      const shown = (await (await subject(regulator, each.id)).json()) as CaseSubjectAnswer;
      expect(shown.person).toMatchObject({ person: checked.person, name });
      expect(shown.check?.id).toBe(checked.id);
      expect(shown.explanation?.lines.length).toBe(checked.lines.length);
      expect((await subject(regulator, each.id, 2)).status).toBe(404);
      const report = checked.lines.flatMap(({ candidates }) => candidates)[0]?.report;
      for (const path of [
        `/api/order-checks/${checked.id}`,
        `/api/persons/${checked.person}`,
        `/api/persons/${checked.person}/results`,
        `/api/reports/${report}`,
      ])
        expect((await regulator.get(path)).status, path).toBe(403);
    }
    expect((await subject(doctor, each.id)).status).toBe(403);
    const other = await check('expired');
    expect(JSON.stringify(await (await subject(first, each.id)).json())).not.toContain(other.id);
  });

  it('write every step into the log of everybody they name', async () => {
    const { id } = await approved();
    await subject(first, id);
    await first.postJson(`/api/oversight-cases/${id}/closing`, CLOSING);
    await subject(first, id);
    const rows = await system.bench.opened.database.run(AUDIT, [`oversight-case/${id}`]);
    const by = { actor: `staff:${REGULATORS[0].login}`, purpose: 'oversight', basis: 'oversight-case' };
    expect(rows).toEqual([
      { ...by, action: 'oversight-case.open', outcome: 'requested' },
      { ...by, actor: `staff:${REGULATORS[1].login}`, action: 'oversight-case.decide', outcome: 'approved' },
      { ...by, action: 'oversight-case.read', outcome: 'disclosed' },
      { ...by, action: 'oversight-case.close', outcome: 'no-fault' },
      { ...by, action: 'oversight-case.read', outcome: 'refused' },
    ]);
  });

  it('are over when refused, closed or run out', async () => {
    const refused = await open(checked.id);
    await second.postJson(`/api/oversight-cases/${refused.id}/decisions`, { approved: false });
    expect(await codeOf(await subject(first, refused.id))).toEqual([403, 'CASE_NOT_OPEN']);
    const again = await second.postJson(`/api/oversight-cases/${refused.id}/decisions`, { approved: true });
    expect(await codeOf(again)).toEqual([409, 'CASE_ALREADY_DECIDED']);
    const closed = await approved();
    const ended = await second.postJson(`/api/oversight-cases/${closed.id}/closing`, CLOSING);
    expect(await ended.json()).toMatchObject({ state: 'closed', outcome: 'no-fault', may: { read: false } });
    expect(await codeOf(await subject(second, closed.id))).toEqual([403, 'CASE_NOT_OPEN']);
    const late = await approved();
    await system.bench.opened.database.run(
      statement(
        'test.oversight-run-out',
        'update oversight_cases set open_until = opened_at where public_id = $1',
      ),
      [late.id],
    );
    expect(await codeOf(await subject(first, late.id))).toEqual([403, 'CASE_NOT_OPEN']);
    const read = await first.get(`/api/oversight-cases/${late.id}`);
    expect(await read.json()).toMatchObject({ state: 'approved', ranOut: true, may: { read: false } });
  });

  it('are refused about what nobody knows, and name nobody in the list', async () => {
    for (const reference of ['019a0000-0000-7000-8000-000000000000', 'no such number'])
      for (const kind of ['order-check', 'notice', 'ticket', 'finding']) {
        const asked = { ...caseAbout(reference), subject: { kind, reference } };
        const answer = await first.postJson('/api/oversight-cases', asked);
        expect(await codeOf(answer), kind).toEqual([404, 'CASE_SUBJECT_UNKNOWN']);
      }
    const list = await (await second.get('/api/oversight-cases')).text();
    expect(list).toContain(checked.id);
    expect(list).not.toContain(name);
    expect(list).not.toContain(checked.person as string);
  });

  it('reach a notice by the end of its address, a ticket by its number and a finding by the institution', async () => {
    const repeated = await check('child');
    const line = repeated.lines.find(({ candidates }) => candidates.length > 0);
    const post = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
      const answer = await fetch(system.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return (await answer.json()) as Record<string, unknown>;
    };
    const base = `/api/order-checks/${repeated.id}`;
    await post(`${base}/responses`, { line: line?.line, kind: 're-examine', reason: 'N1' });
    const notice = await post(`${base}/notices`, { line: line?.line, informed: { relation: 'self' } });
    const ticket = await post('/api/corrections', { report: line?.candidates[0]?.report, kind: 'quality' });
    const ask = async (kind: string, reference: string): Promise<CaseSubjectAnswer> => {
      const asked = { ...caseAbout(reference), subject: { kind, reference } };
      const { id } = (await (await first.postJson('/api/oversight-cases', asked)).json()) as CaseAnswer;
      await second.postJson(`/api/oversight-cases/${id}/decisions`, { approved: true });
      return (await (await subject(first, id)).json()) as CaseSubjectAnswer;
    };
    const token = String(notice['verifyUrl']).split('/').at(-1) as string;
    const byNotice = await ask('notice', token);
    expect(byNotice.check?.id).toBe(repeated.id);
    expect(byNotice.notices).toHaveLength(1);
    const byTicket = await ask('ticket', String(ticket['ticket']));
    expect(byTicket.report?.id).toBe(line?.candidates[0]?.report);
    expect(byTicket.check).toBeNull();
    expect((await ask('finding', 'YX-COUNTY')).check?.id).toBe(repeated.id);
  });

  it('go by forms too, from the request to the closing', async () => {
    const page = await first.get('/oversight/cases');
    expect(page.status).toBe(200);
    const short = await first.post('/oversight/cases', {
      kind: 'order-check',
      reference: checked.id,
      legalBasis: 'complaint',
      reason: '太短',
      days: '7',
    });
    expect(short.status).toBe(400);
    const { subject: about, ...asked } = caseAbout(checked.id);
    const opened = await first.post('/oversight/cases', { ...asked, ...about, days: '7' });
    const address = opened.headers.get('location') as string;
    await second.get(address);
    await second.post(`${address}/decision`, { approved: 'true', text: '同意立案' });
    expect(await (await first.get(address)).text()).toContain('同意立案');
    expect(await (await first.get(`${address}/subjects/1`)).text()).toContain(name);
    await first.get(address);
    await first.post(`${address}/closing`, CLOSING);
    const after = await first.get(`${address}/subjects/1`);
    expect(after.status).toBe(403);
    expect(await after.text()).not.toContain(name);
  });
});
