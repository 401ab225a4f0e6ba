import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergePersons } from '../../src/adapters/postgres/person-links.ts';
import { ownAccessLog } from '../../src/apps/flows/audit/own-access-log.ts';
import { linkReports } from '../../src/apps/flows/imaging/link-reports.ts';
import { passedViewing } from '../../src/apps/flows/imaging/passed-viewing.ts';
import { studyMatches } from '../../src/apps/flows/imaging/study-matches.ts';
import { correctionFlows } from '../../src/apps/flows/corrections/corrections.ts';
import { studyViewing } from '../../src/apps/flows/imaging/view-study.ts';
import { correctionRequestShape } from '../../src/web/wire/correction.ts';
import { lookAtShare, openShare } from '../../src/apps/flows/own-data/open-share.ts';
import type { OwnDependencies, OwnReader } from '../../src/apps/flows/own-data/own-reader.ts';
import { readOwnShares, revokeOwnShare, shareOwnStudy } from '../../src/apps/flows/own-data/shares.ts';
import type { CallOrigin, PatientActor, StaffActor } from '../../src/apps/server/flows-port.ts';
import type { PassedViewing } from '../../src/apps/server/routes/passed-viewing-port.ts';
import { type Instant, instant } from '../../src/kernel/instant.ts';
import type { Result } from '../../src/kernel/result.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import {
  type OwnShare,
  ownSharesShape,
  type ShareMade,
  shareMadeShape,
} from '../../src/web/wire/own-data.ts';
import { chestReport, selfReader } from './chest-report.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh } from './ingest-fixtures.ts';

/*
 * Images beside which no report lies, shown by their patient with a code: as a report is, and never with the report that comes later.
 */

const ORIGIN: CallOrigin = { requestId: 'test', peer: '203.0.113.7', purpose: 'treatment' };
const NOBODY = { name: null, place: null };
const SHARE_MINUTES = 15;
/** Longer than what was decided of a pass is believed. */
const A_WHILE_MS = 6_000;
const REGISTRAR: StaffActor = {
  kind: 'staff',
  name: 'staff:registrar',
  login: 'registrar',
  role: 'registrar',
  institution: 'JIANG-1' as InstitutionCode,
  staffNumber: '1',
  department: '登记处',
  displayName: '演练登记',
};

let bench: ImagingBench;
let now: Instant;
let own: OwnDependencies;
let viewing: PassedViewing;

beforeAll(async () => {
  bench = await imagingBench();
  now = instant(bench.imaging.clock());
  const dependencies = { ...bench.imaging, clock: () => now };
  own = {
    ...dependencies,
    publicUrl: () => 'http://huren',
    share: { minutes: SHARE_MINUTES, openings: 2 },
  };
  viewing = passedViewing(dependencies);
});
afterAll(() => bench.drop());

const passing = (ms: number): void => {
  now = instant(now + ms);
};

const made = <Value>(result: Result<Value, unknown>): Value => {
  if (!result.ok) throw result.reason;
  return result.value;
};

interface Held {
  readonly study: PublicId;
  readonly uid: string;
  readonly record: string;
  readonly number: string;
  readonly reader: OwnReader;
  readonly patient: PatientActor;
}

/** Images of somebody who is there, and no report of them. */
const held = async (): Promise<Held> => {
  const [record, number, uid] = [fresh('M'), fresh('R'), `2.25.${fresh('61')}`];
  await chestReport(bench, record, fresh('R'));
  for (const index of [1, 2])
    await bench.send(
      instanceOf({
        StudyInstanceUID: uid,
        SeriesInstanceUID: `${uid}.1`,
        SOPInstanceUID: `${uid}.1.${index}`,
        PatientID: record,
        AccessionNumber: number,
        InstanceNumber: index,
      }),
    );
  const [row] = await bench.rows<{ study: PublicId; person_id: string; person: PublicId; report: null }>(
    `select s.public_id as study, s.person_id, p.public_id as person, s.report_public_id as report
     from studies s join persons p using (person_id) where s.study_uid = $1`,
    [uid],
  );
  expect(row).toMatchObject({ report: null });
  const { study, person_id: personId, person } = row as NonNullable<typeof row>;
  const patient: PatientActor = { kind: 'patient', name: `patient:${person}`, person };
  return { study, uid, record, number, patient, reader: selfReader(person, personId) };
};

