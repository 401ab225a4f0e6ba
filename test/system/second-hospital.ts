import type { CheckFlows, StaffActor } from '../../src/apps/server/flows-port.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { fresh } from './ingest-fixtures.ts';

/** A doctor of the second hospital, to whom results of the first are another institution's. */
export const SECOND_DOCTOR: StaffActor = {
  kind: 'staff',
  name: 'staff:doctor',
  login: 'doctor',
  role: 'doctor',
  institution: 'JIANG-2' as InstitutionCode,
  staffNumber: '100118',
  department: '内科',
  displayName: '顾清和',
};

/** Whence a doctor asks, in order to treat. */
export const TREATMENT = { requestId: 'test', peer: '127.0.0.1', purpose: 'treatment' } as const;

/** The second hospital orders potassium for a patient whom it knows by a record number and the national ID. */
export const askForPotassium = async (
  flows: CheckFlows,
  by: StaffActor,
  numbers: { readonly record: string; readonly nationalId: string; readonly request: string },
): Promise<OrderCheckAnswer> => {
  const asked = await flows.check(
    by,
    orderCheckRequestShape.parse({
      patient: {
        identifiers: [
          { type: 'medical-record', number: numbers.record },
          { type: 'national-id', number: numbers.nationalId },
        ],
        name: '周明轩',
        sex: 'male',
        birthDate: '1990-01-01',
      },
      encounter: { class: '门诊', number: fresh('V') },
      request: { number: numbers.request },
      items: [{ line: 1, code: 'K01' }],
    }),
    TREATMENT,
  );
  if (!asked.ok) throw asked.reason;
  return asked.value;
};
