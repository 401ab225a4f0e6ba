import { parseBytes } from '../../../adapters/hl7v2/read-message.ts';
import { readHeader } from '../../../adapters/hl7v2/header.ts';
import { Reading } from '../../../adapters/hl7v2/reading.ts';
import { type OrderNotes, writeOrderAnswer } from '../../../adapters/hl7v2/write-order-answer.ts';
import type { IncomingOrderMessage } from '../../../recognition/index.ts';
import { orderCheckRequestShape } from '../../../web/wire/order-check-request.ts';
import { senderActor } from '../../server/actor.ts';
import type { CallOrigin, CheckFlows } from '../../server/flows-port.ts';
import { cardAddress } from '../card/card-address.ts';
import type { CardLinks } from '../card/card-link.ts';
import { type CheckEnding, checkInTime } from '../checks/check-in-time.ts';
import { checkOrderFlow } from '../checks/check-order.ts';
import type { FlowDependencies } from '../dependencies.ts';
import type { TakenOrders } from './ingest-outcome.ts';
import { senderDefaults } from './ingest-senders.ts';
import { checkNotes, notCheckedNotes } from './order-notes.ts';
import { readCheckFlow } from '../checks/review-check.ts';

/** What answering orders works with. */
export interface OrderAnswerDependencies extends FlowDependencies {
  /** Absent where no card can be opened. */
  readonly cardLinks?: CardLinks;
  /** Longest wait for a check; many senders give up after ten seconds. */
  readonly checkLimitMs?: number;
  /** Told of checks that could not be done. Never given personal data. */
  readonly onError?: (error: unknown) => void;
}

/** An order message that was stored, with the bytes it came in. */
export interface ArrivedOrders {
  readonly orders: TakenOrders;
  readonly bytes: Uint8Array;
  readonly peer: string;
  /** MSH-10 of the answer. */
  readonly controlId: string;
}

const CHECK_LIMIT_MS = 4_000;
/** Checks under way for senders of messages at one time: results of other senders come first. */
const CHECKS_AT_ONCE = 4;
const CODE_CHARACTERS_MAX = 64;
const DIAGNOSIS_CHARACTERS_MAX = 32;
const NUMBER_CHARACTERS_MAX = 64;
const STAFF_CHARACTERS_MAX = 32;

const within = (text: string | null | undefined, maximum: number): string | undefined =>
  text && text.length <= maximum ? text : undefined;

/** The order number of a message that has only one. */
const onlyNumber = ({ lines }: IncomingOrderMessage): string | undefined => {
  const numbers = new Set(lines.map(({ placerNumber }) => placerNumber));
  return numbers.size === 1 ? within([...numbers][0], NUMBER_CHARACTERS_MAX) : undefined;
};

const patientOf = ({ patient }: IncomingOrderMessage): object => {
  const { identifiers, name, sex, birthDate } = patient;
  const day = /^(\d{4})(\d{2})(\d{2})/.exec(birthDate?.text ?? '');
  return {
    identifiers,
    ...(name ? { name } : {}),
    sex,
    ...(day ? { birthDate: `${day[1]}-${day[2]}-${day[3]}` } : {}),
  };
};

/** What a sender's order asks, in the words of an order check by JSON; its line numbers are places in the message. */
const requestOf = (message: IncomingOrderMessage, isAsked: readonly boolean[]) => {
  const first = message.lines[0];
  const doctor = within(first?.doctorNumber, STAFF_CHARACTERS_MAX);
  const department = within(first?.department, CODE_CHARACTERS_MAX);
  const encounterNumber = within(message.encounterNumber, NUMBER_CHARACTERS_MAX);
  const requestNumber = onlyNumber(message);
  return orderCheckRequestShape.safeParse({
    patient: patientOf(message),
    encounter: {
      class: message.encounterClass,
      ...(encounterNumber ? { number: encounterNumber } : {}),
    },
    ...(requestNumber ? { request: { number: requestNumber } } : {}),
    ...(doctor ? { doctor: { staffNumber: doctor } } : {}),
    ...(department ? { department: { name: department } } : {}),
    diagnoses: message.diagnoses
      .filter((code) => code.length <= DIAGNOSIS_CHARACTERS_MAX)
      .slice(0, 30)
      .map((code) => ({ code })),
    items: message.lines.flatMap(({ code, text, side, specimenText }, index) => {
      if (!isAsked[index]) return [];
      const specimen = within(specimenText, CODE_CHARACTERS_MAX);
      return [
        {
          line: index + 1,
          code: code || text,
          ...(text ? { name: text } : {}),
          ...(side ? { side } : {}),
          ...(specimen ? { specimen } : {}),
        },
      ];
    }),
  });
};

