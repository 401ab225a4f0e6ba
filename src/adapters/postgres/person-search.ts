import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import {
  identifierText,
  type LinkGrade,
  type MemberGrade,
  nameForm,
  normaliseIdentifier,
  normaliseNumber,
  normalisePhone,
  type PersonIdentifierType,
  type PersonRefusal,
  RECORD_SPACES,
  recordIssuer,
  type Sex,
} from '../../person/index.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Database, type Session, statement } from './database.ts';
import { type LinkAuthor, type LinkOutcome, mergePersons, unmergePersons } from './person-links.ts';
import { lookupPersonByPublicId } from './person-lookup.ts';
import {
  clusterInView,
  PERSON_COLUMNS,
  PERSON_SOURCE,
  type PersonCluster,
  personHash,
  type PersonRow,
  readIdentifiers,
  type StoredIdentifier,
} from './person-rows.ts';

/** A source record as a list shows it: enough to choose by, numbers masked. */
export interface PersonSummary {
  readonly personId: string;
  readonly publicId: PublicId;
  /** The institution whose record it is. */
  readonly issuer: string;
  readonly name: string | null;
  readonly sex: Sex;
  readonly birthDate: string | null;
  /** Identifiers with the middle of the number hidden. */
  readonly identifiers: readonly {
    readonly type: string;
    readonly issuer: string;
    readonly masked: string;
  }[];
  /** How many source records the index takes for the same person, this one included. */
  readonly clusterSize: number;
}

/** What a search gave. */
export interface PersonSearch {
  readonly persons: readonly PersonSummary[];
  /** True when there are more than the limit: narrow the search. */
  readonly more: boolean;
}

/** How many records a search shows at most. */
export const SEARCH_LIMIT = 50;

const BY_HASHES = statement(
  'person.search-by-hash',
  `select ${PERSON_COLUMNS} from ${PERSON_SOURCE}
   where p.person_id in (select m.person_id from match_keys m where m.value_hash = any($1::text[]) limit $2)
   order by p.person_id limit $2`,
);
const BY_NAME = statement(
  'person.search-by-name',
  `select ${PERSON_COLUMNS} from ${PERSON_SOURCE} where p.name_form = $1 and ($2::text is null or p.birth_date = $2)
   order by p.person_id limit $3`,
);
const RECORD_ISSUERS = statement('person.record-issuers', 'select code from institutions');
const BY_IDS = statement(
  'person.by-ids',
  `select ${PERSON_COLUMNS} from ${PERSON_SOURCE} where p.person_id = any($1::bigint[]) order by p.person_id`,
);
const LINKS = statement(
  'person.links',
  `select person_id as "personId", other_id as "otherId", grade, cause, evidence, linked_at as "linkedAt"
   from person_links where person_id = any($1::bigint[]) and person_id < other_id order by event_id`,
);
const REVIEWS = statement(
  'person.reviews',
  `select public_id as "publicId", person_id as "personId", other_id as "otherId", evidence, state,
     opened_at as "openedAt"
   from person_reviews where state = 'open' order by opened_at, public_id limit $1`,
);
const SETTLE_REVIEW = statement(
  'person.settle-review',
  `update person_reviews set state = $3, resolved_at = $4::timestamptz, resolved_by = $5
   where person_id = $1 and other_id = $2 and state = 'open' returning public_id`,
);

/** The first and last characters of a number, so that two may be told apart without being read. */
const mask = (number: string): string => {
  const shown = number.length >= 15 ? [6, 4] : number.length >= 8 ? [3, 2] : [1, 1];
  const [head = 1, tail = 1] = shown;
  return `${number.slice(0, head)}${'*'.repeat(Math.max(number.length - head - tail, 1))}${number.slice(number.length - tail)}`;
};

const summaryOf = (row: PersonRow, identifiers: readonly StoredIdentifier[]): PersonSummary => ({
  personId: row.person_id,
  publicId: row.public_id as PublicId,
  issuer: row.issuer,
  name: row.name,
  sex: row.sex,
  birthDate: row.birth_date,
  identifiers: identifiers
    .filter(({ role }) => role === 'own')
    .map(({ type, issuer, number }) => ({ type, issuer, masked: mask(number) })),
  clusterSize: row.members?.length ?? 1,
});

const summaries = async (
  session: Session,
  keys: KeyRing,
  rows: readonly PersonRow[],
): Promise<PersonSummary[]> => {
  if (rows.length === 0) return [];
  const identifiers = await readIdentifiers(
    session,
    keys,
    rows.map(({ person_id }) => person_id),
  );
  return rows.map((row) => summaryOf(row, identifiers.get(row.person_id) ?? []));
};

