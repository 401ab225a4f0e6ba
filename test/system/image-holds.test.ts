import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readImageEvidence } from '../../src/adapters/postgres/imaging-evidence.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { dicomWeb } from '../../src/apps/flows/imaging/dicom-web.ts';
import { imageHolds } from '../../src/apps/flows/imaging/image-holds.ts';
import { studyMatches } from '../../src/apps/flows/imaging/study-matches.ts';
import { studyViewing } from '../../src/apps/flows/imaging/view-study.ts';
import type { ImageHolds } from '../../src/apps/server/routes/image-holds-port.ts';
import type { StaffActor } from '../../src/apps/server/flows-port.ts';
import { drainOutbox } from '../../src/apps/worker/worker.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { holdDetailText } from '../../src/web/image-hold-words.ts';
import type { ImageHoldAnswer, ImageHoldCase } from '../../src/web/wire/image-hold.ts';
import { type Attributes, type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh, messageParts } from './ingest-fixtures.ts';

let bench: ImagingBench;
let holds: ImageHolds;
beforeAll(async () => {
  bench = await imagingBench();
  holds = imageHolds(bench.imaging);
});
afterAll(() => bench.drop());

const staffOf = (institution: string, role: StaffActor['role'] = 'registrar'): StaffActor => ({
  kind: 'staff',
  name: `staff:${role}.${institution}`,
  login: `${role}.${institution}`,
  role,
  institution: institution as InstitutionCode,
  staffNumber: '1',
  department: '登记处',
  displayName: '演练登记',
});
const REGISTRAR = staffOf('JIANG-1');
const ORIGIN = { requestId: 'r', peer: 'test', purpose: 'quality' } as const;

const uids = (): Attributes => {
  const study = `2.25.${fresh('88')}`;
  return { StudyInstanceUID: study, SeriesInstanceUID: `${study}.1`, SOPInstanceUID: `${study}.1.1` };
};

const close = () => closeQuietSeries(bench.imaging, instant(Date.now() + 3_600_000_000));

const studyRow = async (uid: string) => {
  const [row] = await bench.rows<{
    person_id: string;
    public_id: PublicId;
    instance_count: number;
    series_count: number;
    bytes: string;
    facts: string;
  }>(
    'select person_id, public_id, instance_count, series_count, bytes, facts from studies where study_uid = $1',
    [uid],
  );
  return row as NonNullable<typeof row>;
};

/** The newest case of a study or sender. */
const holdOf = async (find: (hold: ImageHoldAnswer) => boolean): Promise<ImageHoldAnswer> => {
  const listed = await holds.list(REGISTRAR);
  const found = listed.ok ? listed.value.holds.find(find) : undefined;
  return found as ImageHoldAnswer;
};

const caseOf = async (study: PublicId): Promise<ImageHoldCase> => {
  const { id } = await holdOf((hold) => hold.study?.id === study);
  const opened = await holds.open(REGISTRAR, id as PublicId, ORIGIN);
  return (opened.ok && opened.value) as ImageHoldCase;
};

const decide = (
  { hold }: ImageHoldCase,
  kind: ImageHoldCase['answers'][number] | 'undo',
  note = '',
  seen = hold.instances,
) => holds.answer(REGISTRAR, hold.id as PublicId, { kind, note, seen }, ORIGIN);

const shownContent = async (sop: string): Promise<string | undefined> =>
  (
    await bench.rows<{ content: string }>(
      'select i.content from instances i join series s using (person_id, series_id) where i.sop_uid = $1',
      [sop],
    )
  )[0]?.content;

const auditsOf = async (personId: string, action: string): Promise<number> =>
  Number(
    (
      await bench.rows<{ count: string }>(
        'select count(*) from audit_events where person_id = $1 and action = $2',
        [personId, action],
      )
    )[0]?.count,
  );

