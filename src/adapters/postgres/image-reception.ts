import { CHINA_ZONE, civilDateText } from '../../kernel/civil-day.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** What came on one day from one device: by the day on which its study began. */
export interface DayOfSender {
  /** Civil day in China. */
  readonly day: string;
  /** As series name it; null for what came before senders were kept. */
  readonly sender: string | null;
  readonly studies: number;
  readonly instances: number;
  readonly bytes: number;
  readonly lastAt: Instant;
}

/** A study of which more is to come, or came less than was announced. */
export interface UnfinishedUpload {
  readonly study: PublicId;
  readonly description: string | null;
  readonly modalities: readonly string[];
  readonly received: number;
  readonly announced: number | null;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}

/** An association that was refused or broken off. */
export interface RefusedAssociation {
  readonly callingAeTitle: string;
  readonly remoteAddress: string;
  readonly reason: string;
  readonly count: number;
  readonly lastAt: Instant;
}

const DAYS = statement(
  'image-reception.days',
  `select to_char(s.first_at at time zone $3, 'YYYY-MM-DD') as day, c.sender,
     count(distinct s.study_id)::integer as studies, sum(c.instance_count)::bigint as instances, sum(c.bytes)::bigint as bytes,
     max(c.last_at) as last_at
   from studies s join series c on c.person_id = s.person_id and c.study_id = s.study_id
   where s.institution_id = $1 and s.first_at >= $2 group by 1, 2 order by 1 desc, 2`,
);
const UNFINISHED = statement(
  'image-reception.unfinished',
  `select public_id, description, modalities, instance_count, announced_count, first_at, last_at from studies
   where institution_id = $1 and first_at >= $2 and (open_series > 0 or announced_count > instance_count)
   order by last_at limit $3`,
);
const HELD = statement(
  'image-reception.held',
  `select reason, count(*)::integer as cases, sum(instances)::bigint as instances from image_holds
   where institution_id = $1 and state in ('open', 'reopened') group by 1`,
);
const UNMATCHED = statement(
  'image-reception.unmatched',
  `select count(*)::integer as studies from study_matches where institution_id = $1 and state = 'open'`,
);
const REFUSE = statement(
  'image-reception.refuse',
  `insert into refused_associations (day, calling_ae_title, remote_address, reason, count, first_at, last_at)
   values ($1, $2, $3, $4, $5, $6, $6)
   on conflict (day, calling_ae_title, remote_address, reason) do update set
     count = refused_associations.count + excluded.count, last_at = excluded.last_at
   returning day`,
);
const REFUSED = statement(
  'image-reception.refused',
  `select calling_ae_title, remote_address, reason, sum(count)::bigint as count, max(last_at) as last_at
   from refused_associations where last_at >= $1 group by 1, 2, 3 order by 5 desc limit $2`,
);
const FORGET = statement(
  'image-reception.forget',
  'delete from refused_associations where day < $1 returning day',
);

interface DayRow {
  readonly day: string;
  readonly sender: string | null;
  readonly studies: number;
  readonly instances: string;
  readonly bytes: string;
  readonly last_at: Instant;
}

/** What came since a moment, by day and device, the newest day first. */
export const receivedByDay = async (
  session: Session,
  institutionKey: string,
  since: Instant,
): Promise<readonly DayOfSender[]> =>
  (await session.run<DayRow>(DAYS, [institutionKey, isoInstant(since), CHINA_ZONE])).map((row) => ({
    day: row.day,
    sender: row.sender,
    studies: row.studies,
    instances: Number(row.instances),
    bytes: Number(row.bytes),
    lastAt: row.last_at,
  }));

interface UnfinishedRow {
  readonly public_id: PublicId;
  readonly description: string | null;
  readonly modalities: readonly string[];
  readonly instance_count: number;
  readonly announced_count: number | null;
  readonly first_at: Instant;
  readonly last_at: Instant;
}

/** Studies begun since a moment that are still coming in or came in part, the longest silent first. */
export const unfinishedUploads = async (
  session: Session,
  institutionKey: string,
  since: Instant,
  limit: number,
): Promise<readonly UnfinishedUpload[]> =>
  (await session.run<UnfinishedRow>(UNFINISHED, [institutionKey, isoInstant(since), limit])).map((row) => ({
    study: row.public_id,
    description: row.description,
    modalities: row.modalities,
    received: row.instance_count,
    announced: row.announced_count,
    firstAt: row.first_at,
    lastAt: row.last_at,
  }));

/** Cases that wait for an answer, by reason. */
export const waitingHolds = async (
  session: Session,
  institutionKey: string,
): Promise<ReadonlyMap<string, { readonly cases: number; readonly instances: number }>> =>
  new Map(
    (await session.run<{ reason: string; cases: number; instances: string }>(HELD, [institutionKey])).map(
      ({ reason, cases, instances }) => [reason, { cases, instances: Number(instances) }],
    ),
  );

/** Studies that wait in the worklist of those that belong to nobody. */
export const unmatchedStudies = async (session: Session, institutionKey: string): Promise<number> =>
  (await session.run<{ studies: number }>(UNMATCHED, [institutionKey]))[0]?.studies ?? 0;

/** Counts refused associations of the same kind. @param at the last of them */
export const countRefused = async (
  session: Session,
  refused: Omit<RefusedAssociation, 'lastAt'>,
  at: Instant,
): Promise<void> => {
  const { callingAeTitle, remoteAddress, reason, count } = refused;
  await session.run(REFUSE, [
    civilDateText(at),
    callingAeTitle,
    remoteAddress,
    reason,
    count,
    isoInstant(at),
  ]);
};

interface RefusedRow {
  readonly calling_ae_title: string;
  readonly remote_address: string;
  readonly reason: string;
  readonly count: string;
  readonly last_at: Instant;
}

/** Who was refused since a moment, the latest first. */
export const refusedSince = async (
  session: Session,
  since: Instant,
  limit: number,
): Promise<readonly RefusedAssociation[]> =>
  (await session.run<RefusedRow>(REFUSED, [isoInstant(since), limit])).map((row) => ({
    callingAeTitle: row.calling_ae_title,
    remoteAddress: row.remote_address,
    reason: row.reason,
    count: Number(row.count),
    lastAt: row.last_at,
  }));

/** Forgets refusals of days before one. They name no patient, and nobody asks for them after a month. */
export const forgetRefused = async (session: Session, before: Instant): Promise<void> => {
  await session.run(FORGET, [civilDateText(before)]);
};
