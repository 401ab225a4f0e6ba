import { z } from 'zod';
import { OPERATIONS } from '../../../adapters/soap/contract.ts';
import type { OperationCall } from '../../../adapters/soap/envelope.ts';
import { soapFault } from '../../../adapters/soap/faults.ts';
import { type ContentRecord, elementPath } from '../../../adapters/soap/shape-xml.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { type Clock, isoInstant } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  checkResponseRequestShape,
  fulfilmentRequestShape,
  orderCheckRequestShape,
  publicIdShape,
} from '../../../web/wire/order-check-request.ts';
import type { Actor, CallOrigin, CheckFlows } from '../../server/flows-port.ts';
import { cardAddress } from '../card/card-address.ts';
import type { CardLinks } from '../card/card-link.ts';
import { checkInTime } from '../checks/check-in-time.ts';
import {
  checkRecord,
  fulfilmentRecord,
  notCheckedRecord,
  responseRecorded,
  responsesRecord,
} from './soap-answers.ts';

/** What the operations work with. */
export interface SoapDependencies {
  readonly flows: CheckFlows;
  readonly cardLinks: CardLinks;
  readonly clock: Clock;
  /** Longest wait for a check, in milliseconds: the doctor's screen stands still meanwhile. */
  readonly checkLimitMs: number;
}

/** Who calls, from where. */
export interface Caller {
  readonly actor: Actor;
  readonly origin: CallOrigin;
}

/** What an operation came to. `failed` is why a check could not be done; the content says so too. */
export interface OperationAnswer {
  readonly content: ContentRecord;
  /** Of a check: `checked` or `not-checked`. */
  readonly status?: string;
  readonly failed?: Fault;
}

const checkId = z.strictObject({ check: publicIdShape });
const respondShape = z.object({
  check: publicIdShape,
  idempotencyKey: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/)
    .optional(),
});

/** Reads content by the shape of the same call by JSON. @throws SOAP_VALUE_INVALID naming the element */
const readBy = <S extends z.ZodType>(
  shape: S,
  content: ContentRecord,
  operation: OperationCall['operation'],
): z.output<S> => {
  const read = shape.safeParse(content);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = elementPath(operation, OPERATIONS[operation].request, issue?.path ?? []);
  throw soapFault('SOAP_VALUE_INVALID', { place, ...(issue ? { detail: issue.message } : {}) });
};

const valueOf = <Value>(result: Result<Value, Fault>): Value => {
  if (result.ok) return result.value;
  throw result.reason;
};

/** Known to have had no intervention since is said in so many words: an empty element may be a template's leftover. */
const interventionsOf = ({ noInterventions, interventions, ...rest }: ContentRecord): ContentRecord => {
  if (noInterventions !== true) return interventions === undefined ? rest : { ...rest, interventions };
  if (interventions !== undefined)
    throw soapFault('SOAP_VALUE_INVALID', { place: 'CheckOrder/noInterventions' });
  return { ...rest, interventions: [] };
};

const checkOrder = async (
  { flows, cardLinks, clock, checkLimitMs }: SoapDependencies,
  { actor, origin }: Caller,
  content: ContentRecord,
): Promise<OperationAnswer> => {
  const request = readBy(orderCheckRequestShape, interventionsOf(content), 'CheckOrder');
  const ending = await checkInTime(flows.check, actor, request, origin, checkLimitMs);
  switch (ending.kind) {
    case 'answered': {
      const { answer } = ending;
      const cardUrl = cardAddress(cardLinks, actor, request, answer);
      return { content: checkRecord(answer, cardUrl), status: answer.status };
    }
    case 'refused':
      throw ending.fault;
    case 'not-checked':
      return {
        content: notCheckedRecord(request, isoInstant(clock())),
        status: 'not-checked',
        failed: ending.fault,
      };
  }
};

const respondToCheck = async (
  { flows }: SoapDependencies,
  { actor, origin }: Caller,
  content: ContentRecord,
): Promise<ContentRecord> => {
  const { check, idempotencyKey } = readBy(respondShape, content, 'RespondToCheck');
  const { check: _check, idempotencyKey: _key, ...answer } = content;
  const request = readBy(checkResponseRequestShape, answer, 'RespondToCheck');
  return responseRecorded(
    valueOf(await flows.respond(actor, check as PublicId, request, idempotencyKey ?? null, origin)),
  );
};

/**
 * Carries out one operation. A check that could not be done is an answer (decision 0043); everything else that goes
 * wrong is thrown.
 *
 * @throws SOAP_VALUE_INVALID, and what the flows refuse
 */
export const performOperation = async (
  dependencies: SoapDependencies,
  caller: Caller,
  { operation, content }: OperationCall,
): Promise<OperationAnswer> => {
  const { flows } = dependencies;
  const { actor, origin } = caller;
  switch (operation) {
    case 'CheckOrder':
      return checkOrder(dependencies, caller, content);
    case 'ReadCheck': {
      const { check } = readBy(checkId, content, operation);
      return { content: checkRecord(valueOf(await flows.read(actor, check as PublicId, origin)), null) };
    }
    case 'ReadResponses': {
      const { check } = readBy(checkId, content, operation);
      return { content: responsesRecord(valueOf(await flows.responses(actor, check as PublicId))) };
    }
    case 'RespondToCheck':
      return { content: await respondToCheck(dependencies, caller, content) };
    case 'ConfirmCancellation': {
      const { check } = readBy(respondShape, content, operation);
      const { check: _check, ...confirmation } = content;
      const request = readBy(fulfilmentRequestShape, confirmation, operation);
      return {
        content: fulfilmentRecord(valueOf(await flows.fulfil(actor, check as PublicId, request, origin))),
      };
    }
  }
};
