import type { Chargeable } from './charge-list.ts';

/** Which way this encounter's workstation speaks to Huren. */
export type Face = 'cds-hooks' | 'soap';

/** One order on the workstation. `withdrawn`: the doctor took it back, and it leaves the fee list. */
export interface HisOrder {
  /** 医嘱号, unique in the imitated hospital; also the id of its draft ServiceRequest. */
  readonly id: string;
  /** Line in the check it was last sent with. */
  readonly line: number;
  readonly item: Chargeable;
  readonly state: 'draft' | 'signed' | 'withdrawn';
  /** Why it was withdrawn or is done again, as the workstation keeps it in the record. */
  readonly remark: string | null;
}

/** A card as CDS Hooks gives it, as far as this workstation draws it. */
export interface DrawnCard {
  readonly uuid: string;
  /** The order check behind it, for confirming a cancellation; null when the card names none. */
  readonly check: { readonly id: string; readonly lines: readonly number[] } | null;
  /** What goes into the record once the suggestion is accepted; null when the card brings no sentence for it. */
  readonly recordText: string | null;
  readonly summary: string;
  readonly indicator: string;
  readonly detail: string;
  readonly source: string;
  readonly suggestions: readonly {
    readonly uuid: string;
    readonly label: string;
    /** Draft orders that the suggestion deletes or revokes. */
    readonly orders: readonly string[];
    /** What it orders instead: the parts of a panel that nobody else has done. */
    readonly creates: readonly { readonly code: string; readonly nameZh: string }[];
  }[];
  readonly overrideReasons: readonly {
    readonly code: string;
    readonly system: string;
    readonly display: string;
  }[];
  readonly links: readonly { readonly label: string; readonly url: string }[];
  readonly answered: boolean;
}

/** What the workstation shows beside the orders after asking Huren. */
export type Prompt =
  | { readonly kind: 'none' }
  | { readonly kind: 'cards'; readonly cards: readonly DrawnCard[] }
  | { readonly kind: 'frame'; readonly address: string }
  /** One unobtrusive line: nothing to say, or not checked. */
  | { readonly kind: 'line'; readonly text: string; readonly checked: boolean };

/** One visit of one patient, as the workstation holds it. */
export interface Encounter {
  /** 就诊流水号. */
  readonly number: string;
  readonly face: Face;
  readonly patientKey: string;
  /** 申请单号 of the orders now being written. */
  readonly requestNumber: string;
  readonly orders: readonly HisOrder[];
  readonly prompt: Prompt;
  /** Goes up with every change, so that the page knows when to fetch itself anew. */
  readonly version: number;
}

/** The encounter with some things changed and its version one higher. */
export const changed = (encounter: Encounter, change: Partial<Encounter>): Encounter => ({
  ...encounter,
  ...change,
  version: encounter.version + 1,
});

/** Orders still to be signed. */
export const drafts = ({ orders }: Encounter): readonly HisOrder[] =>
  orders.filter(({ state }) => state === 'draft');

/** What the patient will be charged for: all but what was withdrawn. */
export const feeList = ({ orders }: Encounter): readonly HisOrder[] =>
  orders.filter(({ state }) => state !== 'withdrawn');

/** Sum of the fee list in yuan. */
export const feeYuan = (encounter: Encounter): number =>
  feeList(encounter).reduce((sum, { item }) => sum + item.priceYuan, 0);

/** Adds an item to the orders being written; the same item twice is one order. */
export const ordered = (encounter: Encounter, item: Chargeable, id: string): Encounter =>
  drafts(encounter).some((order) => order.item.code === item.code)
    ? encounter
    : changed(encounter, {
        orders: [
          ...encounter.orders,
          { id, line: encounter.orders.length + 1, item, state: 'draft', remark: null },
        ],
      });

/** Withdraws orders, with the reason for the record. */
export const withdrawn = (encounter: Encounter, ids: readonly string[], remark: string): Encounter =>
  changed(encounter, {
    orders: encounter.orders.map((order) =>
      ids.includes(order.id) ? { ...order, state: 'withdrawn', remark } : order,
    ),
  });

/** Puts a withdrawn order back, because the doctor undid the recognition. */
export const restored = (encounter: Encounter, id: string): Encounter =>
  changed(encounter, {
    orders: encounter.orders.map((order) =>
      order.id === id ? { ...order, state: 'draft', remark: null } : order,
    ),
  });

/** Keeps the reason for doing it again with an order. */
export const remarked = (encounter: Encounter, ids: readonly string[], remark: string): Encounter =>
  changed(encounter, {
    orders: encounter.orders.map((order) => (ids.includes(order.id) ? { ...order, remark } : order)),
  });

/** Signs every draft. Never waits for Huren: the doctor may sign with every prompt unanswered. */
export const signed = (encounter: Encounter): Encounter =>
  changed(encounter, {
    orders: encounter.orders.map((order) =>
      order.state === 'draft' ? { ...order, state: 'signed' } : order,
    ),
    prompt: { kind: 'none' },
  });
