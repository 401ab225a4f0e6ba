import type { Session } from '../../../adapters/postgres/database.ts';
import { notifyPatient } from '../../../adapters/postgres/privacy-cases.ts';
import type { CorrectedKind } from '../../../audit/index.ts';
import type { TicketStep } from '../../../correction/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';

/**
 * What was kept when a ticket took a step that its patient did not take. Neither words nor titles: whoever acts for a
 * patient may not see every report.
 */
export interface TicketTold {
  readonly ticket: string;
  readonly step: TicketStep;
}

/** Tells a patient how far a ticket of theirs has come, in the transaction of the step. */
export const tellOfTicket = (
  session: Session,
  personId: string,
  id: PublicId,
  { ticket, step }: TicketTold,
  at: Instant,
): Promise<void> =>
  notifyPatient(session, personId, {
    id,
    kind: 'ticket-step',
    content: canonicalJson({ ticket, step }),
    at,
  });

/** What was kept when a result changed that a doctor had recognised. */
export interface CorrectionTold {
  readonly change: CorrectedKind;
}

/** Tells a patient that a result which a doctor relied on was put right, in the transaction that changes the report. */
export const tellOfCorrectedResult = (
  session: Session,
  personId: string,
  id: PublicId,
  change: CorrectedKind,
  at: Instant,
): Promise<void> =>
  notifyPatient(session, personId, {
    id,
    kind: 'result-corrected',
    content: canonicalJson({ change }),
    at,
  });
