import type { IncomingObservation, StatedCode } from '../../result/index.ts';
import type { Segment } from './parse.ts';
import { codeIn, firstText, organisationIn, type Reading, staffIn } from './reading.ts';
import { readObservationStatus } from './status.ts';
import { readValue } from './value.ts';

/** An OBX with the segments that belong to it: NTE, PRT, SID. */
export interface ObservationGroup {
  readonly obx: Segment;
  readonly attached: Segment[];
}

const NO_CODE: StatedCode = { code: '', text: '', system: '' };

/** The text of NTE-3: repetitions are lines. */
export const noteText = (nte: Segment): string =>
  nte
    .repetitions(3)
    .map((line) => nte.textOf(line))
    .join('\n');

/** NTE texts of a group, empty ones left out. */
export const notesOf = (segments: readonly Segment[]): readonly string[] =>
  segments
    .filter((segment) => segment.name === 'NTE')
    .map(noteText)
    .filter((text) => text !== '');

/**
 * The unit as printed. `10^9/L` with the caret unescaped falls apart into `10` and `9/L`; a bare power of ten is no
 * unit, so the two are put together again.
 */
const unitText = (obx: Segment): string => {
  const [first] = obx.repetitions(6);
  if (first === undefined) return '';
  const code = obx.componentOf(first, 1).trim();
  const text = obx.componentOf(first, 2).trim();
  if (/^[×xX*]?10$/.test(code) && /^\d{1,2}(?:\/|$)/.test(text)) return `${code}^${text}`;
  return code || text;
};

/**
 * The laboratory that performed the analysis: the sender's own place, OBX-23 (identifier before name), the
 * performing organisation of PRT (v2.7 and later), OBX-15.
 */
const performerOf = (group: ObservationGroup, reading: Reading): string | null => {
  const { obx, attached } = group;
  const own = reading.ownField('performer', [obx, ...attached]);
  if (own) return own.text;
  const organisation = organisationIn(obx, 23);
  if (organisation !== null) return organisation;
  const performing = attached.find((segment) => segment.name === 'PRT' && segment.get(4) === 'PO');
  return performing ? organisationIn(performing, 8) : firstText(obx.get(15, 1), obx.get(15, 2));
};

/** Equipment (EI): entity id, else the namespace that names the device; v2.7 and later send it in PRT-10. */
const instrumentOf = (group: ObservationGroup, reading: Reading): string | null => {
  const own = reading.ownField('instrument', [group.obx, ...group.attached]);
  if (own) return own.text;
  const device = group.attached.find((segment) => segment.name === 'PRT' && segment.raw(10) !== '');
  return firstText(group.obx.get(18, 1), group.obx.get(18, 2), device?.get(10) ?? '');
};

/** Reagent: the sender's own place, else SID (substance, lot number, manufacturer). */
const reagentOf = (group: ObservationGroup, reading: Reading): string | null => {
  const own = reading.ownField('reagent', [group.obx, ...group.attached]);
  if (own) return own.text;
  const substance = group.attached.find((segment) => segment.name === 'SID');
  if (!substance) return null;
  const parts = [
    substance.get(1, 2) || substance.get(1),
    substance.get(2),
    substance.get(4, 2) || substance.get(4),
  ];
  return firstText(parts.filter((part) => part !== '').join(' '));
};

/** Who is responsible for the observation (OBX-16). */
export const responsibleObserver = (obx: Segment): string | null => staffIn(obx, 16);

/** Reads one OBX with what belongs to it (HL7 v2 chapter 7). */
export const readObservation = (group: ObservationGroup, reading: Reading): IncomingObservation => {
  const { obx } = group;
  return {
    place: obx.place,
    code: codeIn(obx, 3) ?? NO_CODE,
    subId: obx.get(4),
    value: readValue(obx, reading),
    unitText: unitText(obx),
    // Kept whole: senders write 3.5~5.5 and 3.5^5.5 without escaping, and the interval is shown as printed.
    referenceText: obx.textOf(obx.raw(7)),
    flags: obx
      .repetitions(8)
      .map((flag) => obx.componentOf(flag, 1).trim())
      .filter((flag) => flag !== ''),
    status: readObservationStatus(obx, reading),
    observedAt: reading.time(obx, 14),
    method: codeIn(obx, 17),
    instrument: instrumentOf(group, reading),
    reagent: reagentOf(group, reading),
    performer: performerOf(group, reading),
    notes: notesOf(group.attached),
  };
};