/** The report of the images comes, and is linked as the worker does it. */
const reportComes = async ({ record, number, reader: { personId } }: Held): Promise<PublicId> => {
  const report = await chestReport(bench, record, number);
  const payload = JSON.stringify({ reports: [{ report }] });
  await bench.database.transaction((session) => linkReports(bench.imaging, session, { personId, payload }));
  return report;
};

const share = async ({ study, reader }: Held, downloads = false): Promise<ShareMade> =>
  shareMadeShape.parse(made(await shareOwnStudy(own, reader, { study, downloads }, ORIGIN)));
const tokenOf = ({ url }: ShareMade): string => url.split('/').at(-1) as string;
const open = (code: ShareMade, opener = NOBODY) => openShare(own, tokenOf(code), opener, ORIGIN);
const listed = async ({ reader }: Held, { share: { id } }: ShareMade): Promise<OwnShare> => {
  const { shares } = ownSharesShape.parse(await readOwnShares(own, reader));
  return shares.find((each) => each.id === id) as OwnShare;
};
const passOf = async (code: ShareMade): Promise<string> => (await viewing.forShare(tokenOf(code))) ?? '';

const metadata = async (pass: string, { uid }: Held): Promise<unknown[]> => {
  const address = { study: uid, series: `${uid}.1`, instance: null };
  const { gzip } = await viewing.images.metadata({ pass, origin: ORIGIN }, address);
  return JSON.parse(gunzipSync(gzip).toString('utf8')) as unknown[];
};
const closed = { code: 'STUDY_UNKNOWN' };

const rowsOf = ({ share: { id } }: ShareMade) =>
  bench.rows<{ action: string; actor: string; basis: string; outcome: string }>(
    `select action, actor, basis, outcome from audit_events
     where resource like '%/share/' || $1 or (action = 'study.read' and basis = 'report-share/' || $1) order by event_id`,
    [id],
  );

