import type { Side } from '../catalogue/index.ts';
import type { StatedTime } from '../kernel/instant.ts';
import type { IncomingPatient } from '../person/index.ts';
import type { EncounterClass } from './facts.ts';

/** One ordered service of an order message (ORC/OBR group of ORM^O01, OML^O21). */
export interface IncomingOrderLine {
  readonly place: string;
  /** ORC-1: `NW` new, `CA` cancel, `DC` discontinue, `XO` change, `SC` status. */
  readonly control: string;
  /** ORC-5 (table 0038): `A` some results, `CM` completed, `CA` cancelled …; empty where none is stated. */
  readonly status: string;
  readonly placerNumber: string;
  readonly code: string;
  readonly text: string;
  readonly side: Side | null;
  readonly specimenText: string | null;
  readonly requestedAt: StatedTime | null;
  readonly doctor: string | null;
  /** 工号 of the doctor, where the message has it apart from the name. */
  readonly doctorNumber: string | null;
  readonly department: string | null;
}

/** A message by which an ordering system says what has been ordered or cancelled. */
export interface IncomingOrderMessage {
  readonly kind: 'orders';
  readonly patient: IncomingPatient;
  readonly encounterNumber: string | null;
  readonly encounterClass: EncounterClass | null;
  readonly diagnoses: readonly string[];
  readonly sentAt: StatedTime | null;
  readonly lines: readonly IncomingOrderLine[];
}
