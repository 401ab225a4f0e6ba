import { afterAll, beforeAll, expect } from 'vitest';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import type { Actor, CheckFlows } from '../../src/apps/server/flows-port.ts';
import { Fault } from '../../src/kernel/fault.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { checkResponseRequestShape, orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { itemCode, listDocument } from '../example-region.ts';
import { fresh, type IngestBench, ingestBench, type MessageParts, reportMessage } from './ingest-fixtures.ts';
import { residentNumber } from './person-fixtures.ts';

/** What somebody who wishes the region ill, or is only unlucky, might try against the whole of the main job. */

/** The region, with the flows over it, of the file that called `withAttackedRegion`. */
export let bench: IngestBench;
export let flows: CheckFlows;

const open = async (): Promise<void> => {
  bench = await ingestBench();
  await publishLists(
    bench.database,
    [
      listDocument('code-map', 'JIANG-1-MORE', {
        institution: 'JIANG-1' as InstitutionCode,
        entries: [
          { localCode: 'HIV', localNameZh: 'HIV抗体', item: itemCode('LI-HIV') },
          { localCode: 'GLUP', localNameZh: '葡萄糖', item: itemCode('LC-GLU'), unit: 'mmol/L' },
        ],
      }),
      listDocument('code-map', 'JIANG-2-MORE', {
        institution: 'JIANG-2' as InstitutionCode,
        entries: [{ localCode: 'GLU', localNameZh: '血糖', item: itemCode('LC-GLU') }],
      }),
    ],
    { by: 'test', at: bench.dependencies.clock(), reason: 'more local codes' },
  );
  flows = checkFlows(bench.dependencies);
};

/** Opens a region of its own for the tests of the calling file. */
export const withAttackedRegion = (): void => {
  beforeAll(open);
  afterAll(() => bench.drop());
};

export const doctorOf = (institution: string): Actor => ({
  kind: 'staff',
  name: `staff:${institution}`,
  login: institution,
  role: 'doctor',
  institution: institution as InstitutionCode,
  staffNumber: '100118',
  department: '内科',
  displayName: '顾清和',
});
export const doctor = doctorOf('JIANG-2');
export const origin = { requestId: 'test', peer: '127.0.0.1', purpose: 'treatment' } as const;

let sequence = 500;
export const nextNationalId = (): string => residentNumber(sequence++).number;

export const NAMED = { name: '周明轩', sex: 'male', birthDate: '1990-01-01' };

export const check = async (patient: object, items: readonly string[] = ['K01'], over: object = {}) => {
  const asked = await flows.check(
    doctor,
    orderCheckRequestShape.parse({
      patient,
      encounter: { class: '门诊', number: fresh('V') },
      items: items.map((code, index) => ({ line: index + 1, code })),
      interventions: [],
      ...over,
    }),
    origin,
  );
  if (!asked.ok) throw asked.reason;
  return asked.value;
};

export const byNationalId = (number: string, over: object = NAMED) => ({
  identifiers: [{ type: 'national-id', number }],
  ...over,
});

export const respond = (id: string, body: object, key: string | null = null, by = doctor) =>
  flows.respond(by, id as PublicId, checkResponseRequestShape.parse(body), key, origin);

export const codeOf = async (work: Promise<{ ok: boolean; reason?: unknown }>): Promise<string | null> => {
  try {
    const outcome = await work;
    return outcome.ok ? null : (outcome.reason as Fault).code;
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
};

/** A patient of the first hospital with one report. */
export const reported = async (over: Partial<MessageParts> = {}) => {
  const parts = { record: fresh('P'), nationalId: nextNationalId(), reportNumber: fresh('R'), ...over };
  const taken = await bench.take(reportMessage(parts));
  expect(taken.outcome).toBe('accepted');
  return { ...parts, report: taken.reports?.[0]?.report as string };
};

export const POTASSIUM = (value: string): MessageParts['lines'] => [['K', 'NM', value, 'mmol/L', '3.5-5.3']];
