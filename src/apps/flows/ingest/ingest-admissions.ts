import { claimMessage, keepMessage, setClaimPerson } from '../../../adapters/postgres/messages.ts';
import { applyAdmission } from '../../../adapters/postgres/person-admission.ts';
import { storeEvent } from '../../../adapters/postgres/reports.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { IncomingAdmissionMessage } from '../../../person/index.ts';
import { RefusedMessage } from './ingest-outcome.ts';
import { keptMessageOf, type MessageWork, personRefusal, type StoredOutcome } from './ingest-work.ts';

/** The topic under which changes of persons wait in the outbox. */
export const PERSONS_TOPIC = 'persons.changed';

/** Follows a patient administration message: registration, update or merge (ADT), in one transaction. */
export const ingestAdmission = (
  work: MessageWork,
  message: IncomingAdmissionMessage,
): Promise<StoredOutcome> => {
  const { database, keys } = work.dependencies;
  return database.transaction(async (session): Promise<StoredOutcome> => {
    const by = await claimMessage(session, { ...work.claim, personKey: null });
    if (by) return { kind: 'claimed', by };
    const applied = await applyAdmission(session, keys, message, work.personContext);
    if (!applied.ok) throw new RefusedMessage(personRefusal(applied.reason));
    const { personId, publicId, created, merged, linked } = applied.value;
    await setClaimPerson(session, work.claim, personId);
    await keepMessage(session, keptMessageOf(work, personId));
    await storeEvent(
      session,
      personId,
      {
        topic: PERSONS_TOPIC,
        payload: canonicalJson({
          event: message.event,
          person: publicId,
          created,
          linked,
          merged: merged.length,
        }),
      },
      work.receivedAt,
    );
    return { kind: 'stored', reports: [] };
  });
};
