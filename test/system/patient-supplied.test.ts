import { afterAll, beforeAll, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { patientSuppliedFlows } from '../../src/apps/flows/patient-supplied/patient-supplied.ts';
import type { Actor } from '../../src/apps/server/flows-port.ts';
import type { PatientSuppliedFlows } from '../../src/apps/server/routes/patient-supplied.ts';
import type { Fault } from '../../src/kernel/fault.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { patientSuppliedRequestShape } from '../../src/web/wire/patient-supplied.ts';
import { doctorOf, memberOf, type RegionBench, regionBench } from './region-bench.ts';

let bench: RegionBench;
let flows: PatientSuppliedFlows;
let child: PublicId;

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 7]);
const PAPER = {
  institution: '外省儿童医院（手写）',
  item: '血常规',
  examinedOn: '2026-11-20',
  value: '白细胞 11.2',
  photo: PNG,
};

beforeAll(async () => {
  bench = await regionBench();
  flows = patientSuppliedFlows(bench.dependencies);
  child = (await bench.check(bench.orderOf(memberOf(bench, 'child')))).person as PublicId;
});

afterAll(() => bench.drop());

const record = (over: object = {}, key: string | null = null, actor: Actor = bench.doctor) =>
  flows.record(actor, child, patientSuppliedRequestShape.parse({ ...PAPER, ...over }), key, bench.origin);

const codeOf = async (work: Promise<{ ok: boolean; reason?: unknown }>): Promise<string | null> => {
  const outcome = await work;
  return outcome.ok ? null : (outcome.reason as Fault).code;
};

it('is kept as written, labelled, and shown to whoever treats the patient', async () => {
  const kept = await record();
  expect(kept.ok && kept.value).toMatchObject({
    labelZh: '患者自带、未核验',
    institution: PAPER.institution,
    examinedOn: '2026-11-20',
    recordedBy: { doctor: '100118' },
  });
  const listed = await flows.list(doctorOf('WX-MCH'), child, bench.origin);
  expect(listed.ok && listed.value.supplied.map(({ item }) => item)).toContain('血常规');
});

it('is never a candidate: an order of the same item finds what it found before', async () => {
  const orderAgain = () => bench.check(bench.orderOf(memberOf(bench, 'child')));
  const found = ({ lines }: Awaited<ReturnType<typeof orderAgain>>) =>
    lines.map(({ outcome, candidates }) => [outcome, candidates.map(({ report }) => report)]);
  const before = await orderAgain();
  const itemCode = before.lines[1]?.candidates[0]?.item.code;
  expect((await record({ itemCode, item: '胸部正位DR' })).ok).toBe(true);
  expect(found(await orderAgain())).toEqual(found(before));
});

it('keeps the photo encrypted, gives it back as it was, and witnesses each time it is opened', async () => {
  const kept = await record({ item: '胸片' });
  const id = (kept.ok ? kept.value.id : '') as PublicId;
  const photo = await flows.photo(bench.doctor, id, bench.origin);
  expect(photo.ok && Buffer.from(photo.value.bytes).equals(Buffer.from(PNG))).toBe(true);
  const audited = await bench.opened.database.run<{ action: string }>(
    statement('test.supplied-audit', 'select action from audit_events where resource = $1 order by event_id'),
    [`patient-supplied/${id}`],
  );
  expect(audited.map(({ action }) => action)).toEqual(['patient-supplied.record', 'patient-supplied.photo']);
});

it('is one paper however often the same form is sent', async () => {
  const twice = await Promise.all([record({}, 'form-1'), record({}, 'form-1')]);
  const [first, second] = twice.map((each) => each.ok && each.value.id);
  expect(first).toBe(second);
});

it('is refused for a picture nobody can open, a day to come, an item that is not there, and nobody', async () => {
  const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic', 'latin1'), Buffer.alloc(16)]);
  expect(await codeOf(record({ photo: new Uint8Array(heic) }))).toBe('PHOTO_HEIC');
  expect(await codeOf(record({ examinedOn: '2027-01-01' }))).toBe('PATIENT_SUPPLIED_IN_FUTURE');
  expect(await codeOf(record({ itemCode: 'NO-SUCH-ITEM' }))).toBe('PATIENT_SUPPLIED_ITEM_UNKNOWN');
  const nobody = '01930000-0000-7000-8000-00000000dead' as PublicId;
  expect(await codeOf(flows.list(bench.doctor, nobody, bench.origin))).toBe('PERSON_NOT_FOUND');
});