/** Why an order message cannot be turned into a check, in words for the engineer who can mend it. */
const obstacleOf = (message: IncomingOrderMessage, place: readonly PropertyKey[] | undefined): string => {
  if (message.encounterClass === null) return '就诊类别（PV1-2）未注明或未对照';
  return `内容不符合核查要求：${(place ?? []).join('.')}`;
};

/** Lets a few calls through at a time; the others wait in their order of arrival. */
const fewAtOnce = (most: number) => {
  let free = most;
  const waiting: (() => void)[] = [];
  return async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
};

/** Answers order messages; null where the plain acknowledgement is the answer. */
export type OrderAnswers = (arrived: ArrivedOrders) => Promise<Uint8Array | null>;

/**
 * Answers order messages with what their check found. The orders were stored before; whatever happens here, they stay
 * stored and MSA-1 stays AA.
 *
 * @param checkFlowOf makes the check that is kept under an id promised before
 */
export const orderAnswers = (
  dependencies: OrderAnswerDependencies,
  checkFlowOf = checkOrderFlow,
): OrderAnswers => {
  const limited = fewAtOnce(CHECKS_AT_ONCE);
  const { cardLinks, checkLimitMs = CHECK_LIMIT_MS, clock, onError } = dependencies;
  const read = readCheckFlow(dependencies);

  const notesOf = async (
    { message, sender, check }: TakenOrders,
    isAsked: readonly boolean[],
    origin: CallOrigin,
  ): Promise<OrderNotes> => {
    if (check === null) return { general: [], orders: [] };
    const request = requestOf(message, isAsked);
    if (!request.success) return notCheckedNotes(isAsked, obstacleOf(message, request.error.issues[0]?.path));
    const { cardClient } = senderDefaults(sender).dialect;
    const actor = senderActor(sender, cardClient ?? sender.code);
    const flow: CheckFlows['check'] = check.repeated
      ? (asking, _request, from) => read(asking, check.id, from)
      : checkFlowOf(dependencies, () => check.id);
    const ending: CheckEnding = await checkInTime(
      (...call) => limited(() => flow(...call)),
      actor,
      request.data,
      origin,
      checkLimitMs,
    );
    if (ending.kind !== 'answered') {
      // A repeat whose first was never checked is answered as the first was.
      if (!(check.repeated && ending.kind === 'refused')) onError?.(ending.fault);
      return notCheckedNotes(isAsked);
    }
    const { answer } = ending;
    const cardUrl =
      cardLinks && cardClient !== undefined ? cardAddress(cardLinks, actor, request.data, answer) : null;
    return checkNotes(answer, message.lines.length, cardUrl);
  };

  return async ({ orders, bytes, peer, controlId }) => {
    const decoded = parseBytes(bytes, senderDefaults(orders.sender));
    if (!decoded.ok) return null;
    const { parsed, charset } = decoded.value;
    const header = readHeader(parsed.header, charset, new Reading(senderDefaults(orders.sender)));
    const isAsked = orders.message.lines.map(isToBeChecked);
    const notes = await notesOf(orders, isAsked, { requestId: controlId, peer, purpose: 'treatment' }).catch(
      (error: unknown) => {
        onError?.(error);
        return notCheckedNotes(isAsked);
      },
    );
    return writeOrderAnswer(header, parsed, notes, { at: clock(), controlId });
  };
};

const NOT_ORDERING: ReadonlySet<string> = new Set([
  'CA',
  'OC',
  'CR',
  'DC',
  'OD',
  'DR',
  'HD',
  'OH',
  'SC',
  'SN',
  'NA',
]);

/** Whether a line orders something (again): cancellations and status messages ask for no check. */
export const isToBeChecked = ({ control, code, text }: IncomingOrderMessage['lines'][number]): boolean =>
  !NOT_ORDERING.has(control) && (code !== '' || text !== '');
