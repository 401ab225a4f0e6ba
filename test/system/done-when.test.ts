import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKeptCheck } from '../../src/apps/flows/checks/kept-check.ts';
import { explanationOf } from '../../src/apps/flows/checks/explain-check.ts';
import { readOrderCheck } from '../../src/adapters/postgres/order-checks.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { countsAsAvoidable } from '../../src/recognition/index.ts';
import type {
  CheckResponseAnswer,
  Explanation,
  MarkedChecksAnswer,
  OrderCheckAnswer,
  ReplayAnswer,
} from '../../src/web/wire/order-check-answer.ts';
import { formBrowser } from './http-server.ts';
import { COUNTY_DOCTOR, potassiumMessage, realSystem, type RealSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

let system: RealSystem;

beforeAll(async () => {
  system = await realSystem();
});
afterAll(() => system?.stop());

const call = async <Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> => {
  const answer = await fetch(system.url + path, {
    method,
    headers: {
      authorization: `Bearer ${system.key}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
};

const checkOf = (key: string, over: object = {}): Promise<OrderCheckAnswer> =>
  call('POST', '/api/order-checks', {
    ...system.bench.orderOf(memberOf(system.bench, key)),
    doctor: { staffNumber: '100118' },
    ...over,
  });

const respond = (check: string, body: object): Promise<CheckResponseAnswer> =>
  call('POST', `/api/order-checks/${check}/responses`, body);

const marked = async (): Promise<MarkedChecksAnswer['checks']> =>
  (await call<MarkedChecksAnswer>('GET', '/api/marked-order-checks')).checks;

/** The explanation as the API gives it and as the command line makes it, and the replay of the same decision. */
const reasonsAgree = async (check: string): Promise<Explanation> => {
  const explained = await call<Explanation>('GET', `/api/order-checks/${check}/explanation`);
  const { dependencies } = system.bench;
  const row = await readOrderCheck(dependencies.database, check as PublicId);
  if (!row) throw new Error(`check ${check} was not kept`);
  expect(explanationOf(await openKeptCheck(dependencies, row, null))).toEqual(explained);
  const replayed = await call<ReplayAnswer>('POST', `/api/order-checks/${check}/replay`);
  expect(replayed.outcome).toBe('same');
  expect(replayed.replayedHash).toBe(replayed.storedHash);
  return explained;
};

describe('the main job, end to end', () => {
  it('finds the child’s chest DR of five days ago elsewhere; it is recognised, and only the blood count is ordered', async () => {
    const check = await checkOf('child');
    const chest = check.lines.find(({ name }) => name.includes('DR'));
    const blood = check.lines.find(({ name }) => name === '血常规');
    expect(check.title.zh).toBe('拟开项目中有 1 项已有可互认结果，请确认；另有 1 项可供参考');
    expect(chest?.outcome).toBe('must-consider');
    expect(chest?.candidates[0]?.institution.nameZh).toBe('望溪市妇幼保健院');
    expect(chest?.candidates[0]?.until).not.toBeNull();

    const recognised = await respond(check.id, { line: chest?.line, kind: 'recognise' });
    expect(recognised.response.state).toBe('recorded');
    expect(recognised.response.recordText?.zh).toContain('望溪市妇幼保健院');

    // The blood count is for reading only: recognising the line as a whole is refused, so it is ordered.
    expect(blood?.outcome).toBe('may-consider');
    expect(blood?.panel).toMatchObject({ covered: 0, advice: 'repeat-whole' });
    await expect(respond(check.id, { line: blood?.line, kind: 'recognise' })).rejects.toThrow(
      'RESPONSE_NOT_OFFERED',
    );

    const fulfilled = await call<{ state: string }>('POST', `/api/order-checks/${check.id}/fulfilments`, {
      line: chest?.line,
      cancelledAt: '2026-11-23T03:01:00Z',
    });
    expect(fulfilled.state).toBe('fulfilled');
    const explained = await reasonsAgree(check.id);
    const grades = explained.lines.map(({ candidates }) => candidates[0]?.grade);
    expect(new Set(grades)).toEqual(new Set(['may-consider', 'must-consider']));
  });

  it('prints high and low as the laboratory stated them', async () => {
    const blood = (await checkOf('child')).lines.find(({ name }) => name === '血常规');
    const flags = new Set(blood?.candidates.map(({ value }) => value?.flag));
    expect(flags).toContain('high');
    expect(flags).toContain('low');
    expect(flags).not.toContain('abnormal');
  });

  it('lets a pre-operative HBsAg be examined again under N3, and does not count it as avoidable', async () => {
    const check = await checkOf('pre-operative');
    const [line] = check.lines;
    const hbsag = line?.candidates.find(({ item }) => item.code === 'LI-HBSAG');
    expect(hbsag?.grade).toBe('may-consider');
    const suggested = line?.offeredReasons.find((reason) => reason.suggested);
    expect(suggested?.code).toBe('N3');
    const { response } = await respond(check.id, {
      line: line?.line,
      kind: 're-examine',
      reason: suggested?.code,
      informed: true,
    });
    expect(response).toMatchObject({ kind: 're-examine', reason: 'N3', state: 'recorded' });
    expect(countsAsAvoidable(response.reason)).toBe(false);
    expect(countsAsAvoidable(null)).toBe(true);
    const explained = await reasonsAgree(check.id);
    const exempt = explained.lines[0]?.candidates.find(({ item }) => item.code === 'LI-HBSAG');
    expect(exempt?.checks.find(({ finding }) => finding === 'exempt')?.text.zh).toContain('手术');
  });

  it('treats a GB18030 肝功能十二项 without collection time as its list says', async () => {
    const check = await checkOf('liver-panel');
    const [line] = check.lines;
    const of = (item: string) => line?.candidates.find((candidate) => candidate.item.code === item);
    expect(of('LC-ALT')).toMatchObject({ grade: 'must-consider', collectedAt: null });
    expect(
      of('LC-ALT')
        ?.reasons.map(({ zh }) => zh)
        .join(),
    ).toContain('清单允许以接收时间');
    expect(of('LC-TBIL')).toMatchObject({ grade: 'may-consider', collectedAt: null });
    expect(
      of('LC-TBIL')
        ?.reasons.map(({ zh }) => zh)
        .join(),
    ).toContain('时间未注明');
    expect(line?.panel).toMatchObject({ covered: 11, total: 12, advice: 'order-missing-alone' });
    expect(line?.panel?.missing.map(({ item }) => item.nameZh)).toEqual(['总胆汁酸']);
    // Read back whole out of the hospital's own character set.
    expect(of('LC-TBIL')?.value?.unit).toBe('μmol/L');
    await reasonsAgree(check.id);
  });

  it('follows one’s own message: in the next check, corrected and marked, withdrawn and never offered again', async () => {
    const potassiumOf = (check: OrderCheckAnswer) =>
      check.lines[0]?.candidates.filter(({ item }) => item.code === 'LC-K') ?? [];
    const before = await checkOf('potassium-eight');
    expect(potassiumOf(before).map(({ grade }) => grade)).toEqual(['may-consider']);
    const single = before.lines[0]?.panel?.missing.find(({ item }) => item.code === 'LC-K')?.single;
    const order = { items: [{ line: 1, code: single }] };

    expect(await system.send(potassiumMessage({ value: '4.61', flag: 'N', status: 'F' }))).toBe('AA');
    const first = await checkOf('potassium-eight', order);
    expect(first.lines[0]?.outcome).toBe('must-consider');
    const [own] = potassiumOf(first);
    expect(own?.value).toMatchObject({ text: '4.61', unit: 'mmol/L', flag: 'normal' });
    await respond(first.id, { line: 1, kind: 'recognise', report: own?.report, ordinal: own?.ordinal });
    expect(await marked()).toEqual([]);

    expect(await system.send(potassiumMessage({ value: '6.10', flag: 'HH', status: 'C' }))).toBe('AA');
    const [relying, ...others] = await marked();
    expect(others).toEqual([]);
    expect(relying).toMatchObject({ id: first.id, marks: [{ kind: 'corrected', relied: true }] });
    const browser = formBrowser(system.url);
    await browser.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
    const home = await (await browser.get('/')).text();
    expect(home).toContain('您曾互认的报告已更正，请复核');
    expect(home).toContain(`/checks/${first.id}`);
    // What was decided stays as it was decided: the value of that day, and the same bytes again.
    const again = await call<OrderCheckAnswer>('GET', `/api/order-checks/${first.id}`);
    expect(potassiumOf(again)[0]?.value?.text).toBe('4.61');
    await reasonsAgree(first.id);

    const second = await checkOf('potassium-eight', order);
    const [corrected] = potassiumOf(second);
    expect(corrected?.value).toMatchObject({ text: '6.10', flag: 'critical-high' });
    expect(corrected).toMatchObject({ standing: 'corrected', reportVersion: 2 });

    expect(await system.send(potassiumMessage({ value: '6.10', flag: 'HH', status: 'D' }))).toBe('AA');
    expect((await marked()).flatMap(({ marks }) => marks.map(({ kind }) => kind))).toContain('withdrawn');
    const third = await checkOf('potassium-eight', order);
    expect(potassiumOf(third).map(({ report }) => report)).not.toContain(own?.report);
    const explained = await reasonsAgree(third.id);
    const withdrawn = explained.lines[0]?.candidates.find(({ report }) => report === own?.report);
    expect(withdrawn?.grade).toBe('excluded');
    await expect(
      respond(third.id, { line: 1, kind: 'recognise', report: own?.report, ordinal: 1 }),
    ).rejects.toThrow('RESPONSE_NOT_OFFERED');
  });

  it('never says “nothing found” of a newborn whom no other institution could name', async () => {
    const order = {
      patient: { identifiers: [{ type: 'medical-record', number: 'NB0001' }], name: '赵某之子' },
    };
    const check = await checkOf('child', order);
    expect(check).toMatchObject({ status: 'not-checked', title: { zh: '本次未核查，不影响开单' } });
    expect(check.notice?.zh).toContain('患者身份未能确认');
    expect(check.lines.map(({ outcome }) => outcome)).toEqual(['not-checked', 'not-checked']);
    // Kept like any other decision, and the same when it is read again.
    const again = await call<OrderCheckAnswer>('GET', `/api/order-checks/${check.id}`);
    expect(check).toEqual({ ...again, cardUrl: expect.stringContaining('/card/') });
    await reasonsAgree(check.id);
  });

  it('says “nothing found” of somebody who has an ID number and no results', async () => {
    const check = await checkOf('namesake-two');
    expect(check).toMatchObject({ status: 'checked', title: { zh: '参考时限内未发现可互认结果' } });
    expect(check.lines.map(({ outcome }) => outcome)).toEqual(['nothing-found']);
  });

  it('asks nobody to confirm anything in an emergency, nor under ordered serial monitoring', async () => {
    const emergency = await checkOf('emergency');
    expect(emergency).toMatchObject({
      interrupt: false,
      title: { zh: '急诊抢救，未作提醒；已有结果可随时查阅' },
    });
    const serial = await checkOf('serial-hcg');
    expect(serial).toMatchObject({ interrupt: false, title: { zh: '按医嘱动态监测，未作提醒' } });
  });

  it('says in the title what was not checked, before it says that nothing was found', async () => {
    const unknown = { line: 1, code: 'NO-SUCH-CODE', name: '院内新项目' };
    const all = await checkOf('namesake-two', { items: [unknown] });
    expect(all.title.zh).toBe('本次未核查，不影响开单');
    const known = system.bench.orderOf(memberOf(system.bench, 'child')) as { items: { line: number }[] };
    const chest = known.items.find(({ line }) => line === 2);
    const some = await checkOf('namesake-two', { items: [unknown, chest] });
    expect(some.title.zh).toBe('部分项目未核查（1 项）；其余项目参考时限内未发现可互认结果');
    const found = await checkOf('child', { items: [unknown, chest] });
    expect(found.title.zh).toBe('拟开项目中有 1 项已有可互认结果，请确认；另有 1 项未核查');
  });
});
