import { listUnknownSenders } from '../../../adapters/postgres/unknown-senders.ts';
import { isoInstant } from '../../../kernel/instant.ts';
import type { ConsoleFlows } from '../../server/routes/console-port.ts';
import type { IngestDependencies } from '../ingest/ingest-work.ts';

const LISTED_MAX = 200;

/** Senders that nobody registered. They belong to no institution, so the route asks for an operator. Names no person. */
export const unknownSendersFlow =
  ({ database, clock }: IngestDependencies): ConsoleFlows['unknownSenders'] =>
  async () => {
    const found = await listUnknownSenders(database, LISTED_MAX + 1);
    return {
      asOf: isoInstant(clock()),
      truncated: found.length > LISTED_MAX,
      senders: found.slice(0, LISTED_MAX).map(({ firstAt, lastAt, ...sender }) => ({
        ...sender,
        firstAt: isoInstant(firstAt),
        lastAt: isoInstant(lastAt),
      })),
    };
  };
