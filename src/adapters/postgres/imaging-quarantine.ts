import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Database, type Session, statement } from './database.ts';
import { hold } from './image-holds.ts';
import type { InstitutionKey } from './registry.ts';

/** An instance that could not be indexed; its bytes are an object. */
export interface QuarantinedInstance {
  readonly publicId: PublicId;
  readonly institution: InstitutionKey;
  readonly sender: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly reasonCode: string;
  /** Codes and tags alone, nothing of the patient. */
  readonly detail: string;
  readonly content: string;
  readonly size: number;
  readonly receivedAt: Instant;
}

const ADD = statement(
  'imaging.quarantine',
  `insert into quarantined_instances (public_id, institution_id, sender, sop_class_uid, sop_uid, reason_code, detail, content,
     size, arrivals, received_at, last_received_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)
   on conflict (institution_id, content) where state = 'open' do update set
     last_received_at = excluded.last_received_at, arrivals = quarantined_instances.arrivals + 1,
     reason_code = excluded.reason_code, detail = excluded.detail
   returning quarantine_id, arrivals`,
);
const HOLD_INSTANCE = statement(
  'imaging.hold-quarantined',
  'update quarantined_instances set hold_public_id = $2 where quarantine_id = $1 returning quarantine_id',
);

/** Keeps it and has its sender's institution asked, or counts another arrival of the same bytes. */
export const quarantineInstance = (database: Database, instance: QuarantinedInstance): Promise<void> =>
  database.transaction(async (session) => {
    const [row] = await session.run<{ quarantine_id: string; arrivals: number }>(ADD, [
      instance.publicId,
      instance.institution,
      instance.sender,
      instance.sopClassUid,
      instance.sopInstanceUid,
      instance.reasonCode,
      instance.detail,
      instance.content,
      instance.size,
      isoInstant(instance.receivedAt),
    ]);
    const { quarantine_id: key, arrivals } = row as NonNullable<typeof row>;
    if (arrivals > 1) return;
    const held = await hold(session, {
      publicId: instance.publicId,
      institutionKey: instance.institution,
      reason: 'unreadable',
      detail: instance.reasonCode,
      study: null,
      sender: instance.sender,
      at: instance.receivedAt,
    });
    await session.run(HOLD_INSTANCE, [key, held]);
  });

const AFTER = statement(
  'imaging.quarantined-after',
  `select quarantine_id, institution_id, sop_uid, content from quarantined_instances
   where quarantine_id > $1 order by quarantine_id limit $2`,
);

/** An object that is kept and not shown, and whose it is. */
export interface KeptAside {
  /** Its place among its like. */
  readonly key: string;
  readonly institutionKey: string;
  /** As its command or file named it; it may be no UID. */
  readonly sopInstanceUid: string;
  readonly content: string;
}

/** What lies in quarantine and what did, in the order of its keys, a page at a time. @param after key of the last one before */
export const quarantinedAfter = async (
  session: Session,
  after: string,
  limit: number,
): Promise<readonly KeptAside[]> =>
  (
    await session.run<{ quarantine_id: string; institution_id: string; sop_uid: string; content: string }>(
      AFTER,
      [after, limit],
    )
  ).map((row) => ({
    key: row.quarantine_id,
    institutionKey: row.institution_id,
    sopInstanceUid: row.sop_uid,
    content: row.content,
  }));
