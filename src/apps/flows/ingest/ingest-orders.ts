import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import {
  claimedCheck,
  claimMessage,
  keepMessage,
  setClaimCheck,
  setClaimPerson,
} from '../../../adapters/postgres/messages.ts';
import {
  cancelWholeOrder,
  type OrderRecord,
  type OrderState,
  putOrders,
} from '../../../adapters/postgres/orders.ts';
import { resolvePerson } from '../../../adapters/postgres/person-index.ts';
import { storeEvent } from '../../../adapters/postgres/reports.ts';
import type { CodeMapEntry } from '../../../catalogue/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { IncomingOrderLine, IncomingOrderMessage } from '../../../recognition/index.ts';
import { isToBeChecked } from './answer-orders.ts';
import { confirmFulfilment } from './ingest-fulfilment.ts';
import { type Refusal, RefusedMessage, refusalOf } from './ingest-outcome.ts';
import { senderDefaults } from './ingest-senders.ts';
import { keptMessageOf, type MessageWork, personRefusal, type StoredOutcome } from './ingest-work.ts';

/** The topic under which order lines wait in the outbox. */
export const ORDERS_TOPIC = 'orders.stored';

/** ORC-1 by what it means for the line (HL7 table 0119). */
const STATES: Readonly<Record<string, OrderState>> = {
  CA: 'cancelled',
  OC: 'cancelled',
  CR: 'cancelled',
  DC: 'cancelled',
  OD: 'cancelled',
  DR: 'cancelled',
  XO: 'changed',
  XX: 'changed',
  XR: 'changed',
  RP: 'changed',
  RO: 'changed',
};

/** ORC-5 by what it means for a line of which ORC-1 says nothing but that its status is told (HL7 table 0038). */
const STATES_BY_STATUS: Readonly<Record<string, OrderState>> = {
  A: 'executed',
  CM: 'executed',
  CA: 'cancelled',
  DC: 'cancelled',
  RP: 'changed',
};
/** ORC-1 that only tells of a status: `SC` changed, `SN` … `SS` and `SR` asked for and answered. */
const STATUS_CONTROLS: ReadonlySet<string> = new Set(['SC', 'SR', 'SS']);

const CODE_MAX_CHARACTERS = 200;

const stateOf = ({ control, status }: IncomingOrderLine): OrderState =>
  STATES[control] ?? (STATUS_CONTROLS.has(control) ? STATES_BY_STATUS[status] : undefined) ?? 'new';

const refusalOfLine = (line: IncomingOrderLine): Refusal | undefined => {
  const { placerNumber, code, text, place } = line;
  if (placerNumber === '') return refusalOf('ORDER_NUMBER_MISSING', place);
  if (placerNumber.length > CODE_MAX_CHARACTERS || (code || text).length > CODE_MAX_CHARACTERS)
    return refusalOf('FIELD_TOO_LONG', place, `more than ${CODE_MAX_CHARACTERS} characters`);
  // A cancellation may mean the whole order; anything else has to say what is ordered.
  return code === '' && text === '' && stateOf(line) !== 'cancelled'
    ? refusalOf('ORDER_CODE_MISSING', place)
    : undefined;
};

/** The side that a line asks for; null where its words and its code contradict each other, or its item has none. */
const sideOf = (
  { side }: IncomingOrderLine,
  entry: CodeMapEntry | undefined,
  hasSide: boolean,
): OrderRecord['side'] => {
  if (!hasSide) return null;
  const mapped = entry?.side ?? side;
  return side === null || side === mapped ? mapped : null;
};

const orderRecord = (line: IncomingOrderLine, work: MessageWork, ruling: RulingSnapshot): OrderRecord => {
  const localCode = line.code || line.text;
  const { snapshot } = ruling;
  const entry = snapshot.codeMapOf(work.sender.institution, work.receivedAt).get(localCode);
  const item = entry && snapshot.rulesAt(work.receivedAt).itemOf(entry.item);
  return {
    placerNumber: line.placerNumber,
    localCode,
    localName: line.text || line.code,
    itemKey: (entry && ruling.registry.itemKey(entry.item)) ?? null,
    side: sideOf(line, entry, item?.item.hasSide ?? true),
    state: stateOf(line),
    requestedAt: line.requestedAt?.at ?? work.personContext.statedAt ?? work.receivedAt,
    doctor: line.doctor,
    department: line.department,
  };
};

/** The last word of a message about each line: one insertion cannot touch a row twice. */
const lastWords = (records: readonly OrderRecord[]): readonly OrderRecord[] => [
  ...new Map(records.map((record) => [`${record.placerNumber}\0${record.localCode}`, record])).values(),
];

/** Whether the sender waits for what the check of its orders finds. */
const isAnswered = ({ sender }: MessageWork): boolean =>
  senderDefaults(sender).dialect.orderAnswer === 'application';

/** Stores a message that carries orders: the lines, the recognitions that their cancellation fulfils, and the event. */
export const ingestOrders = async (
  work: MessageWork,
  message: IncomingOrderMessage,
): Promise<StoredOutcome> => {
  const { database, keys, snapshots } = work.dependencies;
  for (const line of message.lines) {
    const refusal = refusalOfLine(line);
    if (refusal) return { kind: 'refused', refusal };
  }
  const ruling = await snapshots.current();
  return database.transaction(async (session): Promise<StoredOutcome> => {
    const by = await claimMessage(session, { ...work.claim, personKey: null });
    if (by)
      return {
        kind: 'claimed',
        by,
        ...(isAnswered(work) ? { check: await claimedCheck(session, work.claim) } : {}),
      };
    const resolved = await resolvePerson(session, keys, message.patient, {
      ...work.personContext,
      basis: 'order',
    });
    if (!resolved.ok) throw new RefusedMessage(personRefusal(resolved.reason));
    const person = resolved.value;
    await setClaimPerson(session, work.claim, person.personId);
    const check =
      isAnswered(work) && message.lines.some(isToBeChecked) ? work.dependencies.newPublicId() : null;
    if (check !== null) await setClaimCheck(session, work.claim, check);
    const messageKey = await keepMessage(session, keptMessageOf(work, person.personId));
    const record = {
      personKey: person.personId,
      institutionKey: work.sender.institutionKey,
      messageKey,
      encounterNumber: message.encounterNumber,
      encounterClass: message.encounterClass,
      diagnoses: message.diagnoses,
      statedAt: work.personContext.statedAt ?? work.receivedAt,
      check,
    };
    const named = message.lines.filter(({ code, text }) => code !== '' || text !== '');
    const stored = await putOrders(
      session,
      record,
      lastWords(named.map((line) => orderRecord(line, work, ruling))),
    );
    const cancelled = stored.filter(({ state }) => state === 'cancelled');
    const persons = person.members.map(({ personId }) => personId);
    for (const { code, text, placerNumber } of message.lines)
      if (code === '' && text === '')
        for (const localCode of await cancelWholeOrder(session, record, persons, placerNumber))
          cancelled.push({ placerNumber, localCode, state: 'cancelled' });
    const fulfilled = await confirmFulfilment(session, work, persons, cancelled);
    await storeEvent(
      session,
      person.personId,
      {
        topic: ORDERS_TOPIC,
        payload: canonicalJson({
          sender: work.sender.code,
          lines: stored.length,
          cancelled: cancelled.length,
          // Images that name one of these as their accession number are compared with it.
          institutionKey: record.institutionKey,
          placerNumbers: [...new Set(message.lines.map(({ placerNumber }) => placerNumber))],
          fulfilled,
        }),
      },
      work.receivedAt,
    );
    return { kind: 'stored', reports: [], check };
  });
};
