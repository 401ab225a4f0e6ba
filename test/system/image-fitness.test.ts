import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInstance } from '../../src/adapters/dicom/read-instance.ts';
import { headerReader, type HeaderReader } from '../../src/adapters/dicom/header-reader.ts';
import { type FrameRenderer, frameRenderer } from '../../src/adapters/dicom/frame-renderer.ts';
import { fileImages } from '../../src/adapters/objects/image-objects.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { demonstrationStudies } from '../../src/apps/demonstration/studies/cast-studies.ts';
import { closeStudies, sendStudies } from '../../src/apps/demonstration/studies/send-studies.ts';
import { correctionFlows } from '../../src/apps/flows/corrections/corrections.ts';
import { opinionFlows } from '../../src/apps/flows/results/consultation-opinions.ts';
import { findVisibleReport, presentReport } from '../../src/apps/flows/results/read-report.ts';
import type { Actor } from '../../src/apps/server/flows-port.ts';
import { trafficCounter } from '../../src/apps/flows/imaging/traffic.ts';
import type { ImagingDependencies } from '../../src/apps/flows/imaging/imaging-work.ts';
import { receiving } from '../../src/apps/flows/imaging/receive.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { Fault } from '../../src/kernel/fault.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { checkPage } from '../../src/web/check-page.ts';
import { deskQueryShape } from '../../src/web/wire/correction.ts';
import { DATA_WORDS } from '../../src/web/words.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { checkResponseRequestShape } from '../../src/web/wire/order-check-request.ts';
import { instanceOf } from './imaging-bench.ts';
import { testKeys } from './ingest-fixtures.ts';
import { doctorOf, memberOf, type RegionBench, regionBench } from './region-bench.ts';

const STUDIES = statement(
  'test.studies',
  'select study_uid, report_public_id, instance_count, open_series from studies order by study_uid',
);
const STUDY_OF = statement('test.study-of', 'select study_uid from studies where report_public_id = $1');
const MATCHES = statement(
  'test.study-matches',
  'select reason, cardinality(candidates) as n from study_matches',
);
const OPINION_AUDITS = statement(
  'test.opinion-audits',
  "select action, actor, purpose, outcome from audit_events where action like 'consultation-opinion.%' order by event_id",
);

let bench: RegionBench;
let headers: HeaderReader;
let renderer: FrameRenderer;
let imaging: ImagingDependencies;
let folder: string;
let outcome: { readonly sent: number; readonly stored: number };

beforeAll(async () => {
  bench = await regionBench();
  headers = headerReader();
  folder = mkdtempSync(join(tmpdir(), 'image-fitness-'));
  renderer = frameRenderer(1);
  imaging = {
    ...bench.dependencies,
    images: fileImages(folder, testKeys),
    headers,
    renderer,
    traffic: trafficCounter(bench.dependencies),
  };
  outcome = await sendStudies(imaging, { now: bench.now, isBlank: true });
}, 300_000);

afterAll(async () => {
  await headers.close();
  await renderer.close();
  await bench.drop();
  rmSync(folder, { recursive: true, force: true });
});

const order = (key: string) => bench.check(bench.orderOf(memberOf(bench, key)));

const codeOf = async (work: Promise<{ ok: boolean; reason?: unknown }>): Promise<string | null> => {
  const done = await work;
  return done.ok ? null : (done.reason as Fault).code;
};

describe('the studies that the imitation hospitals send by C-STORE', () => {
  it('are all stored, each under its report, but for one whose patient number nobody has', async () => {
    expect(outcome.stored).toBe(outcome.sent);
    const studies = await bench.dependencies.database.run<{
      report_public_id: string | null;
      instance_count: number;
    }>(STUDIES, []);
    expect(studies).toHaveLength(demonstrationStudies(bench.now, true).length);
    expect(studies.reduce((sum, { instance_count }) => sum + instance_count, 0)).toBe(outcome.sent);
    expect(studies.filter(({ report_public_id }) => report_public_id === null)).toHaveLength(1);
    expect(await bench.dependencies.database.run(MATCHES, [])).toEqual([
      { reason: 'report-of-another-person', n: 1 },
    ]);
  });

  it('leave the question open while they are coming', async () => {
    const { lines } = await order('nodule-thick');
    expect(lines[0]?.candidates[0]).toMatchObject({ grade: 'may-consider', images: { state: 'receiving' } });
    expect(JSON.stringify(lines[0])).toContain('影像上传中');
  });
});

