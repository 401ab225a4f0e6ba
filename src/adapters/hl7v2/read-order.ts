import type { IncomingOrderLine, IncomingOrderMessage } from '../../recognition/index.ts';
import { readEncounter } from './encounter.ts';
import { sideOf } from './examination.ts';
import type { Hl7Header } from './header.ts';
import type { ParsedMessage, Segment } from './parse.ts';
import { firstText, type Reading, staffIn } from './reading.ts';
import { readPatient } from './read-patient.ts';

/** An order of a message: its ORC and OBR. */
export interface OrderGroup {
  orc: Segment | null;
  obr: Segment | null;
  timing: Segment | null;
  readonly specimens: Segment[];
}

/**
 * Gathers the order groups. An OBR without an ORC of its own (a second one under the same ORC) inherits the ORC, as
 * the older versions mean it. In OML^O33 and ^O35 the specimen stands before the orders that are made from it, else
 * behind its order.
 */
export const gatherOrders = (message: ParsedMessage, { event }: Hl7Header): readonly OrderGroup[] => {
  const groups: OrderGroup[] = [];
  const isSpecimenFirst = event === 'O33' || event === 'O35';
  let ahead: Segment | undefined;
  const begin = (orc: Segment | null, obr: Segment | null): void =>
    void groups.push({ orc, obr, timing: null, specimens: ahead ? [ahead] : [] });
  for (const segment of message.segments) {
    const current = groups.at(-1);
    if (segment.name === 'ORC') begin(segment, null);
    else if (segment.name === 'OBR') {
      if (current && current.obr === null) current.obr = segment;
      else begin(current?.orc ?? null, segment);
    } else if (segment.name === 'TQ1' && current) current.timing = segment;
    else if (segment.name === 'SPM') {
      if (isSpecimenFirst) ahead = segment;
      else current?.specimens.push(segment);
    }
  }
  return groups;
};

const specimenText = ({ obr, specimens }: OrderGroup): string | null => {
  const [spm] = specimens;
  if (spm) return firstText(spm.get(4, 2), spm.get(4, 1));
  const [source] = obr?.repetitions(15) ?? [];
  if (!obr || source === undefined) return null;
  return firstText(obr.sub(source, 1, 2), obr.componentOf(source, 2), obr.sub(source, 1, 1));
};

// Some senders write the name where the number belongs.
const staffNumberIn = (segment: Segment | null, field: number): string | null =>
  /^[!-~]+$/.exec(segment?.get(field).trim() ?? '')?.[0] ?? null;

const readLine = (group: OrderGroup, department: string | null, reading: Reading): IncomingOrderLine => {
  const { orc, obr, timing, specimens } = group;
  const text = obr?.get(4, 2) ?? '';
  return {
    place: (obr ?? (orc as Segment)).place,
    control: orc?.get(1).trim().toUpperCase() ?? '',
    status: orc?.get(5).trim().toUpperCase() ?? '',
    placerNumber: (orc?.get(2) || obr?.get(2) || '').trim(),
    code: obr?.get(4, 1).trim() ?? '',
    text,
    side: obr ? sideOf(obr, specimens, [obr.componentOf(obr.repetitions(15)[0] ?? '', 4), text]) : null,
    specimenText: specimenText(group),
    requestedAt:
      (timing ? reading.time(timing, 7) : null) ??
      (obr ? reading.time(obr, 6) : null) ??
      (orc ? (reading.time(orc, 9) ?? reading.time(orc, 15)) : null),
    doctorNumber: staffNumberIn(orc, 12) ?? staffNumberIn(obr, 16),
    doctor: (orc ? staffIn(orc, 12) : null) ?? (obr ? staffIn(obr, 16) : null),
    department: firstText(orc?.get(17, 2) ?? '', orc?.get(17) ?? '') ?? department,
  };
};

/** Diagnosis codes of DG1-3 and OBR-31, or their words where no code came. */
const diagnosesOf = (message: ParsedMessage): readonly string[] => {
  const stated = message.segments.flatMap((segment) => {
    if (segment.name === 'DG1') return [segment.get(3) || segment.get(3, 2) || segment.get(4)];
    if (segment.name !== 'OBR') return [];
    return segment.repetitions(31).map((one) => segment.componentOf(one, 1) || segment.componentOf(one, 2));
  });
  return [...new Set(stated.filter((text) => text !== ''))];
};

/** Reads ORM^O01, OML^O21, ^O33, ^O35 and OMG^O19 (HL7 v2 chapter 4): what has been ordered, changed or cancelled. */
export const readOrderMessage = (
  message: ParsedMessage,
  header: Hl7Header,
  reading: Reading,
): IncomingOrderMessage => {
  const { patient, visitNumbers } = readPatient(message, reading);
  const { department, encounterNumber, encounterClass } = readEncounter(message, visitNumbers, reading);
  const groups = gatherOrders(message, header);
  if (groups.length === 0) reading.refuse('HL7_ORDER_MISSING', 'ORC');
  return {
    kind: 'orders',
    patient,
    encounterNumber,
    encounterClass,
    diagnoses: diagnosesOf(message),
    sentAt: header.sentAt,
    lines: groups.map((group) => readLine(group, department, reading)),
  };
};
