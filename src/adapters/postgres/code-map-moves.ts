import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { type Session, statement } from './database.ts';
import type { InstitutionKey, ItemKey } from './registry.ts';
import {
  WAITING_SELECTION,
  type WaitingPosition,
  type WaitingReport,
  type WaitingRow,
  waitingReportOf,
} from './results.ts';

const MAPPED = statement(
  'code-map-moves.mapped',
  'select mapped from code_map_moves where institution_id = $1',
);
const SET_MAPPED = statement(
  'code-map-moves.set-mapped',
  `insert into code_map_moves (institution_id, mapped, moved_at) values ($1, $2, $3)
   on conflict (institution_id) do update set mapped = excluded.mapped, moved_at = excluded.moved_at`,
);
const CODE_MAPS = statement(
  'code-map-moves.code-maps',
  "select document from list_versions where kind = 'code-map'",
);

/** The mapping that the stored results of an institution follow, as kept; undefined before the first time. */
export const readMapped = async (
  session: Session,
  institution: InstitutionKey,
): Promise<string | undefined> => (await session.run<{ mapped: string }>(MAPPED, [institution]))[0]?.mapped;

/** Keeps the mapping that the stored results of an institution follow now. */
export const keepMapped = async (
  session: Session,
  institution: InstitutionKey,
  mapped: string,
  at: Instant,
): Promise<void> => {
  await session.run(SET_MAPPED, [institution, mapped, isoInstant(at)]);
};

/** Every code map that was ever published, as JSON. */
export const readCodeMaps = async (session: Session): Promise<readonly string[]> =>
  (await session.run<{ document: string }>(CODE_MAPS)).map(({ document }) => document);

const STRAYED = statement(
  'code-map-moves.strayed-reports',
  `select ${WAITING_SELECTION.columns}
   from (select distinct s.person_id, s.report_id from results s
     join unnest($2::text[], $3::bigint[]) as now (local_code, item_id) on now.local_code = s.local_code
     where s.institution_id = $1 and s.item_id is not null and s.item_id <> now.item_id
       and (s.person_id, s.report_id) > ($4::bigint, $5::bigint)
     order by s.person_id, s.report_id limit $6) w
   ${WAITING_SELECTION.joins}`,
);

/** Reports with lines that an earlier code map gave another item than the one that their code has now. */
export const readStrayedReports = async (
  session: Session,
  institution: InstitutionKey,
  mapped: ReadonlyMap<string, ItemKey>,
  after: WaitingPosition | undefined,
  limit: number,
): Promise<readonly WaitingReport[]> => {
  const rows = await session.run<WaitingRow>(STRAYED, [
    institution,
    [...mapped.keys()],
    [...mapped.values()],
    after?.personKey ?? '0',
    after?.reportId ?? '0',
    limit,
  ]);
  return rows.map(waitingReportOf);
};

/** One line as it stands before it is moved. */
export interface MappedLine {
  readonly ordinal: number;
  readonly local_code: string;
  readonly item_id: string;
}

const LINES = statement(
  'code-map-moves.lines',
  `select ordinal, local_code, item_id from results
   where person_id = $1 and report_id = $2 and report_version = $3 and item_id is not null order by ordinal for update`,
);

/** The mapped lines of a report version, locked until the transaction ends. */
export const lockMappedLines = (session: Session, report: WaitingReport): Promise<MappedLine[]> =>
  session.run<MappedLine>(LINES, [report.personKey, report.reportId, report.version]);
