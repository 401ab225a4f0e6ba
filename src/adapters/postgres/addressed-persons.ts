import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

const ADDRESSED = statement(
  'addressed-persons.by-ids',
  `select person_id from persons where public_id = any($1::uuid[])
   union select person_id from reports where public_id = any($1::uuid[])
   union select person_id from order_checks where public_id = any($1::uuid[])
   union select person_id from notices where public_id = any($1::uuid[])
   union select person_id from patient_supplied where public_id = any($1::uuid[])
   union select person_id from corrections where public_id = any($1::uuid[])
   union select person_id from consent_acts where public_id = any($1::uuid[])`,
);

/** Whose data these public ids stand for, whatever they are the ids of; none for ids that are nobody's. */
export const personsAddressed = async (session: Session, ids: readonly PublicId[]): Promise<string[]> =>
  (await session.run<{ person_id: string }>(ADDRESSED, [ids])).map(({ person_id }) => person_id);