const report = async (record: string, number: string, side: string, standing = 'F'): Promise<PublicId> => {
  const parts = messageParts({ record, reportNumber: number, name: '张三', birthDate: '19660214' });
  const outcome = await bench.take(
    [
      `MSH|^~\\&|LIS|JIANG1|HUREN|REGION|20261120093000+0800||ORU^R01^ORU_R01|${fresh('C')}|P|2.5.1||||||UNICODE UTF-8`,
      `PID|1||${parts.record}^^^^MR||${parts.name}||${parts.birthDate}|M`,
      `ORC|RE|${number}|${number}`,
      `OBR|1|${number}|${number}|DXK^${side}膝关节正侧位|||20261118091500+0800|||||||||||||||20261118100000+0800||DX|${standing}`,
      `OBX|1|TX|DXK^${side}膝关节正侧位||未见骨折||||||${standing}`,
    ].join('\r'),
  );
  expect(outcome.outcome).toBe('accepted');
  await drainOutbox(bench.dependencies);
  return outcome.reports[0]?.report as PublicId;
};

describe('another content under a known UID', () => {
  const sent = async () => {
    const of = { ...uids(), PatientID: fresh('M') };
    await bench.send(instanceOf(of));
    await close();
    await bench.send(instanceOf({ ...of, StudyDescription: '头颅CT平扫', SliceThickness: 5 }));
    return of;
  };

  test('is a case with both headers side by side, and the log says who looked', async () => {
    const of = await sent();
    const row = await studyRow(of.StudyInstanceUID);
    const opened = await caseOf(row.public_id);
    expect(opened).toMatchObject({
      hold: { reason: 'other-content', state: 'open', instances: 1, sender: 'test' },
      answers: ['keep-first', 'take-second'],
      conflicts: [{ sopInstanceUid: of.SOPInstanceUID, samePixels: true }],
    });
    expect(opened.hold.ticket).toMatch(/^YX\d{8}-[0-9A-F]{10}$/);
    expect(opened.hold.due).not.toBeNull();
    expect(opened.conflicts[0]?.facts.filter(({ first, second }) => first !== second)).toEqual([
      { fact: 'study-description', first: '胸部CT平扫', second: '头颅CT平扫' },
      { fact: 'thickness', first: null, second: '5' },
    ]);
    expect(await auditsOf(row.person_id, 'image-hold.open')).toBe(1);
  });

  test('in another study is told by the one thing that differs', async () => {
    const of = { ...uids(), PatientID: fresh('M') };
    await bench.send(instanceOf(of));
    const other = uids();
    await bench.send(instanceOf({ ...of, ...other, SOPInstanceUID: of.SOPInstanceUID }));
    const opened = await caseOf((await studyRow(other.StudyInstanceUID)).public_id);
    expect(opened.hold.reason).toBe('other-series');
    expect(opened.conflicts[0]?.facts.filter(({ first, second }) => first !== second)).toEqual([
      { fact: 'study-uid', first: of.StudyInstanceUID, second: other.StudyInstanceUID },
      { fact: 'series-uid', first: of.SeriesInstanceUID, second: other.SeriesInstanceUID },
    ]);
  });

  test('taken as the correction is shown and judged from then on, and undone is as if it never was', async () => {
    const of = await sent();
    const before = await studyRow(of.StudyInstanceUID);
    const first = await shownContent(of.SOPInstanceUID);
    const opened = await caseOf(before.public_id);
    expect(await decide(opened, 'take-second', '设备重建')).toMatchObject({
      ok: true,
      value: {
        hold: { state: 'answered' },
        canUndo: true,
        steps: [{ step: 'take-second', note: '设备重建' }],
      },
    });
    const taken = await studyRow(of.StudyInstanceUID);
    expect(await shownContent(of.SOPInstanceUID)).not.toBe(first);
    expect(JSON.parse(taken.facts)).toMatchObject({ instances: 1, series: [{ thicknessMm: 5 }] });
    expect(taken.instance_count).toBe(1);

    expect(await decide(opened, 'undo')).toMatchObject({ ok: true, value: { hold: { state: 'reopened' } } });
    const undone = await studyRow(of.StudyInstanceUID);
    expect(await shownContent(of.SOPInstanceUID)).toBe(first);
    expect(undone).toMatchObject({ bytes: before.bytes, facts: before.facts });
    // Both objects are still there.
    for (const { content } of await bench.rows<{ content: string }>(
      'select unnest(array[kept_content, other_content]) as content from imaging_conflicts where sop_uid = $1',
      [of.SOPInstanceUID],
    ))
      await (await bench.imaging.images.open(content as never)).close();
    expect(await auditsOf(before.person_id, 'image-hold.take-second')).toBe(1);
    expect(await auditsOf(before.person_id, 'image-hold.undo')).toBe(1);
  });

  test('answered, it gives every image of its series another address: what a browser keeps is never shown for what is right now', async () => {
    const of = await sent();
    const { public_id: id } = await studyRow(of.StudyInstanceUID);
    const reader = {
      actor: { ...REGISTRAR, role: 'doctor' },
      origin: { ...ORIGIN, purpose: 'treatment' },
    } as const;
    const viewing = studyViewing(bench.imaging);
    const named = async () => {
      const opened = await viewing.open(reader.actor, id, undefined, reader.origin);
      return opened.ok ? opened.value.series.map(({ version }) => version) : [];
    };
    const served = async () => {
      // A fresh one: what was read a second ago counts for that long.
      const web = dicomWeb(bench.imaging, bench.receiving);
      const series = { study: of.StudyInstanceUID, series: of.SeriesInstanceUID, instance: null };
      const frame = await web.frames(reader, { ...series, instance: of.SOPInstanceUID }, [1], null);
      const [{ version: metadata }, { version: thumbnail }] = [
        await web.metadata(reader, series),
        await web.thumbnail(reader, series),
      ];
      expect([metadata, thumbnail]).toEqual([frame.version, frame.version]);
      return { version: frame.version, content: frame.frames[0]?.content };
    };
    const [first] = await named();
    const before = await served();
    expect(before.version).toBe(first);
    const opened = await caseOf(id);
    await decide(opened, 'take-second');
    const [second] = await named();
    const after = await served();
    expect(after.version).toBe(second);
    expect(second).not.toBe(first);
    expect(after.content).not.toBe(before.content);
    await decide(opened, 'undo');
    const [third] = await named();
    expect(new Set([first, second, third]).size).toBe(3);
    expect(await served()).toEqual({ version: third, content: before.content });
  });

  test('sent again after the answer opens nothing', async () => {
    const of = await sent();
    const { public_id: study } = await studyRow(of.StudyInstanceUID);
    await decide(await caseOf(study), 'keep-first');
    await bench.send(instanceOf({ ...of, StudyDescription: '头颅CT平扫', SliceThickness: 5 }));
    expect(await caseOf(study)).toMatchObject({ hold: { state: 'answered', instances: 1 } });
  });

  test('of a whole series is one case, and an answer to fewer than came is refused', async () => {
    const of = await sent();
    const { public_id: study } = await studyRow(of.StudyInstanceUID);
    const opened = await caseOf(study);
    await bench.send(instanceOf({ ...of, StudyDescription: '腹部CT平扫' }));
    expect(await decide(opened, 'keep-first')).toMatchObject({
      ok: false,
      reason: { code: 'IMAGE_HOLD_MOVED_ON' },
    });
    expect(await caseOf(study)).toMatchObject({ hold: { instances: 2 } });
  });

  test('is nobody else’s: another institution neither sees nor answers it', async () => {
    const of = await sent();
    const { public_id: study } = await studyRow(of.StudyInstanceUID);
    const { hold } = await caseOf(study);
    const stranger = staffOf('JIANG-2');
    const listed = await holds.list(stranger);
    expect(listed.ok && listed.value.holds.some(({ id }) => id === hold.id)).toBe(false);
    for (const outcome of [
      await holds.open(stranger, hold.id as PublicId, ORIGIN),
      await holds.answer(stranger, hold.id as PublicId, { kind: 'keep-first', note: '', seen: 1 }, ORIGIN),
    ])
      expect(outcome).toMatchObject({ ok: false, reason: { code: 'IMAGE_HOLD_UNKNOWN' } });
  });
});

