import { type Session, statement } from './database.ts';
import type { InstitutionKey } from './registry.ts';

/** What bytes of images did: came in, or went out to the institution itself, to another one, to patients. */
export const TRAFFIC_WAYS = ['received', 'own', 'elsewhere', 'patient'] as const;

/** One of `TRAFFIC_WAYS`. */
export type TrafficWay = (typeof TRAFFIC_WAYS)[number];

/** Bytes of one institution's images in one month, one way. */
export interface TrafficCount {
  readonly institutionKey: string;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly way: TrafficWay;
  /** Objects, frames, pictures or answers that were moved. */
  readonly transfers: number;
  readonly bytes: number;
}

const ADD = statement(
  'image-figures.add-traffic',
  `insert into image_traffic (institution_id, month, way, transfers, bytes)
   select t.institution_id, t.month, t.way, t.transfers, t.bytes
   from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
     as t(institution_id, month, way, transfers, bytes)
   on conflict (institution_id, month, way) do update
     set transfers = image_traffic.transfers + excluded.transfers, bytes = image_traffic.bytes + excluded.bytes`,
);
const TRAFFIC = statement(
  'image-figures.traffic',
  `select month, way, transfers, bytes from image_traffic where institution_id = $1 and month >= $2 order by month`,
);
const KEPT = statement(
  'image-figures.kept',
  `select count(*) as studies, coalesce(sum(instance_count), 0) as instances, coalesce(sum(bytes), 0) as bytes,
     coalesce(sum(far_bytes), 0) as far_bytes,
     count(*) filter (where proof_findings = 0 and proved_at is not null) as sound,
     count(*) filter (where proof_findings > 0 and proved_at is not null) as with_findings
   from studies where institution_id = $1`,
);
const BY_MONTH = statement(
  'image-figures.by-month',
  `select to_char(first_at at time zone $3, 'YYYY-MM') as month, count(*) as studies,
     sum(instance_count) as instances, sum(bytes) as bytes
   from studies where institution_id = $1 and first_at >= $2 group by 1`,
);

/** Adds to the months' counts, all in one statement. Each institution, month and way once. */
export const addTraffic = async (session: Session, counts: readonly TrafficCount[]): Promise<void> => {
  // In one order by every process, so that two never wait for each other.
  const sorted = counts.toSorted((one, other) =>
    `${one.institutionKey}|${one.month}|${one.way}` < `${other.institutionKey}|${other.month}|${other.way}`
      ? -1
      : 1,
  );
  await session.run(ADD, [
    sorted.map(({ institutionKey }) => institutionKey),
    sorted.map(({ month }) => month),
    sorted.map(({ way }) => way),
    sorted.map(({ transfers }) => transfers),
    sorted.map(({ bytes }) => bytes),
  ]);
};

/** Traffic of an institution's images. @param fromMonth first month, `YYYY-MM` */
export const trafficOf = async (
  session: Session,
  institution: InstitutionKey,
  fromMonth: string,
): Promise<readonly Omit<TrafficCount, 'institutionKey'>[]> => {
  const rows = await session.run<{ month: string; way: TrafficWay; transfers: string; bytes: string }>(
    TRAFFIC,
    [institution, fromMonth],
  );
  return rows.map(({ month, way, transfers, bytes }) => ({
    month,
    way,
    transfers: Number(transfers),
    bytes: Number(bytes),
  }));
};

/** What of an institution is kept, and in which state its proofs are. */
export interface KeptImages {
  readonly studies: number;
  readonly instances: number;
  /** Of originals; what was made of them is not counted. */
  readonly bytes: number;
  readonly farBytes: number;
  /** Studies whose objects were all there, unchanged and openable when last looked at. */
  readonly sound: number;
  readonly withFindings: number;
}

type Numbers<Keys extends string> = Readonly<Record<Keys, string>>;

/** Counts an institution's studies as they stand. */
export const keptImages = async (session: Session, institution: InstitutionKey): Promise<KeptImages> => {
  const [row] = await session.run<
    Numbers<'studies' | 'instances' | 'bytes' | 'far_bytes' | 'sound' | 'with_findings'>
  >(KEPT, [institution]);
  const counted = row as NonNullable<typeof row>;
  return {
    studies: Number(counted.studies),
    instances: Number(counted.instances),
    bytes: Number(counted.bytes),
    farBytes: Number(counted.far_bytes),
    sound: Number(counted.sound),
    withFindings: Number(counted.with_findings),
  };
};

/** What came to be kept in one month. */
export interface MonthKept {
  readonly month: string;
  readonly studies: number;
  readonly instances: number;
  readonly bytes: number;
}

/** Studies by the month in which their first image came. @param from ISO 8601 @param zone of the months */
export const keptByMonth = async (
  session: Session,
  institution: InstitutionKey,
  from: string,
  zone: string,
): Promise<readonly MonthKept[]> => {
  const rows = await session.run<{ month: string } & Numbers<'studies' | 'instances' | 'bytes'>>(BY_MONTH, [
    institution,
    from,
    zone,
  ]);
  return rows.map(({ month, studies, instances, bytes }) => ({
    month,
    studies: Number(studies),
    instances: Number(instances),
    bytes: Number(bytes),
  }));
};
