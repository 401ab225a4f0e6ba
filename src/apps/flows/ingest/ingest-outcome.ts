import type { Sender } from '../../../adapters/postgres/senders.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { IncomingOrderMessage } from '../../../recognition/index.ts';
import { INGEST_FAULTS, type IngestCode } from './ingest-faults.ts';

/**
 * Why a message is not taken. `AE`: worth sending again once mended; `AR`: never acceptable as it stands. `detail` holds
 * codes and counts, never a name or a number of a person.
 */
export interface Refusal {
  readonly code: string;
  readonly class: 'AE' | 'AR';
  readonly place: string;
  readonly detail: string;
  readonly zh: string;
  readonly en: string;
}

/**
 * What became of a message. `accepted`: stored with everything in it. `duplicate`: stored before, nothing happened now.
 * `quarantined`: kept whole for mending. `refused`: nothing was kept, because there was nothing or no place for it.
 */
export interface IngestOutcome {
  readonly outcome: 'accepted' | 'duplicate' | 'quarantined' | 'refused';
  /** Stable code of the reason; null for what was accepted. */
  readonly code: string | null;
  readonly place: string;
  readonly detail: string;
  /** What to answer the sender; null when its acknowledgement conditions (MSH-15, MSH-16) ask for no answer. */
  readonly acknowledgement: Uint8Array | null;
  /** Under which id the message lies in quarantine. */
  readonly quarantine: PublicId | null;
  /** Reports of an accepted message with what happened to each. */
  readonly reports: readonly ReportOutcome[];
  /** Orders whose sender waits for the application answer; null for every other message. */
  readonly orders: TakenOrders | null;
}

/** Orders that were stored now or before, for a sender that wants to be told what their check finds. */
export interface TakenOrders {
  readonly message: IncomingOrderMessage;
  readonly sender: Sender;
  /** The id promised to their check; `repeated`: the message came before. null: there is nothing to check. */
  readonly check: { readonly id: PublicId; readonly repeated: boolean } | null;
}

/** What a message did to one report. */
export interface ReportOutcome {
  readonly report: PublicId;
  readonly version: number;
  readonly decision: string;
  readonly standing: string;
  /** Decisions marked because the report changed, and how many of them a doctor had relied on. */
  readonly marked: number;
  readonly relied: number;
}

const NEVER_ACCEPTABLE: ReadonlySet<IngestCode> = new Set(['SENDER_UNKNOWN', 'MESSAGE_TYPE_UNSUPPORTED']);

/** Makes the refusal of one of the codes of this folder. */
export const refusalOf = (code: IngestCode, place = '', detail = ''): Refusal => ({
  code,
  class: NEVER_ACCEPTABLE.has(code) ? 'AR' : 'AE',
  place,
  detail,
  zh: INGEST_FAULTS[code].zh,
  en: INGEST_FAULTS[code].en,
});

/** Ends the transaction of a message that turns out not to be acceptable; everything written so far is rolled back. */
export class RefusedMessage extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.name = 'RefusedMessage';
    this.refusal = refusal;
  }
}