describe('images without a report, shared by their patient', () => {
  it('open for whoever holds the code, so often, and every opening and refusal stands in the log', async () => {
    const one = await held();
    const code = await share(one);
    expect(code.url).toMatch(/^http:\/\/huren\/share\/[\w-]{32}$/);
    expect(await lookAtShare(own, tokenOf(code))).toEqual({ state: 'open', shows: 'study' });
    const opened = await open(code, { name: '孙医生', place: '示例医院呼吸科' } as never);
    expect(opened).toMatchObject({
      shows: {
        kind: 'study',
        titleZh: '胸部CT平扫',
        studiedAt: '2026-11-18 09:15',
        images: { received: 2 },
      },
      person: { name: '张三' },
      masked: false,
      left: 1,
    });
    const pass = await passOf(code);
    expect(made(await viewing.open(pass, ORIGIN))).toMatchObject({
      id: one.study,
      audience: 'guest',
      report: null,
      reportHref: null,
      downloadHref: null,
      keyImages: null,
      priors: [],
    });
    expect(await metadata(pass, one)).toHaveLength(2);
    passing(1_000);
    expect(await open(code)).not.toBeNull();
    expect(await open(code)).toBeNull();
    expect(await lookAtShare(own, tokenOf(code))).toEqual({ state: 'used', shows: 'study' });
    const holder = { actor: 'holder-of-code', basis: `report-share/${code.share.id}` };
    const asked = { action: 'study-share.open', ...holder };
    expect(await rowsOf(code)).toEqual([
      { action: 'study-share.create', actor: 'patient:1', basis: 'own-data', outcome: 'recorded' },
      { ...asked, outcome: 'disclosed' },
      { action: 'study.read', ...holder, outcome: 'disclosed' },
      { ...asked, outcome: 'disclosed' },
      { ...asked, outcome: 'refused-used' },
    ]);
    expect(await listed(one, code)).toMatchObject({
      report: null,
      study: one.study,
      titleZh: '胸部CT平扫',
      reportCame: false,
      masked: false,
      state: 'used',
      canRevoke: true,
      openings: [
        { name: '孙医生', place: '示例医院呼吸科', network: '203.0.113.*' },
        { name: null, place: null },
      ],
    });
    const log = made(await ownAccessLog(own).read(one.patient, { filter: 'all' }, ORIGIN));
    const lines = log.lines.filter(({ role }) => role.code === 'holder-of-code');
    expect(lines.flatMap(({ what }) => what.map(({ text }) => text.zh))).toEqual(
      expect.arrayContaining(['您分享的报告或影像', '检查影像']),
    );
    expect(lines.map(({ name }) => name).join()).toContain('示例医院呼吸科 孙医生（自述，未核实）');
  });

  it('open for as many of those who come at one moment as the code allows', async () => {
    const code = await share(await held());
    const opened = await Promise.all([1, 2, 3, 4].map(() => open(code)));
    expect(opened.filter((each) => each !== null)).toHaveLength(2);
  });

  it('name nobody in their headers to a guest who may only look, and are whole to one who may take them along', async () => {
    const one = await held();
    const looked = await passOf(await share(one));
    const named = /Zhang|张|00100010|00100020/;
    expect(JSON.stringify(await metadata(looked, one))).not.toMatch(named);
    expect(JSON.stringify(made(await viewing.open(looked, ORIGIN)).opening)).not.toMatch(named);
    const holder = { pass: looked, origin: ORIGIN };
    const address = { study: one.uid, series: `${one.uid}.1`, instance: `${one.uid}.1.1` };
    await expect(viewing.images.instances(holder, address)).rejects.toMatchObject(closed);
    await expect(viewing.carrying.offer(holder, null)).rejects.toMatchObject(closed);
    const taken = await passOf(await share(one, true));
    expect(JSON.stringify(await metadata(taken, one))).toMatch(named);
    expect(made(await viewing.open(taken, ORIGIN)).downloadHref).toBe(`/viewing/${taken}/download`);
    expect(await viewing.carrying.offer({ pass: taken, origin: ORIGIN }, null)).toBeDefined();
  });

  it('are for their own patient to share and to take back, and the pass leads to them alone', async () => {
    const [one, other] = [await held(), await held()];
    const { study } = one;
    const refused = await shareOwnStudy(own, other.reader, { study, downloads: false }, ORIGIN);
    expect(refused).toMatchObject({ reason: closed });
    const nowhere = { study: one.reader.person, downloads: false };
    expect(await shareOwnStudy(own, one.reader, nowhere, ORIGIN)).toMatchObject({ reason: closed });
    const code = await share(one);
    expect(await revokeOwnShare(own, other.reader, code.share.id as PublicId, ORIGIN)).toMatchObject({
      reason: { code: 'SHARE_UNKNOWN' },
    });
    const pass = await passOf(code);
    await expect(metadata(pass, other)).rejects.toMatchObject(closed);
    expect(await metadata(pass, one)).toHaveLength(2);
    expect((await readOwnShares(own, other.reader)).shares).toEqual([]);
  });

  it('close at once for whoever is looking when they are taken back', async () => {
    const one = await held();
    const code = await share(one);
    await open(code);
    const pass = await passOf(code);
    expect(await metadata(pass, one)).toHaveLength(2);
    expect((await revokeOwnShare(own, one.reader, code.share.id as PublicId, ORIGIN)).ok).toBe(true);
    passing(A_WHILE_MS);
    await expect(metadata(pass, one)).rejects.toMatchObject(closed);
    await expect(viewing.open(pass, ORIGIN)).rejects.toMatchObject(closed);
    expect(await open(code)).toBeNull();
    expect(await lookAtShare(own, tokenOf(code))).toMatchObject({ state: 'revoked' });
    expect(await listed(one, code)).toMatchObject({ state: 'revoked', canRevoke: false });
  });

  it('open no more when the time of the code is over', async () => {
    const one = await held();
    const code = await share(one);
    passing((SHARE_MINUTES + 1) * 60_000);
    expect(await open(code)).toBeNull();
    expect(await lookAtShare(own, tokenOf(code))).toMatchObject({ state: 'expired' });
    expect((await rowsOf(code)).at(-1)).toMatchObject({ outcome: 'refused-expired' });
    expect(await listed(one, code)).toMatchObject({ state: 'expired', canRevoke: false, openings: [] });
  });
});

