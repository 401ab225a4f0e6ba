import type { ServerFlows } from '../server/routes/table.ts';
import { fulfilFlow, respondFlow } from './answer-check.ts';
import { answersFlow, shownReportFlow } from './check-answers.ts';
import { checkOrderFlow } from './check-order.ts';
import type { FlowDependencies } from './dependencies.ts';
import { orderablesFlow } from './orderables.ts';
import { peopleFlows } from './people.ts';
import { attachmentFlow, reportFlow } from './read-report.ts';
import { historyFlows } from './result-history.ts';
import { sessionFlow } from './session.ts';
import { responsesFlow } from './poll-responses.ts';
import { readCardFlow } from './read-card.ts';
import { explainFlow, markedChecksFlow, readCheckFlow, replayFlow } from './review-check.ts';

/** All flows, as the server calls them. */
export const checkFlows = (dependencies: FlowDependencies): ServerFlows => ({
  check: checkOrderFlow(dependencies),
  read: readCheckFlow(dependencies),
  respond: respondFlow(dependencies),
  responses: responsesFlow(dependencies),
  fulfil: fulfilFlow(dependencies),
  answers: answersFlow(dependencies),
  readCard: readCardFlow(dependencies),
  shownReport: shownReportFlow(dependencies),
  explain: explainFlow(dependencies),
  replay: replayFlow(dependencies),
  report: reportFlow(dependencies),
  attachment: attachmentFlow(dependencies),
  orderables: orderablesFlow(dependencies),
  session: sessionFlow(dependencies),
  markedChecks: markedChecksFlow(dependencies),
  ...peopleFlows(dependencies),
  ...historyFlows(dependencies),
});