describe('two patients in one study', () => {
  const sent = async () => {
    const [record, other, number] = [fresh('M'), fresh('M'), fresh('R')];
    const id = await report(record, number, '左');
    const of = {
      ...uids(),
      PatientID: record,
      AccessionNumber: number,
      Modality: 'DX',
      StudyDescription: '左膝关节',
    };
    await bench.send(instanceOf(of));
    const stray = instanceOf({
      ...of,
      SOPInstanceUID: `${of.StudyInstanceUID}.1.2`,
      PatientID: other,
      PatientName: 'Li^Si=李^四',
    });
    await bench.send(stray);
    await close();
    return { of, id, stray };
  };
  const evidenceOf = async (personId: string, id: PublicId) =>
    (await readImageEvidence(bench.database, [personId])).get(id);

  test('neither is shown under the other; the worklist and the verdict say so until somebody answers', async () => {
    const { of, id } = await sent();
    const row = await studyRow(of.StudyInstanceUID);
    expect(row.instance_count).toBe(1);
    expect(await evidenceOf(row.person_id, id)).toMatchObject({ hasOtherPatient: true, received: 1 });
    const matches = studyMatches(bench.imaging);
    const listed = await matches.list(REGISTRAR, ORIGIN);
    const entry = listed.ok && listed.value.matches.find(({ study }) => study === row.public_id);
    const opened = await caseOf(row.public_id);
    expect(entry).toMatchObject({
      reason: 'two-patients',
      state: 'open',
      canGive: false,
      hold: opened.hold.id,
    });
    expect(opened.conflicts[0]?.facts).toContainEqual({
      fact: 'patient-name',
      first: '张^三 Zhang^San',
      second: '李^四 Li^Si',
    });
    await decide(opened, 'keep-first');
    expect(await evidenceOf(row.person_id, id)).toMatchObject({ hasOtherPatient: false, received: 1 });
    const after = await matches.list(REGISTRAR, ORIGIN);
    expect(after.ok && after.value.matches.find(({ study }) => study === row.public_id)).toMatchObject({
      state: 'apart',
    });
  });

  test('under one number are seen by name, birth date and sex, whichever image comes when; writing alone is no other', async () => {
    const [record, number] = [fresh('M'), fresh('R')];
    await report(record, number, '左');
    const of = { ...uids(), PatientID: record, AccessionNumber: number };
    let count = 0;
    const send = async (stated: Partial<Attributes>) => {
      count += 1;
      const sent = instanceOf({
        ...of,
        PatientSex: undefined,
        ...stated,
        SOPInstanceUID: `${of.StudyInstanceUID}.9.${count}`,
      });
      const received = await bench.send(sent);
      return received.kind === 'indexed' ? received.outcome : received.reason;
    };
    expect(await send({})).toBe('stored');
    // As it lies there from before: by number alone.
    const [row] = await bench.rows<{ public_id: string }>(
      "update studies set patient_hash = 'of-before' where study_uid = $1 returning public_id",
      [of.StudyInstanceUID],
    );
    expect(await send({ PatientName: 'ZHANG SAN', IssuerOfPatientID: 'HIS' })).toBe('stored');
    expect(await send({ PatientSex: 'M' })).toBe('stored');
    expect(await send({ PatientSex: 'F' })).toBe('two-patients');
    expect(await send({ PatientBirthDate: '19550101' })).toBe('two-patients');
    expect(await send({ PatientName: '钱^二' })).toBe('two-patients');
    expect(await send({ PatientName: '钱^二', PatientBirthDate: '19550101', PatientSex: 'F' })).toBe(
      'two-patients',
    );
    expect(await send({ PatientName: 'ZHANG SAN', IssuerOfPatientID: 'HIS' })).toBe('stored');
    await close();
    expect((await studyRow(of.StudyInstanceUID)).instance_count).toBe(4);
    expect((await caseOf(row?.public_id as PublicId)).conflicts).toHaveLength(4);
  });

  test('that were one after all come together, and apart again', async () => {
    const { of, id, stray } = await sent();
    const { public_id: study, person_id: personId } = await studyRow(of.StudyInstanceUID);
    const opened = await caseOf(study);
    expect(await decide(opened, 'take-second')).toMatchObject({ ok: true });
    expect(await evidenceOf(personId, id)).toMatchObject({
      hasOtherPatient: false,
      received: 2,
      studies: [{ facts: { instances: 2 } }],
    });
    await decide(opened, 'undo');
    expect(await evidenceOf(personId, id)).toMatchObject({
      hasOtherPatient: true,
      received: 1,
      studies: [{ facts: { instances: 1 } }],
    });
    expect(await shownContent(stray.sopInstanceUid)).toBeUndefined();
    expect(await bench.send(stray)).toMatchObject({ outcome: 'two-patients' });
  });
});

