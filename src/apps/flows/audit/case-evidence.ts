import type { AccessLogRow } from '../../../adapters/postgres/access-log.ts';
import type { JsonValue } from '../../../kernel/canonical-json.ts';
import { isoInstant } from '../../../kernel/instant.ts';

/** A row of the log as a case keeps it: what it was, when, for what and with what result. Names nobody. */
export const evidenceOf = (
  row: Pick<AccessLogRow, 'id' | 'at' | 'action' | 'resource' | 'purpose' | 'basis' | 'outcome' | 'peer'>,
): JsonValue => ({
  id: row.id,
  at: isoInstant(row.at),
  action: row.action,
  resource: row.resource,
  purpose: row.purpose,
  basis: row.basis,
  outcome: row.outcome,
  peer: row.peer,
});
