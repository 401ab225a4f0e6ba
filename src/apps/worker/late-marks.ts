import type { OutboxEvent } from '../../adapters/postgres/outbox.ts';
import type { Session } from '../../adapters/postgres/database.ts';
import type { MarkKind } from '../../adapters/postgres/reports-marks.ts';
import { type CorrectionKind, disputesIdentity } from '../../correction/index.ts';
import { type Instant, instant } from '../../kernel/instant.ts';
import { reviewAmended, reviewDecisions } from '../flows/corrections/review-decisions.ts';
import type { FlowDependencies } from '../flows/dependencies.ts';
import type { ReportOutcome } from '../flows/ingest/ingest-outcome.ts';
import { MARKS_OF_DECISIONS } from '../flows/ingest/ingest-reports.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { markWeighed } from '../flows/checks/weighed-decisions.ts';

/**
 * A check reads its candidates, decides and is kept within the deadline of five seconds. Twenty seconds after a correction
 * every check that had read the version before it is there to be seen, or will never be kept.
 */
const SETTLED_MS = 20_000;
/** Clocks of several processes, and the time a message takes from its arrival to its commit. */
const CLOCKS_MS = 60_000;

/** What a change of a report is called on the decisions it reaches; undefined for changes that reach none. */
const markOf = ({ decision }: ReportOutcome): MarkKind | undefined => MARKS_OF_DECISIONS[decision];

/**
 * Looks back after a correction or withdrawal: a check that had read the earlier version and was kept while the correction
 * committed was seen by neither. Marks those that weighed an older version; the others carry their mark already. Then every
 * decision that weighed the report is decided once more beside itself, whether or not anybody had reported the error.
 *
 * @returns `later` while such a check may still be on its way
 */
export const markLateDecisions = async (
  dependencies: FlowDependencies,
  session: Session,
  { personId, payload, createdAt }: OutboxEvent,
): Promise<'done' | 'later'> => {
  const { reports } = JSON.parse(payload) as { readonly reports: readonly ReportOutcome[] };
  const changed = reports.filter((report) => markOf(report) !== undefined);
  if (changed.length === 0) return 'done';
  const at = dependencies.clock();
  if (at - createdAt < SETTLED_MS) return 'later';
  for (const outcome of changed) {
    await markWeighed(
      session,
      personId,
      {
        report: outcome.report,
        version: outcome.version,
        kind: markOf(outcome) as MarkKind,
        ordinals: null,
        at,
      },
      ({ reportVersion }) => reportVersion < outcome.version,
      { from: instant(createdAt - CLOCKS_MS) as Instant, to: instant(createdAt + CLOCKS_MS) as Instant },
    );
    await reviewAmended(dependencies, session, outcome.report, at);
  }
  return 'done';
};

/**
 * Looks back after a report was said to be another person's: a check that had read it before and was kept while the
 * dispute committed was seen by neither.
 *
 * @returns `later` while such a check may still be on its way
 */
export const markLateDisputed = async (
  { clock }: FlowDependencies,
  session: Session,
  { personId, payload, createdAt }: OutboxEvent,
): Promise<'done' | 'later'> => {
  const { kind, report, version } = JSON.parse(payload) as {
    readonly kind: CorrectionKind;
    readonly report: PublicId;
    readonly version: number;
  };
  if (!disputesIdentity({ kind })) return 'done';
  const at = clock();
  if (at - createdAt < SETTLED_MS) return 'later';
  await markWeighed(
    session,
    personId,
    { report, version, kind: 'disputed', ordinals: null, at },
    ({ identity }) => identity !== 'disputed',
    { from: instant(createdAt - CLOCKS_MS), to: instant(createdAt + CLOCKS_MS) },
  );
  return 'done';
};

/**
 * Decides the decisions that weighed the report of an answered ticket once more, when every check that was on its way is
 * kept.
 */
export const reviewAnswered = async (
  dependencies: FlowDependencies,
  session: Session,
  { payload, createdAt }: OutboxEvent,
): Promise<'done' | 'later'> => {
  const at = dependencies.clock();
  if (at - createdAt < SETTLED_MS) return 'later';
  const { correction } = JSON.parse(payload) as { readonly correction: PublicId };
  await reviewDecisions(dependencies, session, correction, at);
  return 'done';
};
