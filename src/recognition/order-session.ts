import type { ItemCode, Panel, Side } from '../catalogue/index.ts';
import type { CampusCode, InstitutionCode } from '../organisation/index.ts';
import type { AnsweredOffer } from './answered-offers.ts';
import type { EncounterClass, OrderFacts, OrderPurpose } from './facts.ts';
import type { Rules } from './rules.ts';

/** One ordered line as the ordering system states it. */
export interface OrderLine {
  /** Number and name of the line as the ordering system states them: carried along, never decided on. */
  readonly line?: number;
  readonly name?: string;
  /** The institution's own code of an item or a panel. */
  readonly localCode?: string;
  /** The catalogue item, where the ordering system knows it; it outweighs the local code. */
  readonly item?: ItemCode;
  readonly side?: Side;
  readonly specimen?: string;
  readonly methodClass?: string;
  /** Where it differs from the session's. */
  readonly purpose?: OrderPurpose;
  /** As decisions were kept before answers were compared by what was on offer: answered for this code. Never written now. */
  readonly answered?: boolean;
}

/** What a doctor is about to order in one go. */
export interface OrderSession {
  readonly institution: InstitutionCode;
  readonly campus?: CampusCode;
  readonly encounterClass: EncounterClass;
  readonly purpose: OrderPurpose;
  /** ICD-10 codes. */
  readonly diagnoses: readonly string[];
  readonly lines: readonly OrderLine[];
  /** What the doctor was offered, of these items in this order session, when he answered: not asked twice. */
  readonly answered?: readonly AnsweredOffer[];
}

/** A line as the lists read it: one item, a panel with its members, or a code that nobody has mapped. */
export type ReadLine =
  | { readonly kind: 'item'; readonly parts: readonly OrderPart[] }
  | { readonly kind: 'panel'; readonly panel: Panel; readonly parts: readonly OrderPart[] }
  | { readonly kind: 'unmapped'; readonly parts: readonly [] };

/** One item of a line. */
export interface OrderPart {
  readonly order: OrderFacts;
  /** False for a panel member that may be missing. */
  readonly required: boolean;
}

const partOf = (
  session: OrderSession,
  line: OrderLine,
  item: ItemCode,
  mapped: { readonly side?: Side; readonly specimen?: string; readonly methodClass?: string },
  required: boolean,
): OrderPart => {
  const side = line.side ?? mapped.side;
  const specimen = line.specimen ?? mapped.specimen;
  const methodClass = line.methodClass ?? mapped.methodClass;
  return {
    required,
    order: {
      institution: session.institution,
      ...(session.campus === undefined ? {} : { campus: session.campus }),
      encounterClass: session.encounterClass,
      purpose: line.purpose ?? session.purpose,
      diagnoses: session.diagnoses,
      item,
      ...(side === undefined ? {} : { side }),
      ...(specimen === undefined ? {} : { specimen }),
      ...(methodClass === undefined ? {} : { methodClass }),
    },
  };
};

const readLine = (session: OrderSession, line: OrderLine, rules: Rules): ReadLine => {
  if (line.item !== undefined)
    return rules.itemOf(line.item) === undefined
      ? { kind: 'unmapped', parts: [] }
      : { kind: 'item', parts: [partOf(session, line, line.item, {}, true)] };
  if (line.localCode === undefined) return { kind: 'unmapped', parts: [] };
  const panel = rules.panelOf(session.institution, line.localCode);
  if (panel !== undefined)
    return {
      kind: 'panel',
      panel,
      parts: panel.members.map(({ item, required }) => partOf(session, line, item, {}, required)),
    };
  const entry = rules.codeMapOf(session.institution).get(line.localCode);
  return entry === undefined
    ? { kind: 'unmapped', parts: [] }
    : { kind: 'item', parts: [partOf(session, line, entry.item, entry, true)] };
};

/**
 * Reads the lines of an order by the ordering institution's own panels and code map: which items are asked for. A panel
 * is expanded into the members that this institution's definition gives it.
 */
export const readOrder = (session: OrderSession, rules: Rules): readonly ReadLine[] =>
  session.lines.map((line) => readLine(session, line, rules));

/** The items of which earlier results have to be looked for, each once, in order of first mention. */
export const itemsAsked = (lines: readonly ReadLine[]): readonly ItemCode[] => [
  ...new Set(lines.flatMap(({ parts }) => parts.map(({ order }) => order.item))),
];