describe('what cannot be read', () => {
  test('is a case of its sender, set aside only with words, and taken up again', async () => {
    const bad = { ...instanceOf(uids()), sopInstanceUid: '2.25.4711', bytes: Buffer.from('no data set') };
    await bench.send(bad);
    await bench.send(bad);
    const hold = await holdOf(({ reason }) => reason === 'unreadable');
    expect(hold).toMatchObject({ instances: 1, study: null, sender: 'test' });
    const opened = await holds.open(staffOf('JIANG-1', 'institution-it'), hold.id as PublicId, ORIGIN);
    const shown = (opened.ok && opened.value) as ImageHoldCase;
    expect(shown.unreadable).toMatchObject([{ sopInstanceUid: '2.25.4711', arrivals: 2 }]);
    expect(await decide(shown, 'set-aside')).toMatchObject({
      ok: false,
      reason: { code: 'IMAGE_HOLD_NOTE_MISSING' },
    });
    expect(await decide(shown, 'set-aside', '测试文件')).toMatchObject({
      ok: true,
      value: { hold: { state: 'answered' } },
    });
    const [row] = await bench.rows<{ state: string; content: string }>(
      "select state, content from quarantined_instances where sop_uid = '2.25.4711'",
    );
    expect(row?.state).toBe('set-aside');
    await (await bench.imaging.images.open(row?.content as never)).close();
    expect(await decide(shown, 'undo')).toMatchObject({ ok: true, value: { hold: { state: 'reopened' } } });
    const acts = await bench.rows<{ action: string }>(
      'select action from system_audit_events where resource = $1 order by event_id',
      [`image-hold/${hold.id}`],
    );
    expect(acts.map(({ action }) => action)).toEqual([
      'image-hold.open',
      'image-hold.set-aside',
      'image-hold.open',
      'image-hold.undo',
      'image-hold.open',
    ]);
  });
});

