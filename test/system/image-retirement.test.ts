import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { studiesByUid } from '../../src/adapters/postgres/imaging-reading.ts';
import type { RetirementActor } from '../../src/apps/flows/audit/retire-audit.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { foldColdSeries } from '../../src/apps/flows/imaging/fold-series.ts';
import {
  carryOutImageRetirement,
  decideImageRetirement,
  type ImageRetirementDependencies,
  requestImageRetirement,
} from '../../src/apps/flows/imaging/retire-images.ts';
import { verifyObjects } from '../../src/apps/flows/imaging/verify-objects.ts';
import { instant } from '../../src/kernel/instant.ts';
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
const send = (study: string, index: number, institution: string, patient = `M-${study}`) =>
  bench.send(
    instanceOf({
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.1`,
      SOPInstanceUID: `${study}.1.${index}`,
      PatientID: patient,
      InstanceNumber: index,
    }),
    institution,
  );
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

  test('and the same study may come anew afterwards', async () => {
    expect(await send(STUDY, 1, 'JIANG-1')).toMatchObject({ kind: 'indexed', outcome: 'stored' });
  });
});
