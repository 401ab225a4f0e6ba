import type { ConsoleFlows } from '../../server/routes/console-port.ts';
import { codeFlows } from './console-codes.ts';
import { discardFlow, replayFlow } from './console-mending.ts';
import { messageFlow } from './console-messages.ts';
import { testFlow } from './console-test.ts';
import { trafficFlows } from './console-traffic.ts';
import { unknownSendersFlow } from './console-unknown-senders.ts';
import type { IngestDependencies } from '../ingest/ingest-work.ts';

/** All flows of the institution console, as the server calls them. */
export const consoleFlows = (dependencies: IngestDependencies): ConsoleFlows => ({
  ...trafficFlows(dependencies),
  ...codeFlows(dependencies),
  message: messageFlow(dependencies),
  replay: replayFlow(dependencies),
  discard: discardFlow(dependencies),
  test: testFlow(dependencies),
  unknownSenders: unknownSendersFlow(dependencies),
});
