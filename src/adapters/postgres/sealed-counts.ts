import { type Session, statement } from './database.ts';

/** How many sealed values one key opens: while there are any, the key must be kept. */
export interface SealedCount {
  readonly identifiers: number;
  /** Kept messages, quarantined ones included. Large ones lie in the object store and name their key themselves. */
  readonly messages: number;
  /** Secrets of clients (launches, answers) and of second factors, and what the embedded issuer keeps. */
  readonly secrets: number;
}

const COUNT = statement(
  'sealed-counts.by-key',
  `select key_id, sum(identifiers)::integer as identifiers, sum(messages)::integer as messages,
     sum(secrets)::integer as secrets from (
     select key_id, count(*) as identifiers, 0 as messages, 0 as secrets from person_identifiers group by key_id
     union all select key_id, 0, count(*), 0 from messages where key_id is not null group by key_id
     union all select key_id, 0, count(*), 0 from quarantined_messages where key_id is not null group by key_id
     union all select key_id, 0, 0, count(*) from issuer_artifacts group by key_id
     union all select key_id, 0, 0, count(*) from account_second_factors group by key_id
     union all select launch_key_id, 0, 0, count(*) from client_launches where launch_key_id is not null group by launch_key_id
     union all select answer_key_id, 0, 0, count(*) from client_launches where answer_key_id is not null group by answer_key_id) counted
   group by key_id`,
);

/** Counts what each key has sealed. Reads whole tables: for the console, not for a request. */
export const countSealedBy = async (session: Session): Promise<ReadonlyMap<string, SealedCount>> => {
  const rows = await session.run<SealedCount & { readonly key_id: string }>(COUNT);
  return new Map(rows.map(({ key_id, ...counts }) => [key_id, counts]));
};
