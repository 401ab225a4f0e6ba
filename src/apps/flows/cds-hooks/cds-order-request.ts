import type { HookContext } from '../../../adapters/cds-hooks/hook-request.ts';
import { readEncounterClass } from '../../../adapters/cds-hooks/read-encounter.ts';
import type { StatedOrder } from '../../../adapters/cds-hooks/read-orders.ts';
import { readPatient, readStaffNumber } from '../../../adapters/cds-hooks/read-patient.ts';
import type { CdsRegistration } from '../../../adapters/postgres/cds-clients.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { OrderPurpose, Rules } from '../../../recognition/index.ts';
import {
  type OrderCheckRequest,
  orderCheckRequestShape,
  orderPurposeShape,
} from '../../../web/wire/order-check-request.ts';
import type { CallData } from './cds-call-data.ts';

const STAFF_CHARACTERS_MAX = 32;
const DIAGNOSES_MAX = 30;

/** The purpose that the reasons of an order name in the words of the interface, 术前 say; undefined when none does. */
const purposeOf = ({ reasons }: StatedOrder): OrderPurpose | undefined => {
  for (const reason of reasons) {
    const read = orderPurposeShape.safeParse(reason);
    if (read.success) return read.data;
  }
  return undefined;
};

/**
 * The catalogue item by what the order states beside its code. A LOINC code counts only where it is that of exactly one
 * item this hospital can order: among several the platform would be guessing.
 */
const itemOf = (
  { itemCode, loinc }: StatedOrder,
  institution: InstitutionCode,
  rules: Rules,
): string | undefined => {
  if (itemCode !== null) return rules.itemOf(itemCode)?.item.code;
  if (loinc === null) return undefined;
  const own = new Set([...rules.codeMapOf(institution).values()].map(({ item }) => item));
  const meant = [...own].filter((item) => rules.itemOf(item)?.item.loinc === loinc);
  return meant.length === 1 ? meant[0] : undefined;
};

/** The one requisition of all orders; undefined when they are of several. */
const requestNumberOf = (orders: readonly StatedOrder[]): string | undefined => {
  const numbers = new Set(orders.map(({ requestNumber }) => requestNumber));
  const [number] = numbers;
  return numbers.size === 1 && typeof number === 'string' ? number : undefined;
};

const staffNumberOf = (
  { practitioner }: CallData,
  { user }: HookContext,
  registration: CdsRegistration,
): string | undefined => {
  const number = (practitioner && readStaffNumber(practitioner, registration)) ?? user?.id;
  return number !== undefined && number.length <= STAFF_CHARACTERS_MAX ? number : undefined;
};

/**
 * A hook call in the words of an order check; null when its patient states no number by which anybody could be known.
 */
export const orderRequestOf = (
  data: CallData,
  context: HookContext,
  registration: CdsRegistration,
  institution: InstitutionCode,
  rules: Rules,
): OrderCheckRequest | null => {
  const patient = readPatient(data.patient, registration);
  const { identifiers, name, sex, birthDate, outpatientNumber, inpatientNumber } = patient;
  const requestNumber = requestNumberOf(data.orders);
  const staffNumber = staffNumberOf(data, context, registration);
  const diagnoses = [...new Set(data.orders.flatMap((order) => order.diagnoses))].slice(0, DIAGNOSES_MAX);
  const read = orderCheckRequestShape.safeParse({
    patient: {
      identifiers: [...identifiers],
      sex,
      ...(name === null ? {} : { name }),
      ...(birthDate === null ? {} : { birthDate }),
    },
    encounter: {
      class: (data.encounter && readEncounterClass(data.encounter)) ?? 'outpatient',
      ...(context.encounterId === null ? {} : { number: context.encounterId }),
      ...(outpatientNumber === null ? {} : { outpatientNumber }),
      ...(inpatientNumber === null ? {} : { inpatientNumber }),
    },
    ...(requestNumber === undefined ? {} : { request: { number: requestNumber } }),
    ...(staffNumber === undefined ? {} : { doctor: { staffNumber } }),
    diagnoses: diagnoses.map((code) => ({ code })),
    items: data.orders.map((order, index) => {
      const item = itemOf(order, institution, rules);
      const purpose = purposeOf(order);
      return {
        line: index + 1,
        code: order.code,
        ...(item === undefined ? {} : { item }),
        ...(order.name === null ? {} : { name: order.name }),
        ...(order.side === null ? {} : { side: order.side }),
        ...(purpose === undefined ? {} : { purpose }),
      };
    }),
  });
  return read.success ? read.data : null;
};
