import type { OrderCheckRow } from '../../../adapters/postgres/order-checks.ts';
import { isoInstant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { readFacts } from '../../../recognition/index.ts';
import { type OrderCheckRequest, orderCheckRequestShape } from '../../../web/wire/order-check-request.ts';
import type { LaunchedActor } from '../../server/flows-port.ts';

/**
 * What a kept check was asked about, as a request of the doctor who looks at it now. Undefined where its facts were erased,
 * where the person is gone, or where they say what cannot be asked any more.
 */
export const keptRequest = (
  row: OrderCheckRow,
  person: PublicId | null,
  { staffNumber, department }: LaunchedActor,
): OrderCheckRequest | undefined => {
  const facts = readFacts(row.facts);
  if (person === null || 'erased' in facts) return undefined;
  const { session, search } = facts;
  const interventions = search.kind === 'searched' ? search.patient.interventions : null;
  const request = orderCheckRequestShape.safeParse({
    patient: { person },
    encounter: {
      class: session.encounterClass,
      ...(row.encounter_number === null ? {} : { number: row.encounter_number }),
    },
    ...(row.request_number === null ? {} : { request: { number: row.request_number } }),
    doctor: { staffNumber },
    ...(department === null ? {} : { department: { name: department } }),
    ...(session.campus === undefined ? {} : { campus: session.campus }),
    diagnoses: session.diagnoses.map((code) => ({ code })),
    purpose: session.purpose,
    ...(interventions === null
      ? {}
      : { interventions: interventions.map(({ kind, at }) => ({ kind, at: isoInstant(at) })) }),
    items: session.lines.map(({ line, localCode, item, name, purpose, side, specimen }, index) => ({
      line: line ?? index + 1,
      code: localCode ?? item,
      ...(item === undefined ? {} : { item }),
      ...(name === undefined ? {} : { name }),
      ...(purpose === undefined ? {} : { purpose }),
      ...(side === undefined ? {} : { side }),
      ...(specimen === undefined ? {} : { specimen }),
    })),
  });
  return request.success ? request.data : undefined;
};