describe('a report that comes after its images were shared', () => {
  it('is not shown by them, and its patient is told so', async () => {
    const one = await held();
    const code = await share(one);
    await open(code);
    const pass = await passOf(code);
    await reportComes(one);
    passing(A_WHILE_MS);
    const [opened] = await bench.rows<{ report: PublicId | null }>(
      'select report_public_id as report from studies where public_id = $1',
      [one.study],
    );
    expect(opened?.report).not.toBeNull();
    expect(made(await viewing.open(pass, ORIGIN))).toMatchObject({ report: null, reportHref: null });
    expect(await metadata(pass, one)).toHaveLength(2);
    const again = await open(code);
    expect(again?.shows).toMatchObject({ kind: 'study' });
    expect(JSON.stringify(again)).not.toContain('右肺上叶结节');
    expect(await listed(one, code)).toMatchObject({ reportCame: true, report: null, study: one.study });
    expect((await studyViewing(own as never).unreported(one.patient, undefined, ORIGIN)).studies).toEqual([]);
    const { study } = one;
    expect(await shareOwnStudy(own, one.reader, { study, downloads: false }, ORIGIN)).toMatchObject({
      reason: { code: 'STUDY_REPORTED' },
    });
  });

  it('closes them where somebody says that it is another person’s', async () => {
    const one = await held();
    const code = await share(one);
    await open(code);
    const pass = await passOf(code);
    const report = await reportComes(one);
    const wrong = correctionRequestShape.parse({ report, kind: 'wrong-person', text: '不是本人' });
    made(await correctionFlows(own).submit({ ...REGISTRAR, role: 'doctor' }, wrong, null, ORIGIN));
    passing(A_WHILE_MS);
    await expect(metadata(pass, one)).rejects.toMatchObject(closed);
    expect(await open(code)).toBeNull();
    expect((await rowsOf(code)).at(-1)).toMatchObject({ outcome: 'refused-ended' });
  });
});

describe('a share of images', () => {
  it('ends when the study is set apart, tells nothing of it, and stays ended when it is put back', async () => {
    const one = await held();
    const code = await share(one);
    await open(code);
    const pass = await passOf(code);
    expect(await metadata(pass, one)).toHaveLength(2);
    const matches = studyMatches(bench.imaging);
    made(await matches.setApart(REGISTRAR, one.study, ORIGIN));
    passing(A_WHILE_MS);
    const ended = async (): Promise<void> => {
      await expect(metadata(pass, one)).rejects.toMatchObject(closed);
      await expect(viewing.open(pass, ORIGIN)).rejects.toMatchObject(closed);
      expect(await viewing.forShare(tokenOf(code))).toBeNull();
      expect(await open(code)).toBeNull();
      expect(await lookAtShare(own, tokenOf(code))).toMatchObject({ state: 'ended' });
      expect((await rowsOf(code)).at(-1)).toMatchObject({ outcome: 'refused-ended' });
    };
    await ended();
    expect(await listed(one, code)).toMatchObject({
      titleZh: '影像检查',
      institutionZh: '',
      state: 'ended',
      canRevoke: false,
    });
    const entries = made(await matches.list(REGISTRAR, ORIGIN)).matches;
    const entry = entries.find(({ study }) => study === one.study)?.id as PublicId;
    made(await matches.decide(REGISTRAR, entry, { kind: 'undo' }, ORIGIN));
    passing(A_WHILE_MS);
    await ended();
    expect((await share(one)).share.state).toBe('open');
  });

  it('ends when its person is merged with another', async () => {
    const [one, other] = [await held(), await held()];
    const code = await share(one);
    await open(code);
    const pass = await passOf(code);
    expect(await metadata(pass, one)).toHaveLength(2);
    const pair = { personId: one.reader.personId, otherId: other.reader.personId };
    const by = { actor: 'test', reason: 'test', at: now, cause: 'staff', grade: 'strong' } as const;
    const merged = await bench.database.transaction((session) => mergePersons(session, { ...pair, ...by }));
    expect(merged.ok).toBe(true);
    passing(A_WHILE_MS);
    await expect(metadata(pass, one)).rejects.toMatchObject(closed);
    expect(await open(code)).toBeNull();
    expect(await listed(one, code)).toMatchObject({ state: 'ended', titleZh: '胸部CT平扫' });
  });

  it('is not made of a study that goes elsewhere at that moment', async () => {
    const one = await held();
    const [apart, shared] = await Promise.all([
      studyMatches(bench.imaging).setApart(REGISTRAR, one.study, ORIGIN),
      shareOwnStudy(own, one.reader, { study: one.study, downloads: false }, ORIGIN),
    ]);
    expect(apart.ok).toBe(true);
    // Whichever came first, nothing can be opened.
    if (shared.ok) expect(await open(shared.value)).toBeNull();
    else expect(shared.reason).toMatchObject(closed);
    expect(
      await bench.rows('select 1 from report_share_studies where person_id = $1', [one.reader.personId]),
    ).toEqual([]);
  });
});
