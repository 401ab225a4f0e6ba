import type { Actor, ApplicationActor, CallOrigin, PatientActor } from './flows-port.ts';

/** A refusal of something that was asked for by an id. */
export interface Refusal {
  readonly actor: Actor | ApplicationActor | PatientActor;
  readonly origin: CallOrigin;
  /** What was asked for, as the log names acts: `report.read`. */
  readonly action: string;
  /** The operation with the ids it was asked with. */
  readonly resource: string;
  readonly ids: readonly string[];
  /** Code of the fault that was answered. */
  readonly code: string;
}

/** Writes refusals into the access log before they are answered. */
export type RefusalLog = (refusal: Refusal) => Promise<void>;