describe('once they are there', () => {
  let thick: Awaited<ReturnType<typeof order>>;

  beforeAll(async () => {
    await closeStudies(imaging);
    thick = await order('nodule-thick');
  }, 300_000);

  it('a township CT of 5 mm is refused for a nodule, and the card says why', () => {
    expect(thick.lines[0]?.outcome).toBe('view-only');
    expect(thick.lines[0]?.candidates[0]).toMatchObject({ grade: 'view-only' });
    expect(JSON.stringify(thick.lines[0])).toContain('层厚 5 mm；本项目要求 ≤ 1.25 mm');
  });

  it('the page offers the doctor to say so, and that the source is told; of a result that may be recognised it offers more', async () => {
    const pageOf = (check: OrderCheckAnswer) =>
      checkPage({
        emergency: null,
        viewer: null as never,
        formToken: 't',
        at: bench.now,
        check,
        person: null,
        refusal: null,
        newKey: () => 'k',
        mayAnswer: true,
        needsGuardian: false,
        consentRefusal: null,
      }).text;
    const page = pageOf(thick);
    expect(page).toContain('O3　影像质量不满足诊断（将反映给来源机构）');
    expect(page).toContain('不互认，继续检查');
    expect(page).not.toContain('value="recognise"');
    expect(pageOf(await order('nodule-thin'))).toContain('value="recognise"');
  });

  it('a thin one is accepted, the earlier thick one beside it is not', async () => {
    const { lines } = await order('nodule-thin');
    expect(lines[0]?.candidates.map(({ grade }) => grade)).toEqual(['must-consider', 'view-only']);
  });

  it.each(['child', 'three-orders', 'other-side', 'right-knee', 'lower-tier'])(
    'images of %s take nothing from the report that they belong to',
    async (key) => {
      const { lines } = await order(key);
      expect(JSON.stringify(lines)).not.toContain('影像不满足');
      expect(JSON.stringify(lines)).not.toContain('影像文件未写明');
    },
  );

  it('the explanation cites the row of the requirements, and the replay is the same', async () => {
    const explained = await bench.flows.explain(bench.doctor, thick.id as PublicId, bench.origin);
    if (!explained.ok) throw explained.reason;
    const text = JSON.stringify(explained.value);
    expect(text).toContain('影像质量要求');
    expect(text).toContain('CT-NODULE');
    const data = explained.value.lines.flatMap(({ candidates }) =>
      candidates.flatMap(({ checks }) => checks.flatMap((check) => check.data)),
    );
    expect(data.map(({ name }) => name)).toContain('failures');
    expect(data.map(({ name }) => name).filter((name) => !Object.hasOwn(DATA_WORDS, name))).toEqual([]);
    const replayed = await bench.flows.replay(bench.doctor, thick.id as PublicId, bench.origin);
    expect(replayed).toMatchObject({ ok: true, value: { outcome: 'same', evaluator: 5 } });
  });

  it('thin slices of a head in the same study change nothing, neither while they come nor after', async () => {
    const report = thick.lines[0]?.candidates[0]?.report as string;
    const [study] = await bench.dependencies.database.run<{ study_uid: string }>(STUDY_OF, [report]);
    const sent = demonstrationStudies(bench.now, true).find(
      (each) => each.study.studyUid === study?.study_uid,
    );
    const [slice] = sent?.study.instances() ?? [];
    if (!slice) throw new TypeError('the study was not sent');
    const read = readInstance({ ...slice, head: slice.bytes, isWhole: true, assumedCharset: null });
    if (!read.ok) throw new TypeError('the slice cannot be read');
    const { patient, accessionNumber } = read.value.header;
    const doors = receiving(imaging);
    for (let index = 0; index < 240; index++) {
      const { bytes, ...of } = instanceOf({
        StudyInstanceUID: study?.study_uid as string,
        PatientName: `${patient.name?.alphabetic}=${patient.name?.ideographic}`,
        PatientBirthDate: patient.birthDate as string,
        PatientSex: patient.sex as string,
        SeriesInstanceUID: '2.25.8134',
        SOPInstanceUID: `2.25.8134.${index}`,
        PatientID: patient.patientId as string,
        AccessionNumber: accessionNumber as string,
        SeriesNumber: 9,
        InstanceNumber: index + 1,
        StudyDescription: '胸部CT平扫',
        SeriesDescription: '头颅 1mm',
        BodyPartExamined: 'HEAD',
        SliceThickness: 1,
        ImagePositionPatient: [0, 0, index],
        ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
      });
      const instance = await doors.begin({
        ...of,
        institution: 'YX-QINGSHI' as InstitutionCode,
        sender: 'test',
        assumedCharset: null,
      });
      await instance.write(bytes);
      await instance.finish();
    }
    const coming = (await order('nodule-thick')).lines[0];
    expect(coming?.candidates[0]).toMatchObject({ grade: 'view-only', images: { state: 'receiving' } });
    await closeStudies(imaging);
    const closed = (await order('nodule-thick')).lines[0];
    expect(closed?.candidates[0]).toMatchObject({ grade: 'view-only', images: { state: 'complete' } });
    expect(JSON.stringify(closed)).toContain('层厚 5 mm；本项目要求 ≤ 1.25 mm');
  });

  it('examining again because of the images sends the source a ticket, once', async () => {
    const corrections = correctionFlows(bench.dependencies);
    const again = () =>
      bench.flows.respond(
        bench.doctor,
        thick.id as PublicId,
        checkResponseRequestShape.parse({ line: 1, kind: 're-examine', reason: 'N1', subReasons: ['O3'] }),
        'answer-1',
        bench.origin,
      );
    expect(await codeOf(again())).toBeNull();
    expect(await codeOf(again())).toBeNull();
    const office: Actor = {
      ...(doctorOf('YX-QINGSHI') as Extract<Actor, { kind: 'staff' }>),
      name: 'staff:office-of-source',
      role: 'medical-affairs',
    };
    const desk = await corrections.desk(office, deskQueryShape.parse({}), bench.origin);
    if (!desk.ok) throw desk.reason;
    const tickets = JSON.stringify(desk.value);
    expect(tickets.match(/"kind":"quality"/g)).toHaveLength(1);
    const own = await corrections.own(bench.doctor, bench.origin);
    if (!own.ok) throw own.reason;
    expect(JSON.stringify(own.value)).toContain('层厚 5 mm');
  });
});

