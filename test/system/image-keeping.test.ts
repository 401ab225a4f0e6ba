import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proofSigner } from '../../src/adapters/audit-checkpoints/proof-signer.ts';
import {
  seriesOfStudy,
  type SeriesReading,
  studiesByUid,
} from '../../src/adapters/postgres/imaging-reading.ts';
import { latestProof } from '../../src/adapters/postgres/study-proofs.ts';
import { closeOneSeries, closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { instanceSource } from '../../src/apps/flows/imaging/dimse-query.ts';
import { imageFiguresOf, imageKeeping } from '../../src/apps/flows/imaging/image-keeping.ts';
import { type ProofDependencies, proveStudy, studyProver } from '../../src/apps/flows/imaging/prove-study.ts';
import type { StaffActor } from '../../src/apps/server/flows-port.ts';
import type { StudyProof } from '../../src/imaging/index.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';

let bench: ImagingBench;
let proving: ProofDependencies;
let keyFolder: string;
beforeAll(async () => {
  bench = await imagingBench();
  keyFolder = mkdtempSync(join(tmpdir(), 'keys-'));
  proving = { ...bench.imaging, signer: proofSigner(join(keyFolder, 'checkpoint.pem')) };
});
afterAll(async () => {
  await bench.drop();
  rmSync(keyFolder, { recursive: true, force: true });
});

const JIANG_1 = 'JIANG-1' as InstitutionCode;
const ORIGIN = { requestId: 'r', peer: 'test', purpose: 'operations' } as const;
const engineerOf = (institution: string): StaffActor => ({
  kind: 'staff',
  name: `staff:it.${institution}`,
  login: `it.${institution}`,
  role: 'institution-it',
  institution: institution as InstitutionCode,
  staffNumber: '9',
  department: '信息科',
  displayName: '演练信息科',
});

const send = (study: string, index: number) =>
  bench.send(
    instanceOf({
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.1`,
      SOPInstanceUID: `${study}.1.${index}`,
      PatientID: 'M-KEPT',
      InstanceNumber: index,
    }),
  );
const close = () => closeQuietSeries(bench.imaging, instant(Date.parse('2100-01-01T00:00:00Z')));
const theStudy = async (uid: string) => {
  const [study] = await studiesByUid(bench.database, uid);
  if (!study) throw new Error('the study was sent');
  return study;
};
const figures = async () => {
  const { registry } = await bench.imaging.snapshots.current();
  return imageFiguresOf(bench.imaging, JIANG_1, registry.institutionKey(JIANG_1) as never);
};

describe('the proof of a study', () => {
  const STUDY = '2.25.8801';

  test('waits until its series are closed', async () => {
    for (const index of [1, 2]) await send(STUDY, index);
    expect(await proveStudy(proving, await theStudy(STUDY))).toBeNull();
    await close();
  });

  test('says when it was stored, that every object is whole, and that a picture opens; it is signed', async () => {
    const made = await proveStudy(proving, await theStudy(STUDY));
    expect(made?.proof).toMatchObject({
      institution: 'JIANG-1',
      studyUid: STUDY,
      instances: 2,
      findings: 0,
      series: [{ instances: 2, whole: 2, missing: [], changed: [], opening: 'drawn' }],
    });
    const study = await theStudy(STUDY);
    expect(made?.proof.bytes).toBe(study.bytes);
    const [times] = await bench.rows<{ first: number; last: number }>(
      `select min(received_at) as first, max(received_at) as last from instances where sop_uid like '2.25.8801.%'`,
    );
    expect(made?.proof).toMatchObject({
      storedFrom: new Date(times?.first ?? 0).toISOString(),
      storedUntil: new Date(times?.last ?? 0).toISOString(),
    });
    const kept = await latestProof(bench.database, study);
    if (!kept) throw new Error('it was kept');
    expect(proving.signer.isSigned(kept.document, kept.signature)).toBe(true);
    expect(proving.signer.isSigned(kept.document.replace('"whole":2', '"whole":3'), kept.signature)).toBe(
      false,
    );
  });

  test('is shown to the institution and to no other, with a row in the log of whose it is', async () => {
    const keeping = imageKeeping(bench.imaging);
    const { publicId, personId } = await theStudy(STUDY);
    const shown = await keeping.proof(engineerOf('JIANG-1'), publicId, ORIGIN);
    expect(shown).toMatchObject({ ok: true, value: { state: 'sound', proof: { findings: 0 } } });
    expect(await keeping.proof(engineerOf('JIANG-2'), publicId, ORIGIN)).toMatchObject({
      ok: false,
      reason: { code: 'STUDY_UNKNOWN' },
    });
    expect(
      await bench.rows(
        "select 1 as one from audit_events where person_id = $1 and action = 'study-proof.read'",
        [personId],
      ),
    ).toHaveLength(1);
  });

  test('is of yesterday once another image comes', async () => {
    await send(STUDY, 3);
    const { publicId } = await theStudy(STUDY);
    expect(await imageKeeping(bench.imaging).proof(engineerOf('JIANG-1'), publicId, ORIGIN)).toMatchObject({
      value: { state: 'waiting', proof: { findings: 0 } },
    });
    await close();
  });

  test('names what is missing and what was changed', async () => {
    const { images } = bench.imaging;
    const rows = await bench.rows<{ content: string; sop_uid: string }>(
      `select content, sop_uid from instances where sop_uid like '2.25.8801.%' order by sop_uid`,
    );
    await images.remove(rows[0]?.content as never);
    const names = () => readdirSync(bench.folder, { recursive: true }).map(String);
    const before = names();
    await images.remove(rows[2]?.content as never);
    const left = new Set(names());
    const gone = before.find((name) => !left.has(name));
    await send(STUDY, 3);
    const path = join(bench.folder, gone ?? '');
    const stored = readFileSync(path);
    stored[stored.length - 1] = (stored[stored.length - 1] as number) ^ 1;
    writeFileSync(path, stored);
    const prove = studyProver({ ...proving, clock: () => instant(Date.parse('2026-12-20T00:00:00Z')) });
    expect(await prove()).toBe(true);
    const kept = await latestProof(bench.database, await theStudy(STUDY));
    const proof = JSON.parse(kept?.document ?? '{}') as StudyProof;
    expect(proof).toMatchObject({
      findings: 2,
      series: [{ whole: 1, missing: [rows[0]?.sop_uid], changed: [rows[2]?.sop_uid], opening: 'drawn' }],
    });
    expect((await figures()).proofs).toEqual({ sound: 0, withFindings: 1, waiting: 0 });
  });
});

test('a study that cannot be proved now does not keep the others waiting', async () => {
  const [open, closed] = ['2.25.8803', '2.25.8804'];
  for (const study of [open, closed]) await send(study, 1);
  const [series] = await seriesOfStudy(bench.database, await theStudy(closed));
  await closeOneSeries(bench.imaging, series as SeriesReading);
  // As if it were closed, and the first in the queue.
  await bench.rows('update studies set open_series = 0 where study_uid = $1 returning 1', [open]);
  const prove = studyProver({ ...proving, clock: () => instant(Date.parse('2026-12-21T00:00:00Z')) });
  expect([await prove(), await prove(), await prove()]).toEqual([true, true, false]);
  expect(await latestProof(bench.database, await theStudy(open))).toBeUndefined();
  expect(await latestProof(bench.database, await theStudy(closed))).toBeDefined();
});

describe('figures', () => {
  test('say what is kept and what moved, by month', async () => {
    const before = await figures();
    const STUDY = '2.25.8802';
    for (const index of [1, 2]) await send(STUDY, index);
    await send(STUDY, 2);
    const { bytes } = await theStudy(STUDY);
    const selected = await instanceSource(bench.imaging).select({
      requester: {
        institution: JIANG_1,
        callingAeTitle: 'WORK',
        calledAeTitle: 'HUREN',
        remoteAddress: '127.0.0.1',
      } as never,
      destinationAeTitle: 'WORK',
      level: 'STUDY',
      patientId: null,
      studyInstanceUids: [STUDY],
      seriesInstanceUids: [],
      sopInstanceUids: [],
    });
    let sent = 0;
    for (const { open } of selected) for await (const piece of open()) sent += piece.length;
    const after = await figures();
    expect(after.kept.bytes - before.kept.bytes).toBe(bytes);
    expect(after.kept.instances - before.kept.instances).toBe(2);
    const [month] = after.months;
    const [then] = before.months;
    expect(month?.month).toBe('2026-11');
    // What came twice moved twice and is kept once.
    expect((month?.receivedBytes ?? 0) - (then?.receivedBytes ?? 0)).toBe(bytes + bytes / 2);
    expect((month?.sentBytes.own ?? 0) - (then?.sentBytes.own ?? 0)).toBe(sent);
    expect(month?.sentBytes).toMatchObject({ elsewhere: 0, patient: 0 });
  });

  test('are the own institution’s', async () => {
    const keeping = imageKeeping(bench.imaging);
    expect(await keeping.figures(engineerOf('JIANG-2'))).toMatchObject({
      ok: true,
      value: { institution: 'JIANG-2', kept: { studies: 0 }, months: [] },
    });
  });
});
