import type { ServerFlows } from '../server/routes/table.ts';
import { fulfilFlow, respondFlow } from './checks/answer-check.ts';
import { answersFlow, shownReportFlow } from './checks/check-answers.ts';
import { checkAgainFlow } from './checks/check-again.ts';
import { checkOrderFlow } from './checks/check-order.ts';
import type { FlowDependencies } from './dependencies.ts';
import { withImageTickets } from './checks/image-tickets.ts';
import { orderablesFlow } from './checks/orderables.ts';
import { peopleFlows } from './people.ts';
import { attachmentFlow, reportFlow } from './results/read-report.ts';
import { historyFlows } from './results/result-history.ts';
import { sessionFlow } from './session.ts';
import { responsesFlow } from './checks/poll-responses.ts';
import { readCardFlow } from './card/read-card.ts';
import { explainFlow, markedChecksFlow, readCheckFlow, replayFlow } from './checks/review-check.ts';

/** All flows, as the server calls them. */
export const checkFlows = (dependencies: FlowDependencies): ServerFlows => ({
  check: checkOrderFlow(dependencies),
  checkAgain: checkAgainFlow(dependencies),
  read: readCheckFlow(dependencies),
  respond: withImageTickets(dependencies, respondFlow(dependencies)),
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
