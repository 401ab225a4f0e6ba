import type { Instant } from '../../kernel/instant.ts';
import { isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { parseTimestamp } from './column-parsers.ts';
import { consentColumns, type ConsentRecords, NO_CONSENT_RECORDS } from './consents.ts';
import { type Session, type Statement, statement } from './database.ts';
import { inSize, inValues } from './in-lists.ts';
import { arrayOf, jointRead, typesOf } from './joint-statements.ts';

/** A row of the hot table, as much of it as a verdict and its card need. Moments are epoch milliseconds. */
export interface CandidateRow {
  readonly person_id: string;
  readonly report_public_id: PublicId;
  readonly ordinal: number;
  readonly report_version: number;
  readonly item_id: string;
  readonly local_code: string;
  readonly institution_id: string;
  readonly performer_id: string;
  readonly campus: string | null;
  readonly collected_at: number | null;
  readonly collected_precision: 'd' | 'm' | null;
  readonly received_at: number | null;
  readonly reported_at: number | null;
  readonly standing: string;
  readonly side: string | null;
  readonly specimen: string | null;
  readonly specimen_states: string | null;
  readonly fasting: boolean | null;
  readonly time_point: string | null;
  readonly point_of_care: boolean;
  readonly method_class: string | null;
  readonly value_text: string;
  readonly unit_text: string;
  readonly unit: string | null;
  readonly reference_text: string;
  readonly flag: string | null;
  readonly images: string;
}

/** The row as one JSON array: for 27 columns of their own, their description costs database and driver more than the rows. */
const CANDIDATE_ARRAY = `json_build_array(person_id::text, report_public_id, ordinal, report_version, item_id::text, local_code,
 institution_id::text, performer_id::text, campus, collected_at, collected_precision, received_at, reported_at, standing,
 side, specimen, specimen_states, fasting, time_point, point_of_care, method_class, value_text, unit_text, unit,
 reference_text, flag, images) as candidate`;

/** The members of `CANDIDATE_ARRAY`, in its order. */
type CandidateArray = readonly [
  personId: string,
  reportPublicId: PublicId,
  ordinal: number,
  reportVersion: number,
  itemId: string,
  localCode: string,
  institutionId: string,
  performerId: string,
  campus: string | null,
  collectedAt: string | null,
  collectedPrecision: CandidateRow['collected_precision'],
  receivedAt: string | null,
  reportedAt: string | null,
  standing: string,
  side: string | null,
  specimen: string | null,
  specimenStates: string | null,
  fasting: boolean | null,
  timePoint: string | null,
  pointOfCare: boolean,
  methodClass: string | null,
  valueText: string,
  unitText: string,
  unit: string | null,
  referenceText: string,
  flag: string | null,
  images: string,
];

/** A moment as JSON writes it (`2026-11-23T08:05:00+00:00`: the session zone is UTC) in epoch milliseconds. */
const momentOf = (text: string | null): number | null => (text === null ? null : parseTimestamp(text));

const candidateRow = ({ candidate }: { readonly candidate: CandidateArray }): CandidateRow => ({
  person_id: candidate[0],
  report_public_id: candidate[1],
  ordinal: candidate[2],
  report_version: candidate[3],
  item_id: candidate[4],
  local_code: candidate[5],
  institution_id: candidate[6],
  performer_id: candidate[7],
  campus: candidate[8],
  collected_at: momentOf(candidate[9]),
  collected_precision: candidate[10],
  received_at: momentOf(candidate[11]),
  reported_at: momentOf(candidate[12]),
  standing: candidate[13],
  side: candidate[14],
  specimen: candidate[15],
  specimen_states: candidate[16],
  fasting: candidate[17],
  time_point: candidate[18],
  point_of_care: candidate[19],
  method_class: candidate[20],
  value_text: candidate[21],
  unit_text: candidate[22],
  unit: candidate[23],
  reference_text: candidate[24],
  flag: candidate[25],
  images: candidate[26],
});

const OF_REPORT = statement(
  'order-checks.candidates-of-report',
  `select ${CANDIDATE_ARRAY} from results where person_id = $1 and report_public_id = $2 and item_id is not null
   order by ordinal`,
);

/** The results of one report as they are now, in the order of the report. */
export const readReportCandidates = async (
  session: Session,
  personId: string,
  report: PublicId,
): Promise<CandidateRow[]> =>
  (await session.run<{ candidate: CandidateArray }>(OF_REPORT, [personId, report])).map(candidateRow);

/** More rows than this in the look-back, and the newest of each kind are read apart. */
const CANDIDATES_MAX = 256;
/** Newest results of one kind that are weighed. Older ones could only be weaker: every window is counted from collection. */
export const CANDIDATES_PER_KIND_MAX = 6;

/**
 * Of whoever has refused anything nothing is read here: the rows that may not be told would be read, sent and sorted out,
 * and the time that takes could be measured.
 */
const candidatesAmong = (persons: string, items: string, since: string): string =>
  `select ${CANDIDATE_ARRAY} from results
   where person_id = any(${persons}) and item_id = any(${items}) and anchor_at >= ${since}
     and not exists (select 1 from consent_acts where person_id = any(${persons}) and kind = 'denied')
   order by anchor_at desc, result_id desc limit ${CANDIDATES_MAX + 1}`;
const PERSON_SIZES = [2, 8] as const;
const ITEM_SIZES = [8, 24, 64] as const;
/** One statement for each size of cluster and of order. */
const CANDIDATES = new Map(
  PERSON_SIZES.flatMap((persons) =>
    ITEM_SIZES.map((items) => {
      const size = `${persons}x${items}`;
      const candidates = jointRead(
        `order-checks.candidates-${size}`,
        ['timestamptz', ...typesOf('bigint', persons), ...typesOf('bigint', items)],
        (parameter) =>
          candidatesAmong(
            arrayOf(parameter, 2, persons),
            arrayOf(parameter, 2 + persons, items),
            parameter(1),
          ),
      );
      return [size, candidates];
    }),
  ),
);
const CANDIDATES_OF_MANY = statement(
  'order-checks.candidates-of-many',
  candidatesAmong('$2::bigint[]', '$3::bigint[]', '$1'),
);
/** What else a verdict can turn on than moment and value: results alike in all of it are one kind. */
const KIND_COLUMNS = `item_id, person_id, performer_id, campus, standing, side, specimen, specimen_states, fasting,
       time_point, point_of_care, method_class, unit, images, collected_at is null`;
/** Whether the report of a row is in dispute: such results are a kind of their own. */
const DISPUTED = `exists (select 1 from disputed_reports d
 where d.person_id = r.person_id and d.report_public_id = r.report_public_id and d.ended_at is null)`;
const newestOfEachKind = (name: string, told: string): Statement =>
  statement(
    name,
    `select ${CANDIDATE_ARRAY} from (
     select r.*,
       row_number() over (partition by ${KIND_COLUMNS}, ${DISPUTED} order by anchor_at desc, result_id desc) as place
     from results r where person_id = any($1::bigint[]) and item_id = any($2::bigint[]) and anchor_at >= $3${told}) newest
   where place <= ${CANDIDATES_PER_KIND_MAX} order by anchor_at desc, result_id desc`,
  );
const CANDIDATES_OF_LONG_HISTORY = newestOfEachKind('order-checks.candidates-of-long-history', '');
/** An institution that some act names, else 0: all others are alike. */
const namedOrOther = (column: string): string =>
  `case when ${column} = any($4::bigint[]) then ${column} else 0 end`;
const TOLD = ` and (item_id, ${namedOrOther('institution_id')}, ${namedOrOther('performer_id')})
       in (select * from unnest($5::bigint[], $6::bigint[], $7::bigint[]))`;
const TOLD_CANDIDATES = statement(
  'order-checks.told-candidates',
  `select ${CANDIDATE_ARRAY} from results
   where person_id = any($1::bigint[]) and item_id = any($2::bigint[]) and anchor_at >= $3${TOLD}
   order by anchor_at desc, result_id desc limit ${CANDIDATES_MAX + 1}`,
);
const TOLD_CANDIDATES_OF_LONG_HISTORY = newestOfEachKind(
  'order-checks.told-candidates-of-long-history',
  TOLD,
);
/** What a check has to know beside the earlier results, from one small read in the same flight. */
export interface CheckSurvey {
  /** The epoch that rules by the database's own word; 0 before any publication. */
  readonly epoch: number;
  /** Whether the doctor has answered anything about one of these persons, in whatever order session. */
  readonly hasAnswers: boolean;
  /**
   * True when the person is known by a number that another institution could have stated as well: a document, an insurance
   * number. Who is known by record numbers alone (a newborn) may have results elsewhere that nothing ties to this record.
   */
  readonly isIdentified: boolean;
  /** Reports of these persons that somebody said to be another person's, while the source has not answered. */
  readonly disputed: ReadonlySet<PublicId>;
  /** What is recorded of the consent of these persons. */
  readonly consent: ConsentRecords;
}

const survey = (person: string, persons: string): string =>
  `select (select max(epoch) from snapshot_epochs) as epoch,
     exists (select 1 from check_responses where person_id = any(${persons}) and offered is not null) as answered,
     exists (select 1 from person_identifiers
       where person_id = ${person} and role = 'own' and valid and type <> 'medical-record') as identified,
     array(select report_public_id from disputed_reports where person_id = any(${persons}) and ended_at is null) as disputed,
     ${consentColumns(`= any(${persons})`)}`;
const SURVEYS: ReadonlyMap<number | undefined, Statement> = new Map(
  PERSON_SIZES.map((size) => [
    size,
    jointRead(`order-checks.survey-${size}`, ['bigint', ...typesOf('bigint', size)], (parameter) =>
      survey(parameter(1), arrayOf(parameter, 2, size)),
    ),
  ]),
);
const SURVEY_OF_MANY = statement('order-checks.survey-of-many', survey('$1', '$2::bigint[]'));

/** Surveys a person and the records of his cluster. */
export const surveyCheck = async (
  session: Session,
  personId: string,
  persons: readonly string[],
): Promise<CheckSurvey> => {
  const size = inSize(PERSON_SIZES, persons.length);
  const sized = SURVEYS.get(size);
  const [row] = await session.run<
    {
      epoch: string | null;
      answered: boolean;
      identified: boolean;
      disputed: PublicId[];
    } & ConsentRecords
  >(sized ?? SURVEY_OF_MANY, [personId, ...(sized && size ? inValues(persons, size) : [persons])]);
  return {
    epoch: Number(row?.epoch ?? 0),
    hasAnswers: row?.answered ?? false,
    isIdentified: row?.identified ?? false,
    disputed: new Set(row?.disputed),
    consent: row ?? NO_CONSENT_RECORDS,
  };
};

/**
 * The newest results of these items and persons since `since`, newest first; none of persons who have refused anything
 * (`readToldCandidates` is for them). A long history is cut per kind of result, never across kinds, so a busy item cannot
 * hide another, nor withdrawn results one that stands.
 */
export const readCandidates = async (
  session: Session,
  persons: readonly string[],
  items: readonly string[],
  since: Instant,
): Promise<CandidateRow[]> => {
  const from = isoInstant(since);
  const personSize = inSize(PERSON_SIZES, persons.length);
  const itemSize = inSize(ITEM_SIZES, items.length);
  const sized = CANDIDATES.get(`${personSize}x${itemSize}`);
  const rows =
    sized && personSize && itemSize
      ? await session.run<{ candidate: CandidateArray }>(sized, [
          from,
          ...inValues(persons, personSize),
          ...inValues(items, itemSize),
        ])
      : await session.run<{ candidate: CandidateArray }>(CANDIDATES_OF_MANY, [from, persons, items]);
  if (rows.length <= CANDIDATES_MAX) return rows.map(candidateRow);
  const newest = await session.run<{ candidate: CandidateArray }>(CANDIDATES_OF_LONG_HISTORY, [
    persons,
    items,
    from,
  ]);
  return newest.map(candidateRow);
};

/** Results of which something may be told: of an item, reported by one and performed by one; null: by any that is not named. */
export interface ToldSource {
  readonly itemKey: string;
  readonly reporterKey: string | null;
  readonly performerKey: string | null;
}

/** Which results may be told, after the acts of a patient were read. */
export interface ToldSources {
  /** Every institution that is told apart from the others. */
  readonly named: readonly string[];
  readonly sources: readonly ToldSource[];
}

const ANY_OTHER = '0';

/** As `readCandidates`, of those results alone that may be told: no other row leaves the database, or is counted in it. */
export const readToldCandidates = async (
  session: Session,
  persons: readonly string[],
  { named, sources }: ToldSources,
  since: Instant,
): Promise<CandidateRow[]> => {
  const values = [
    persons,
    [...new Set(sources.map(({ itemKey }) => itemKey))],
    isoInstant(since),
    named,
    sources.map(({ itemKey }) => itemKey),
    sources.map(({ reporterKey }) => reporterKey ?? ANY_OTHER),
    sources.map(({ performerKey }) => performerKey ?? ANY_OTHER),
  ];
  const rows = await session.run<{ candidate: CandidateArray }>(TOLD_CANDIDATES, values);
  if (rows.length <= CANDIDATES_MAX) return rows.map(candidateRow);
  const newest = await session.run<{ candidate: CandidateArray }>(TOLD_CANDIDATES_OF_LONG_HISTORY, values);
  return newest.map(candidateRow);
};
