import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContentHash } from '../../src/adapters/objects/image-objects.ts';
import { studiesByUid } from '../../src/adapters/postgres/imaging-reading.ts';
import type { RetirementActor } from '../../src/apps/flows/audit/retire-audit.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { foldColdSeries } from '../../src/apps/flows/imaging/fold-series.ts';
import { imageHolds } from '../../src/apps/flows/imaging/image-holds.ts';
import {
  carryOutImageRetirement,
  decideImageRetirement,
  type ImageRetirementDependencies,
  requestImageRetirement,
} from '../../src/apps/flows/imaging/retire-images.ts';
import { verifyObjects } from '../../src/apps/flows/imaging/verify-objects.ts';
import type { StaffActor } from '../../src/apps/server/flows-port.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';

let bench: ImagingBench;
beforeAll(async () => {
  bench = await imagingBench();
  for (const institution of ['JIANG-1', 'JIANG-2']) await send(STUDY, 1, institution);
  await send(STUDY, 2, 'JIANG-1');
  await send(OTHER, 1, 'JIANG-1');
  await closeQuietSeries(bench.imaging, LATER);
  await foldColdSeries(bench.imaging, LATER);
});
afterAll(() => bench.drop());

const LATER = instant(Date.parse('2200-01-01T00:00:00Z'));
const STUDY = '2.25.9901';
const OTHER = '2.25.9902';
const JIANG_1 = 'JIANG-1' as InstitutionCode;
const send = (
  study: string,
  index: number,
  institution: string,
  patient = `M-${study}`,
  instanceNumber = index,
) =>
  bench.send(
    instanceOf({
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.1`,
      SOPInstanceUID: `${study}.1.${index}`,
      PatientID: patient,
      InstanceNumber: instanceNumber,
    }),
    institution,
  );
const registrarOf = (institution: InstitutionCode): StaffActor => ({
  kind: 'staff',
  name: `staff:registrar.${institution}`,
  login: `registrar.${institution}`,
  role: 'registrar',
  institution,
  staffNumber: '1',
  department: '登记处',
  displayName: '演练登记',
});
const ORIGIN = { requestId: 'r', peer: 'test', purpose: 'quality' } as const;
const inYear = (year: number, retentionYears: number | null = 15): ImageRetirementDependencies => ({
  ...bench.imaging,
  clock: () => instant(Date.parse(`${year}-06-01T00:00:00Z`)),
  retentionYears,
});
const OPERATOR: RetirementActor = { name: 'staff:operator', role: 'operator', peer: 'local' };
const AUTHORITY: RetirementActor = { name: 'staff:authority', role: 'regulator', peer: 'local' };
const ASKED = { institution: JIANG_1, reason: '保存期满' };
const codeOf = (result: { readonly ok: boolean; readonly reason?: unknown }) =>
  result.ok ? 'ok' : (result.reason as { code: string }).code;
const files = () =>
  readdirSync(bench.folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length;

describe('images leave', () => {
  test('never, where no retention is set, and not before the longest floor where nobody knows the encounter', async () => {
    expect(codeOf(await requestImageRetirement(inYear(2190, null), OPERATOR, ASKED))).toBe(
      'IMAGE_RETENTION_UNSET',
    );
    expect(codeOf(await requestImageRetirement(inYear(2050), OPERATOR, ASKED))).toBe(
      'IMAGE_RETIREMENT_NOTHING',
    );
  });

  test('only when an operator asks and somebody else of the authority says so', async () => {
    const late = inYear(2060);
    expect(codeOf(await requestImageRetirement(late, AUTHORITY, ASKED))).toBe('IMAGE_RETIREMENT_ROLE');
    const asked = await requestImageRetirement(late, OPERATOR, ASKED);
    if (!asked.ok) throw asked.reason;
    expect(asked.value.studies.map(({ studyUid }) => studyUid)).toEqual([STUDY, OTHER]);
    expect(asked.value.studies[0]).toMatchObject({
      rule: 'inpatient',
      countedFrom: '2026-11-20',
      retainUntil: '2056-11-20',
    });
    const { id } = asked.value;
    expect(codeOf(await carryOutImageRetirement(late, id))).toBe('IMAGE_RETIREMENT_DECIDED');
    expect(codeOf(await decideImageRetirement(late, OPERATOR, id, 'approved'))).toBe('IMAGE_RETIREMENT_ROLE');
    expect(
      codeOf(await decideImageRetirement(late, { ...OPERATOR, role: 'regulator' }, id, 'approved')),
    ).toBe('IMAGE_RETIREMENT_SECOND_PERSON');
    expect(codeOf(await decideImageRetirement(late, AUTHORITY, id, 'refused'))).toBe('ok');
    expect(codeOf(await carryOutImageRetirement(late, id))).toBe('IMAGE_RETIREMENT_DECIDED');
    expect(await verifyObjects(bench.imaging, () => undefined)).toMatchObject({ findings: 0, series: 3 });
  });

  test('whole, but for what another institution sent alike, and what somebody came back for', async () => {
    const late = inYear(2060);
    const asked = await requestImageRetirement(late, OPERATOR, ASKED);
    if (!asked.ok) throw asked.reason;
    expect(codeOf(await decideImageRetirement(late, AUTHORITY, asked.value.id, 'approved'))).toBe('ok');
    // The patient of the other study comes once more before it is carried out.
    await send('2.25.9903', 1, 'JIANG-1', `M-${OTHER}`);
    await bench.rows("update studies set last_at = '2059-01-01' where study_uid = $1 returning study_id", [
      '2.25.9903',
    ]);
    const before = files();
    const done = await carryOutImageRetirement(late, asked.value.id);
    if (!done.ok) throw done.reason;
    expect(done.value.state).toBe('done');
    expect(done.value.studies).toMatchObject([
      { studyUid: STUDY, removedAt: expect.anything(), leftReason: null },
      { studyUid: OTHER, removedAt: null, leftReason: 'retention-not-over' },
    ]);
    // Of two instances one lies for JIANG-2 too; the manifest and its companions of two instances were this study's alone.
    expect(files()).toBeLessThan(before);
    const left = await studiesByUid(bench.database, STUDY);
    expect(left).toHaveLength(1);
    expect(await studiesByUid(bench.database, OTHER)).toHaveLength(1);
    expect(await verifyObjects(bench.imaging, () => undefined)).toMatchObject({ findings: 0, series: 3 });
    expect(await bench.rows("select 1 as one from audit_events where action = 'study.retire'")).toHaveLength(
      1,
    );
    for (const table of ['study_keys', 'studies'])
      expect(await bench.rows(`select 1 as one from ${table} where study_uid = $1`, [STUDY])).toHaveLength(1);
  });

  test('with what a correction replaced, and without the picture of another study of the same pixels', async () => {
    const JIANG_2 = 'JIANG-2' as InstitutionCode;
    const [left, kept] = ['2.25.9904', '2.25.9905'] as const;
    for (const study of [left, kept]) await send(study, 1, JIANG_2);
    await closeQuietSeries(bench.imaging, LATER);
    await send(left, 1, JIANG_2, `M-${left}`, 2);
    const holds = imageHolds(bench.imaging);
    const registrar = registrarOf(JIANG_2);
    const cases = await holds.list(registrar);
    const id = (cases.ok && cases.value.holds[0]?.id) as PublicId;
    const decision = { kind: 'take-second', note: '', seen: 1 } as const;
    expect(await holds.answer(registrar, id, decision, ORIGIN)).toMatchObject({ ok: true });
    const [conflict] = await bench.rows<{ kept_content: ContentHash; other_content: ContentHash }>(
      'select kept_content, other_content from imaging_conflicts',
    );
    await bench.rows("update studies set last_at = '2059-01-01' where study_uid = $1 returning study_id", [
      kept,
    ]);

    const late = inYear(2060);
    const asked = await requestImageRetirement(late, OPERATOR, { ...ASKED, institution: JIANG_2 });
    if (!asked.ok) throw asked.reason;
    await decideImageRetirement(late, AUTHORITY, asked.value.id, 'approved');
    expect(codeOf(await carryOutImageRetirement(late, asked.value.id))).toBe('ok');
    expect([
      await studiesByUid(bench.database, left),
      await studiesByUid(bench.database, kept),
    ]).toMatchObject([[], [{ studyUid: kept }]]);
    for (const content of [conflict?.kept_content, conflict?.other_content])
      await expect(bench.imaging.images.open(content as ContentHash)).rejects.toThrow('OBJECT_MISSING');
    expect(await verifyObjects(bench.imaging, () => undefined)).toMatchObject({ findings: 0 });
  });

  test('and the same study may come anew afterwards', async () => {
    expect(await send(STUDY, 1, 'JIANG-1')).toMatchObject({ kind: 'indexed', outcome: 'stored' });
  });
});
