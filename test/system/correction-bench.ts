import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import { correctionFlows } from '../../src/apps/flows/corrections/corrections.ts';
import type { CallOrigin, CheckFlows, StaffActor } from '../../src/apps/server/flows-port.ts';
import type { CorrectionFlows } from '../../src/apps/server/routes/corrections.ts';
import { drainOutbox } from '../../src/apps/worker/worker.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import {
  type CorrectionAnswer,
  type CorrectionCase,
  correctionRequestShape,
  correctionStepShape,
} from '../../src/web/wire/correction.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { checkResponseRequestShape, orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { admissionMessage, fresh, type IngestBench, ingestBench, reportMessage } from './ingest-fixtures.ts';
import { residentNumber } from './person-fixtures.ts';

export const origin: CallOrigin = { requestId: 'test', peer: 'test', purpose: 'treatment' };

/** A member of staff of one of the two hospitals. */
export const staff = (institution: string, role: StaffActor['role'], login: string): StaffActor => ({
  kind: 'staff',
  name: `staff:${login}`,
  login,
  role,
  institution: institution as InstitutionCode,
  staffNumber: login,
  department: '内科',
  displayName: login,
});
/** Who orders at the second hospital, and the desk of the first, which issued the reports. */
export const doctor = staff('JIANG-2', 'doctor', 'gu');
export const desk = staff('JIANG-1', 'institution-it', 'desk-one');

export const valueOf = <Value>(outcome: { ok: true; value: Value } | { ok: false; reason: Fault }): Value => {
  if (!outcome.ok) throw outcome.reason;
  return outcome.value;
};

/** The code by which something was refused; null where it was not. */
export const codeOf = async (work: Promise<{ ok: boolean; reason?: unknown }>): Promise<string | null> => {
  try {
    const outcome = await work;
    return outcome.ok ? null : (outcome.reason as Fault).code;
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
};

/** A patient with a report of the first hospital, whom a doctor of the second treats. */
export interface CorrectionPatient {
  readonly record: string;
  readonly nationalId: string;
  readonly reportNumber: string;
  readonly report: string;
  /** Checks an order of potassium by the second hospital. */
  check(by?: Pick<CheckFlows, 'check'>): Promise<OrderCheckAnswer>;
}

let sequence = 800;

/** Two hospitals, the tickets between them, and the short ways in which tests speak of both. */
export interface CorrectionBench {
  readonly bench: IngestBench;
  readonly flows: CheckFlows;
  readonly corrections: CorrectionFlows;
  begin(): Promise<CorrectionPatient>;
  recognise(check: string): ReturnType<CheckFlows['respond']>;
  /** Sends the report again, amended: the potassium is another. */
  amend(
    patient: Pick<CorrectionPatient, 'record' | 'nationalId' | 'reportNumber'>,
    over?: object,
  ): Promise<unknown>;
  submit(body: object): Promise<CorrectionAnswer>;
  step(
    ticket: Pick<CorrectionAnswer, 'id' | 'history'>,
    body: object,
    actor?: StaffActor,
    key?: string | null,
  ): ReturnType<CorrectionFlows['takeStep']>;
  taken(ticket: CorrectionAnswer, body: object, actor?: StaffActor): Promise<CorrectionAnswer>;
  read(id: string, actor?: StaffActor): Promise<CorrectionAnswer>;
  caseOf(id: string): Promise<CorrectionCase>;
  /** Lets the worker do its turn, when every check that was on its way is kept. */
  workOff(): Promise<number>;
  marksOf(check: string): Promise<{ kind: string; relied: boolean }[]>;
}

/** Opens it. */
export const correctionBench = async (): Promise<CorrectionBench> => {
  const bench = await ingestBench();
  const flows = checkFlows(bench.dependencies);
  const corrections = correctionFlows(bench.dependencies);
  const step: CorrectionBench['step'] = (ticket, body, actor = desk, key = null) =>
    corrections.takeStep(
      actor,
      actor === doctor ? 'reporter' : 'source',
      ticket.id as PublicId,
      correctionStepShape.parse({ seen: ticket.history.length, ...body }),
      key,
      origin,
    );
  const checkOf = async (
    record: string,
    nationalId: string,
    by: Pick<CheckFlows, 'check'> = flows,
  ): Promise<OrderCheckAnswer> =>
    valueOf(
      await by.check(
        doctor,
        orderCheckRequestShape.parse({
          patient: {
            identifiers: [
              { type: 'medical-record', number: record },
              { type: 'national-id', number: nationalId },
            ],
            name: '周明轩',
            sex: 'male',
            birthDate: '1990-01-01',
          },
          encounter: { class: '门诊', number: fresh('V') },
          items: [{ line: 1, code: 'K01' }],
        }),
        origin,
      ),
    );
  return {
    bench,
    flows,
    corrections,
    async begin() {
      const nationalId = residentNumber(sequence++).number;
      const parts = { record: fresh('P'), nationalId, reportNumber: fresh('R') };
      const { reports } = await bench.take(reportMessage(parts));
      const record = fresh('H');
      await bench.take(admissionMessage({ application: 'HIS', facility: 'JIANG2', record, nationalId }));
      return {
        ...parts,
        report: reports[0]?.report as string,
        check: (by) => checkOf(record, nationalId, by),
      };
    },
    recognise: (check) =>
      flows.respond(
        doctor,
        check as PublicId,
        checkResponseRequestShape.parse({ line: 1, kind: 'recognise' }),
        null,
        origin,
      ),
    amend: ({ record, nationalId, reportNumber }, over = {}) =>
      bench.take(
        reportMessage({
          record,
          nationalId,
          reportNumber,
          status: 'C',
          sentAt: '20261120100000+0800',
          reportedAt: '20261120095900+0800',
          lines: [
            ['K', 'NM', '6.4', 'mmol/L', '3.5-5.3'],
            ['ALT', 'NM', '23', 'U/L', '9-50'],
          ],
          ...over,
        }),
      ),
    submit: async (body) =>
      valueOf(await corrections.submit(doctor, correctionRequestShape.parse(body), null, origin)),
    step,
    taken: async (ticket, body, actor = desk) => valueOf(await step(ticket, body, actor)),
    read: async (id, actor = doctor) => valueOf(await corrections.read(actor, id as PublicId, origin)),
    caseOf: async (id) => valueOf(await corrections.openCase(desk, id as PublicId, origin)),
    workOff() {
      const { clock } = bench.dependencies;
      return drainOutbox({ ...bench.dependencies, clock: () => instant(clock() + 120_000) });
    },
    marksOf: (check) =>
      bench.rows('select kind, relied from check_marks where check_public_id = $1 order by mark_id', [check]),
  };
};
