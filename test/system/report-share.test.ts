import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { openShare } from '../../src/apps/flows/own-data/open-share.ts';
import { networkOf } from '../../src/apps/flows/own-data/shares.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { OwnResults, OwnShares, ShareMade } from '../../src/web/wire/own-data.ts';
import type { AccessLogAnswer } from '../../src/web/wire/access-log.ts';
import { ownSharesShape, shareMadeShape } from '../../src/web/wire/own-data.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { signedInPatient } from './own-data-bench.ts';
import { type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

let system: RealSystem;
let patient: FormBrowser;
let report: string;
let receiver: FormBrowser;

beforeAll(async () => {
  system = await realSystem();
  patient = await signedInPatient(system, 'three-orders');
  const results = (await (await patient.get('/api/own/results')).json()) as OwnResults;
  report = results.history.reports.find(({ kind }) => kind === 'laboratory')?.id as string;
});
afterAll(() => system.stop());
beforeEach(() => {
  receiver = formBrowser(system.url);
});

const share = async (masked = true): Promise<ShareMade> => {
  const response = await patient.postJson('/api/own/shares', { report, masked });
  expect(response.status).toBe(200);
  return shareMadeShape.parse(await response.json());
};
const pathOf = ({ url }: ShareMade): string => new URL(url).pathname;
const own = async (): Promise<OwnShares> =>
  ownSharesShape.parse(await (await patient.get('/api/own/shares')).json());

const COUNT = statement(
  'test.share-audit',
  `select outcome, actor from audit_events where action = 'report-share.open' and resource = $1 order by event_id`,
);

describe('a report shared by QR code', () => {
  it('is opened once, masked, and every opening and refusal stands in the log', async () => {
    const made = await share();
    const { name, nationalId } = memberOf(system.bench, 'three-orders').person;
    expect(made.url).toMatch(/\/share\/[\w-]{32}$/);
    expect(made.qr.path).toMatch(/^M/);
    const door = await receiver.get(pathOf(made));
    expect(door.status).toBe(200);
    expect(await door.text()).not.toContain('结果</th>');
    expect((await receiver.get(pathOf(made))).status).toBe(200);
    const opened = await (await receiver.post(pathOf(made), {})).text();
    expect(opened).toContain(`${name[0]}＊＊`);
    expect(opened).not.toContain(name);
    expect(opened).not.toContain((nationalId ?? '').slice(0, 6));
    expect((await receiver.post(pathOf(made), {})).status).toBe(410);
    expect((await receiver.get(pathOf(made))).status).toBe(410);
    const [kept] = (await own()).shares;
    expect(kept).toMatchObject({ id: made.share.id, state: 'used', masked: true });
    expect(kept?.openings).toMatchObject([{ name: null, place: null, network: expect.any(String) }]);
    const rows = await system.bench.dependencies.database.run(COUNT, [
      `report/${report}/share/${made.share.id}`,
    ]);
    expect(rows).toEqual([
      { actor: 'holder-of-code', outcome: 'disclosed' },
      { actor: 'holder-of-code', outcome: 'refused-used' },
    ]);
  });

  it('tells its patient who opened it, as the opener said, and keeps that out of addresses and of the audit rows', async () => {
    const made = await share();
    await receiver.get(pathOf(made));
    await receiver.post(pathOf(made), { name: '孙医生', place: '示例医院心内科' });
    const kept = (await own()).shares.find(({ id }) => id === made.share.id);
    expect(kept?.openings).toMatchObject([{ name: '孙医生', place: '示例医院心内科' }]);
    expect(kept?.openings[0]?.network).toMatch(/\*$|::$/);
    const log = (await (await patient.get('/api/own/access-log')).json()) as AccessLogAnswer;
    const said = log.lines.filter(({ role }) => role.code === 'holder-of-code').map(({ name }) => name);
    expect(said).toContain('示例医院心内科 孙医生（自述，未核实）');
    const rows = await system.bench.dependencies.database.run(
      statement(
        'test.share-rows',
        `select row_to_json(a)::text as row from audit_events a where action = 'report-share.open'`,
      ),
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('孙医生');
  });

  it('tells networks, not machines', () => {
    expect(['203.0.113.9', '::ffff:203.0.113.9', '2001:db8:1:2::9', '::1', 'test'].map(networkOf)).toEqual([
      '203.0.113.*',
      '203.0.113.*',
      '2001:db8:1::',
      '::',
      null,
    ]);
  });

  it('shows the whole name where the patient chose so', async () => {
    const made = await share(false);
    await receiver.get(pathOf(made));
    expect(await (await receiver.post(pathOf(made), {})).text()).toContain(
      memberOf(system.bench, 'three-orders').person.name,
    );
  });

  it('opens for one of two who come at the same moment', async () => {
    const made = await share();
    const other = formBrowser(system.url);
    await Promise.all([receiver.get(pathOf(made)), other.get(pathOf(made))]);
    const answers = await Promise.all([receiver.post(pathOf(made), {}), other.post(pathOf(made), {})]);
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 410]);
  });

  it('is taken back at once, by its patient alone', async () => {
    const made = await share();
    const stranger = await signedInPatient(system, 'three-hospitals');
    expect((await stranger.postJson(`/api/own/shares/${made.share.id}/revocation`, {})).status).toBe(404);
    expect((await receiver.get(pathOf(made))).status).toBe(200);
    expect((await patient.postJson(`/api/own/shares/${made.share.id}/revocation`, {})).status).toBe(200);
    expect((await receiver.post(pathOf(made), {})).status).toBe(410);
    expect((await own()).shares.find(({ id }) => id === made.share.id)?.state).toBe('revoked');
    expect((await stranger.postJson('/api/own/shares', { report, masked: true })).status).toBe(404);
  });

  it('opens no more when its time is over, nor without its form, nor by a made-up token', async () => {
    const made = await share();
    const { dependencies, origin } = system.bench;
    const later = {
      ...dependencies,
      clock: () => instant(dependencies.clock() + 16 * 60_000),
      publicUrl: () => system.url,
      share: { minutes: 15, openings: 1 },
    };
    expect(
      await openShare(later, made.url.split('/').at(-1) as string, { name: null, place: null }, origin),
    ).toBeNull();
    const bare = await fetch(made.url, { method: 'POST', body: new URLSearchParams({ formToken: 'x' }) });
    expect(bare.status).toBe(403);
    expect((await receiver.get(`/share/${'A'.repeat(32)}`)).status).toBe(410);
    expect((await receiver.get('/share/..%2f..%2fetc')).status).toBe(400);
  });
});