const ONE_BY_PUBLIC_ID = statement(
  'person.one-by-public-id',
  `select ${PERSON_COLUMNS} from ${PERSON_SOURCE} where p.public_id = $1`,
);
const ONE_BY_ID = statement(
  'person.one-by-id',
  `select ${PERSON_COLUMNS} from ${PERSON_SOURCE} where p.person_id = $1`,
);

/** A key that no person has: of nobody the same is asked as of somebody, so that the time taken does not tell them apart. */
const NOBODY = '0';

/** One source record by public id, without its cluster; undefined when there is none. */
export const readPersonSummary = async (
  session: Session,
  keys: KeyRing,
  publicId: PublicId,
): Promise<PersonSummary | undefined> => {
  const [row] = await session.run<PersonRow>(ONE_BY_PUBLIC_ID, [publicId]);
  const personId = row?.person_id ?? NOBODY;
  const identifiers = await readIdentifiers(session, keys, [personId]);
  return row && summaryOf(row, identifiers.get(personId) ?? []);
};

/** A source record by its key, in one flight, and the cluster in its view. */
export const readPersonInCluster = async (
  session: Session,
  keys: KeyRing,
  personId: string,
): Promise<{ readonly summary: PersonSummary; readonly cluster: PersonCluster } | undefined> => {
  const [[row], identifiers] = await Promise.all([
    session.run<PersonRow>(ONE_BY_ID, [personId]),
    readIdentifiers(session, keys, [personId]),
  ]);
  return (
    row && {
      summary: summaryOf(row, identifiers.get(personId) ?? []),
      cluster: clusterInView(row, 'same-record'),
    }
  );
};

/** What somebody types to find a person. */
export interface PersonSearchQuery {
  readonly text: string;
  /** Default `any`: a text with a digit is tried as every kind of number, another as a name. */
  readonly by?: 'any' | 'national-id' | 'record-number' | 'name';
  /** `YYYY-MM-DD`; narrows a search by name. */
  readonly birthDate?: string;
  /** Institutions whose record numbers are meant; default all in the directory. */
  readonly issuers?: readonly string[];
  /** At most {@link SEARCH_LIMIT}. */
  readonly limit?: number;
}

const CHINESE_NUMBERS: readonly PersonIdentifierType[] = [
  'national-id',
  'hk-macao-permit',
  'taiwan-permit',
  'military-id',
  'insurance-number',
  'health-card-index',
];

const matchText = (type: PersonIdentifierType, issuer: string, number: string): string | undefined => {
  const identifier = normaliseIdentifier({ type, issuer, number });
  return identifier?.valid
    ? identifierText(identifier.type, identifier.issuer, identifier.number)
    : undefined;
};

/** Hashes of everything a bare number may be, as far as the search asks for it. */
const numberHashes = (
  keys: KeyRing,
  { text, by = 'any' }: PersonSearchQuery,
  issuers: readonly string[],
): string[] => {
  const texts: (string | undefined)[] = [];
  if (by === 'national-id') texts.push(matchText('national-id', 'CN', text));
  if (by !== 'national-id') texts.push(...issuers.map((issuer) => matchText('medical-record', issuer, text)));
  if (by === 'any') {
    texts.push(...CHINESE_NUMBERS.map((type) => matchText(type, 'CN', text)));
    const phone = normalisePhone(text);
    texts.push(phone && `phone|${phone}`);
  }
  return [...new Set(texts)].filter((one) => one !== undefined).map((one) => personHash(keys, one));
};

/**
 * Finds source records by an ID number, insurance number, record number, phone, or the exact name (in any script form).
 * Never by a part of one: partial search would let anybody browse.
 */
export const findPersons = async (
  database: Session,
  keys: KeyRing,
  query: PersonSearchQuery,
): Promise<PersonSearch> => {
  const text = query.text.trim();
  const limit = Math.min(Math.max(query.limit ?? SEARCH_LIMIT, 1), SEARCH_LIMIT);
  const byName = query.by === 'name' || ((query.by ?? 'any') === 'any' && !/\d/.test(normaliseNumber(text)));
  if (text === '') return { persons: [], more: false };
  let rows: PersonRow[];
  if (byName)
    rows = await database.run<PersonRow>(BY_NAME, [nameForm(text), query.birthDate ?? null, limit + 1]);
  else {
    const issuers =
      query.issuers ??
      (await database.run<{ code: string }>(RECORD_ISSUERS)).flatMap(({ code }) => [
        code,
        ...RECORD_SPACES.map((space) => recordIssuer(code, space)),
      ]);
    rows = await database.run<PersonRow>(BY_HASHES, [
      numberHashes(keys, { ...query, text }, issuers),
      limit + 1,
    ]);
  }
  return { persons: await summaries(database, keys, rows.slice(0, limit)), more: rows.length > limit };
};