describe('a side in the header that is not the report’s', () => {
  const knee = (record: string, number: string, side: 'L' | 'R') => ({
    ...uids(),
    PatientID: record,
    AccessionNumber: number,
    Modality: 'DX',
    StudyDescription: '膝关节正侧位',
    BodyPartExamined: 'KNEE',
    ImageLaterality: side,
  });

  test('is a case, whichever comes first, and ends by itself when the report is corrected', async () => {
    const [record, number] = [fresh('M'), fresh('R')];
    await report(record, number, '左');
    const of = knee(record, number, 'R');
    await bench.send(instanceOf(of));
    await close();
    const { public_id: study } = await studyRow(of.StudyInstanceUID);
    const opened = await caseOf(study);
    expect(opened).toMatchObject({
      hold: { reason: 'wrong-side', detail: 'right/left', state: 'open' },
      series: [{ side: 'right' }],
    });
    expect(await decide(opened, 'explained', '已联系影像科更正报告')).toMatchObject({ ok: true });
    await decide(opened, 'undo');
    await report(record, number, '右', 'C');
    expect(await caseOf(study)).toMatchObject({
      hold: { state: 'settled' },
      steps: [{}, {}, { step: 'settled' }],
    });

    const [other, late] = [fresh('M'), fresh('R')];
    const first = knee(other, late, 'L');
    await bench.send(instanceOf(first));
    await close();
    await report(other, late, '右');
    const row = await studyRow(first.StudyInstanceUID);
    expect(await caseOf(row.public_id)).toMatchObject({ hold: { detail: 'left/right' } });
  });
});

