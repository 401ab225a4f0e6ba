import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import type { CorrectionKind } from '../../../correction/index.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { type Assessed, explainCheck, type LineDecision, type Rules } from '../../../recognition/index.ts';
import type { CheckResponseRequest } from '../../../web/wire/order-check-request.ts';
import type { Actor, CallOrigin, CheckFlows } from '../../server/flows-port.ts';
import { NO_OWN_DATA } from '../corrections/present-correction.ts';
import { keepSubmission } from '../corrections/submit-correction.ts';
import { emergencyDoctor, type FlowDependencies } from '../dependencies.ts';
import { firstOf, lineIndex, openKeptCheck, readCheckInForce } from './kept-check.ts';

/** What is wrong with a report whose images the machine found wanting. */
const KINDS: Readonly<Record<string, CorrectionKind>> = {
  'images-unfit': 'quality',
  'images-incomplete': 'image-missing',
  'images-absent': 'image-missing',
  'images-none-but-documents': 'image-missing',
};

/** A ticket about the images of one report, in the machine's words. */
export interface ImageTicket {
  readonly report: PublicId;
  readonly kind: CorrectionKind;
  readonly text: string;
}

const ticketOf = (
  { candidate, verdict, own, offer }: Assessed,
  reported: ReadonlySet<string>,
  rules: Rules,
): ImageTicket | null => {
  const outcome = verdict.checks.find(({ check }) => check === 'images-fit');
  const kind = outcome && KINDS[outcome.finding];
  if (!outcome || !kind || own || offer === 'none' || !reported.has(outcome.finding)) return null;
  return { report: candidate.report, kind, text: explainCheck(outcome, rules).text.zh };
};

/**
 * What a repeat with these sub-reasons has to tell the sources: of each result on offer whose images were found wanting, as
 * far as the doctor named that as a reason and the table of reasons says that such a reason opens a ticket.
 */
export const imageTickets = (
  line: LineDecision,
  subReasons: readonly string[],
  rules: Rules,
): readonly ImageTicket[] => {
  const reported = new Set(
    rules.reasons.subReasons
      .filter(({ code, opensTicket }) => opensTicket && subReasons.includes(code))
      .flatMap(({ findings }) => findings ?? []),
  );
  if (reported.size === 0) return [];
  const tickets = line.parts.flatMap(({ assessed }) =>
    assessed.flatMap((each) => ticketOf(each, reported, rules) ?? []),
  );
  return [...new Map(tickets.map((ticket) => [ticket.report, ticket])).values()];
};

/** Sends the tickets of an answer just kept. Each is sent once, however often the answer is repeated. */
const sendTickets = async (
  dependencies: FlowDependencies,
  actor: Actor,
  id: PublicId,
  request: CheckResponseRequest,
  origin: CallOrigin,
): Promise<void> => {
  const { database, snapshots } = dependencies;
  const row = await readCheckInForce(dependencies, actor, id);
  const check = await openKeptCheck(dependencies, row, emergencyDoctor(actor), database);
  const line = check.shown.lines[lineIndex(check, request.line)] as LineDecision;
  const tickets = imageTickets(
    line,
    request.subReasons,
    check.ruling.snapshot.rulesAt(check.replayed.facts.at),
  );
  for (const { report, kind, text } of tickets) {
    const reading = await readReportByPublicId(database, report);
    if (!reading) continue;
    await keepSubmission(dependencies, {
      actor,
      origin,
      reading,
      ruling: await snapshots.current(),
      request: { kind, text, ordinal: undefined, photo: undefined },
      onBehalf: null,
      idempotencyKey: `images ${firstOf(row)} ${request.line} ${report}`,
      own: NO_OWN_DATA,
      basis: check.basis,
    });
  }
};

/**
 * The doctor's answer, and with it the ticket to the institution whose images were refused. The answer is kept first and
 * stands whatever becomes of the ticket; who repeats the answer sends a ticket that failed.
 */
export const withImageTickets =
  (dependencies: FlowDependencies, respond: CheckFlows['respond']): CheckFlows['respond'] =>
  async (actor, id, request, idempotencyKey, origin) => {
    const answered = await respond(actor, id, request, idempotencyKey, origin);
    if (answered.ok && request.kind === 're-examine' && request.subReasons.length > 0)
      await sendTickets(dependencies, actor, id as PublicId, request, origin);
    return answered;
  };
