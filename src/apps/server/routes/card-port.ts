import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { LaunchQuery } from '../../flows/card/launch-desk.ts';
import type { CallOrigin, ClientActor, LaunchedActor } from '../flows-port.ts';

/** Answers ready to be handed to the client's own page by a form. */
export interface HandOver {
  /** Registered address of the client that takes the form. */
  readonly url: string;
  /** JSON of all answers. */
  readonly answers: string;
  readonly timeSeconds: number;
  readonly signature: string;
}

/** How the answers given on a card go back, as far as its pages have a part in it. */
export interface AnswerReturn {
  /** True where the doctor hands the answers over by a form when finished. */
  readonly byForm: boolean;
}

/** What the server calls for signed launches and for the return of answers through the browser. */
export interface CardFlows {
  /** Opens the card of what a launch names, checking stored orders now where nobody did. Gives the card's token. */
  open(actor: ClientActor, launch: LaunchQuery, origin: CallOrigin): Promise<Result<string, Fault>>;
  returnOf(actor: LaunchedActor): Promise<AnswerReturn>;
  /** The signed form; null where the client takes answers another way. */
  handOver(actor: LaunchedActor, origin: CallOrigin): Promise<HandOver | null>;
}