/** A link of a cluster as the index keeps it. */
export interface PersonLink {
  readonly personId: string;
  readonly otherId: string;
  readonly grade: LinkGrade;
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly linkedAt: number;
}

/** One person with everything the index joins to him. */
export interface PersonView {
  readonly person: PersonSummary;
  readonly clusterVersion: string;
  /** All source records of the cluster, the asked one included, with the grade in its view. */
  readonly members: readonly (PersonSummary & { readonly grade: MemberGrade })[];
  readonly links: readonly PersonLink[];
}

/** Shows a person by public id with his cluster; undefined when there is none. */
export const showPerson = async (
  database: Session,
  keys: KeyRing,
  publicId: PublicId,
): Promise<PersonView | undefined> => {
  const cluster = await lookupPersonByPublicId(database, publicId);
  if (!cluster) return undefined;
  const ids = cluster.members.map(({ personId }) => personId);
  const known = await summaries(database, keys, await database.run<PersonRow>(BY_IDS, [ids]));
  const byId = new Map(known.map((summary) => [summary.personId, summary]));
  return {
    person: byId.get(cluster.personId) as PersonSummary,
    clusterVersion: cluster.clusterVersion,
    members: cluster.members.map(({ personId, grade }) => ({
      ...(byId.get(personId) as PersonSummary),
      grade,
    })),
    links: await database.run<PersonLink>(LINKS, [ids]),
  };
};

/** A pair that waits for a person's decision. */
export interface PersonReview {
  readonly publicId: PublicId;
  readonly openedAt: Instant;
  /** The rule that asked, then what it saw. */
  readonly evidence: readonly string[];
  readonly person: PersonSummary;
  readonly other: PersonSummary;
}

/** The open reviews, oldest first. */
export const openReviewsOf = async (
  database: Session,
  keys: KeyRing,
  limit = SEARCH_LIMIT,
): Promise<PersonReview[]> => {
  interface Row {
    readonly publicId: PublicId;
    readonly personId: string;
    readonly otherId: string;
    readonly evidence: readonly string[];
    readonly openedAt: number;
  }
  const rows = await database.run<Row>(REVIEWS, [limit]);
  const ids = [...new Set(rows.flatMap(({ personId, otherId }) => [personId, otherId]))];
  const known = await summaries(database, keys, await database.run<PersonRow>(BY_IDS, [ids]));
  const byId = new Map(known.map((summary) => [summary.personId, summary]));
  return rows.map((row) => ({
    publicId: row.publicId,
    openedAt: instant(row.openedAt),
    evidence: row.evidence,
    person: byId.get(row.personId) as PersonSummary,
    other: byId.get(row.otherId) as PersonSummary,
  }));
};

/** A decision by a member of staff on two source records. */
export interface StaffDecision extends LinkAuthor {
  readonly personPublicId: PublicId;
  readonly otherPublicId: PublicId;
  /** `link` joins them at `grade` (default weak: for reading, not for recognition); `part` keeps them apart. */
  readonly decision: 'link' | 'part';
  readonly grade?: LinkGrade;
}

/** Links or parts two records by public id and settles a review of the pair, in one transaction. */
export const decidePair = (
  database: Database,
  decision: StaffDecision,
): Promise<Result<LinkOutcome, PersonRefusal>> =>
  database.transaction(async (session) => {
    const ids: string[] = [];
    for (const publicId of [decision.personPublicId, decision.otherPublicId]) {
      const known = await lookupPersonByPublicId(session, publicId);
      if (!known) return fail({ code: 'PERSON_UNKNOWN' as const, place: 'publicId', detail: publicId });
      ids.push(known.personId);
    }
    const [personId = '', otherId = ''] = ids;
    const order = { ...decision, personId, otherId, cause: 'staff' as const };
    const outcome =
      decision.decision === 'link'
        ? await mergePersons(session, { ...order, grade: decision.grade ?? 'weak' })
        : await unmergePersons(session, order);
    if (!outcome.ok) return outcome;
    const state = decision.decision === 'link' ? 'linked' : 'kept-apart';
    for (const pair of [
      [personId, otherId],
      [otherId, personId],
    ])
      await session.run(SETTLE_REVIEW, [...pair, state, isoInstant(decision.at), decision.actor]);
    return ok(outcome.value);
  });