describe('a consultation opinion (会诊意见)', () => {
  const TEXT = '右肺上叶混合磨玻璃结节，较前略增大，建议三个月后薄层复查。';
  let report: PublicId;
  const add = (actor: Actor, id: PublicId, key: string | null = null) =>
    opinionFlows(bench.dependencies).addOpinion(actor, id, { text: TEXT }, key, bench.origin);
  const withdraw = (actor: Actor, opinion: string, reason = '所见有误，已重新阅片') =>
    opinionFlows(bench.dependencies).withdrawOpinion(
      actor,
      report,
      opinion as PublicId,
      { reason },
      { ...bench.origin, purpose: 'treatment' },
    );
  const readBy = async (actor: Actor) => {
    const read = await bench.flows.report(actor, report, bench.origin);
    if (!read.ok) throw read.reason;
    return read.value.opinions;
  };

  beforeAll(async () => {
    const { lines } = await order('nodule-thin');
    report = lines[0]?.candidates[0]?.report as PublicId;
  });

  it('stands beside the report, which stays as it was', async () => {
    const before = await bench.flows.report(bench.doctor, report, bench.origin);
    expect(await codeOf(add(bench.doctor, report, 'k1'))).toBeNull();
    expect(await codeOf(add(bench.doctor, report, 'k1'))).toBeNull();
    const after = await bench.flows.report(bench.doctor, report, bench.origin);
    if (!before.ok || !after.ok) throw new TypeError('the report cannot be read');
    expect(after.value).toEqual({
      ...before.value,
      opinions: [
        expect.objectContaining({
          text: TEXT,
          doctor: '顾清和',
          institution: expect.objectContaining({ code: 'YX-COUNTY' }),
          reportVersion: before.value.version,
          withdrawal: null,
          mayWithdraw: true,
        }),
      ],
    });
  });

  it('is in the access log once, with who gave it', async () => {
    expect(await bench.dependencies.database.run(OPINION_AUDITS, [])).toEqual([
      {
        action: 'consultation-opinion.add',
        actor: bench.doctor.name,
        purpose: bench.origin.purpose,
        outcome: 'recorded',
      },
    ]);
  });

  it('is read by the institution whose report it is about, and not given by it', async () => {
    const source = doctorOf('WX-CENTRAL');
    const read = await bench.flows.report(source, report, bench.origin);
    expect(read).toMatchObject({ ok: true, value: { opinions: [{ text: TEXT }] } });
    expect(await codeOf(add(source, report))).toBe('OPINION_NOT_HERE');
  });

  it('is not given on laboratory results, nor by who does not treat the patient', async () => {
    const { lines } = await order('potassium-five');
    const laboratory = lines[0]?.candidates[0]?.report as PublicId;
    expect(await codeOf(add(bench.doctor, laboratory))).toBe('OPINION_NOT_HERE');
    expect(await codeOf(add(doctorOf('QL-TCM'), report))).toBe('REPORT_UNKNOWN');
  });

  it('is withdrawn by its doctor alone: colleagues and other institutions find none of theirs', async () => {
    const [own] = await readBy(bench.doctor);
    const id = own?.id as string;
    const colleague = { ...bench.doctor, name: 'staff:colleague' } as Actor;
    expect((await readBy(colleague))[0]?.mayWithdraw).toBe(false);
    // The same account would be another's word in another institution.
    for (const other of [colleague, doctorOf('WX-CENTRAL')])
      expect(await codeOf(withdraw(other, id))).toBe('OPINION_UNKNOWN');
    expect(await codeOf(withdraw(bench.doctor, report))).toBe('OPINION_UNKNOWN');
    expect((await readBy(bench.doctor))[0]?.withdrawal).toBeNull();
  });

  it('stays in its place once withdrawn, with who, when and why, and a new one stands after it', async () => {
    const [own] = await readBy(bench.doctor);
    const id = own?.id as string;
    const done = await withdraw(bench.doctor, id);
    expect(done).toMatchObject({ ok: true, value: { opinions: [{ id, mayWithdraw: false }] } });
    // A second call changes nothing: neither the reason nor the log.
    expect(await codeOf(withdraw(bench.doctor, id, '另一个理由'))).toBeNull();
    expect(await codeOf(add(bench.doctor, report, 'k2'))).toBeNull();
    const withdrawn = {
      id,
      text: TEXT,
      doctor: '顾清和',
      mayWithdraw: false,
      withdrawal: {
        withdrawnAt: expect.stringMatching(/^2026-11-23T03:00:/),
        by: '顾清和',
        reason: '所见有误，已重新阅片',
      },
    };
    for (const reader of [bench.doctor, doctorOf('WX-CENTRAL')])
      expect(await readBy(reader)).toMatchObject([withdrawn, { text: TEXT, withdrawal: null }]);
    expect(await bench.dependencies.database.run(OPINION_AUDITS, [])).toMatchObject([
      { action: 'consultation-opinion.add' },
      {
        action: 'consultation-opinion.withdraw',
        actor: bench.doctor.name,
        purpose: 'treatment',
        outcome: 'recorded',
      },
      { action: 'consultation-opinion.add' },
    ]);
  });

  it('tells who reads for no institution that one was withdrawn, and nothing of what it said', async () => {
    const found = await findVisibleReport(
      bench.dependencies,
      { institution: null, asksForRestricted: true },
      report,
      bench.now,
    );
    if (!found) throw new TypeError('the report cannot be read');
    const { opinions } = await presentReport(bench.dependencies.database, found, 'own-data', bench.now);
    expect(opinions).toMatchObject([
      { text: null, doctor: null, withdrawal: { by: null, reason: null } },
      { text: TEXT, doctor: '顾清和', withdrawal: null, mayWithdraw: false },
    ]);
    expect(JSON.stringify(opinions[0])).not.toContain('阅片');
  });

  it('is withdrawn together with its row of the log, or not at all', async () => {
    const standing = (await readBy(bench.doctor)).find(({ withdrawal }) => withdrawal === null);
    const id = standing?.id as PublicId;
    const broken = { ...bench.dependencies, newPublicId: () => 'no uuid' as PublicId };
    await expect(
      opinionFlows(broken).withdrawOpinion(bench.doctor, report, id, { reason: '不再适用' }, bench.origin),
    ).rejects.toThrow(/uuid/);
    expect((await readBy(bench.doctor)).find((each) => each.id === id)?.withdrawal).toBeNull();
  });
});