describe('a side in the header that was not ordered', () => {
  const order = async (
    record: string,
    number: string,
    of: { readonly side: string; readonly control?: string; readonly at?: string },
  ) => {
    const { side, control = 'NW', at = '20261117' } = of;
    const outcome = await bench.take(
      [
        `MSH|^~\\&|LIS|JIANG1|HUREN|REGION|${at}093000+0800||ORM^O01^ORM_O01|${fresh('O')}|P|2.5.1||||||UNICODE UTF-8`,
        `PID|1||${record}^^^^MR||张三||19660214|M`,
        'PV1|1|O',
        `ORC|${control}|${number}`,
        `OBR|1|${number}||DXK^${side}膝关节正侧位`,
      ].join('\r'),
    );
    expect(outcome.outcome).toBe('accepted');
    await drainOutbox(bench.dependencies);
  };
  const knee = (record: string, number: string, side: 'L' | 'R') => ({
    ...uids(),
    PatientID: record,
    AccessionNumber: number,
    Modality: 'DX',
    StudyDescription: '膝关节正侧位',
    ImageLaterality: side,
  });

  test('is a case before any report, and ends by itself when the order is cancelled', async () => {
    const [record, number] = [fresh('M'), fresh('Q')];
    await order(record, number, { side: '左' });
    const of = knee(record, number, 'R');
    await bench.send(instanceOf(of));
    await close();
    const { public_id: study } = await studyRow(of.StudyInstanceUID);
    const opened = await caseOf(study);
    expect(opened).toMatchObject({
      hold: { reason: 'side-not-ordered', detail: 'right/left', state: 'open', instances: 0 },
      series: [{ side: 'right' }],
      answers: ['explained'],
    });
    expect(holdDetailText(opened.hold)).toBe('影像：右　申请单：左');
    await order(record, number, { side: '左', control: 'CA', at: '20261119' });
    expect(await caseOf(study)).toMatchObject({ hold: { state: 'settled' }, steps: [{ step: 'settled' }] });
  });

  test('is asked once where the report says the same as the order, and again when only the report is corrected', async () => {
    const [record, number] = [fresh('M'), fresh('R')];
    await order(record, number, { side: '左' });
    await report(record, number, '左');
    const of = knee(record, number, 'R');
    await bench.send(instanceOf(of));
    await close();
    const { public_id: study } = await studyRow(of.StudyInstanceUID);
    expect(await caseOf(study)).toMatchObject({ hold: { reason: 'wrong-side', detail: 'right/left' } });
    const ofStudy = () =>
      bench.rows<{ reason: string; state: string }>(
        `select h.reason, h.state from image_holds h join studies s using (study_id) where s.public_id = $1 order by hold_id`,
        [study],
      );
    expect(await ofStudy()).toEqual([{ reason: 'wrong-side', state: 'open' }]);
    await report(record, number, '右', 'C');
    expect(await ofStudy()).toEqual([
      { reason: 'wrong-side', state: 'settled' },
      { reason: 'side-not-ordered', state: 'open' },
    ]);
  });

  test('is none where the order asks for the side that was examined, or for both', async () => {
    for (const side of ['左', '双']) {
      const [record, number] = [fresh('M'), fresh('Q')];
      const of = knee(record, number, 'L');
      await bench.send(instanceOf(of));
      await close();
      await order(record, number, { side });
      const { public_id: study } = await studyRow(of.StudyInstanceUID);
      expect(await holdOf((hold) => hold.study?.id === study)).toBeUndefined();
    }
  });

  test('is found, too, where the order comes after the images', async () => {
    const [record, number] = [fresh('M'), fresh('Q')];
    const of = knee(record, number, 'L');
    await bench.send(instanceOf(of));
    await close();
    await order(record, number, { side: '右' });
    const { public_id: study } = await studyRow(of.StudyInstanceUID);
    expect(await caseOf(study)).toMatchObject({ hold: { reason: 'side-not-ordered', detail: 'left/right' } });
  });
});
