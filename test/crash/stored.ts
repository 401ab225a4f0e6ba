import type { Sent } from './lanes.ts';
import { queryRows, type Site } from './site.ts';

interface StoredReport {
  readonly number: string;
  readonly heads: number;
  readonly version: number;
  readonly versions: number[];
  readonly values: string[];
}

const REPORTS = `select r.report_number as number, count(*) over (partition by r.report_number)::integer as heads, r.version,
    (select array_agg(v.version order by v.version) from report_versions v
      where v.person_id = r.person_id and v.report_id = r.report_id) as versions,
    (select array_agg(t.value_text order by t.ordinal) from results t
      where t.person_id = r.person_id and t.report_id = r.report_id) as values
  from reports r`;

const MESSAGES = `select k.control_id as id, count(m.message_id)::integer as kept
  from message_keys k left join messages m
    on m.person_id = k.person_id and m.control_id = k.control_id and m.sender_id = k.sender_id
  group by k.control_id, k.sender_id, k.content_key`;

/** Rows that only half of a message could have left behind, by what they lack. */
const HALVES: Readonly<Record<string, string>> = {
  'keys without a message': `select count(*) from message_keys k where not exists (select from messages m
    where m.person_id = k.person_id and m.control_id = k.control_id and m.sender_id = k.sender_id)`,
  'messages without a key': `select count(*) from messages m where not exists (select from message_keys k
    where k.person_id = m.person_id and k.control_id = m.control_id and k.sender_id = m.sender_id)`,
  'keys without a person': `select count(*) from message_keys k where not exists (select from persons p
    where p.person_id = k.person_id)`,
  'versions without their message': `select count(*) from report_versions v where not exists (select from messages m
    where m.person_id = v.person_id and m.message_id = v.message_id)`,
  // A number that another report replaces may be known before the report itself comes in.
  'report numbers without a report': `select count(*) from report_keys k where k.replaced_by is null and not exists (select from reports r
    where r.person_id = k.person_id and r.public_id = k.report_public_id)`,
  'reports without a number': `select count(*) from reports r where not exists (select from report_keys k
    where k.person_id = r.person_id and k.report_public_id = r.public_id)`,
  'reports without their version': `select count(*) from reports r where not exists (select from report_versions v
    where v.person_id = r.person_id and v.report_id = r.report_id and v.version = r.version)`,
  'results without their report': `select count(*) from results t where not exists (select from reports r
    where r.person_id = t.person_id and r.report_id = t.report_id and r.version >= t.report_version)`,
  'persons without a key': `select count(*) from persons p where not exists (select from patient_keys k
    where k.person_id = p.person_id)`,
  'keys of nobody': `select count(*) from patient_keys k where not exists (select from persons p
    where p.person_id = k.person_id)`,
};

/** Counts what was stored by half: an empty record when nothing was. */
export const halfStored = async (site: Pick<Site, 'connectionString'>): Promise<Record<string, number>> => {
  const found: Record<string, number> = {};
  for (const [lacking, text] of Object.entries(HALVES)) {
    const [row] = await queryRows<{ count: string }>(site, text);
    if (row?.count !== '0') found[lacking] = Number(row?.count);
  }
  return found;
};

/** What must have been stored of one report: at least the acknowledged versions, at most those sent. */
interface Expected {
  readonly acknowledged: number;
  readonly valuesByVersion: readonly (readonly string[])[];
}

const expectedReports = (sent: readonly Sent[]): ReadonlyMap<string, Expected> => {
  const expected = new Map<string, Expected>();
  for (const { report, acknowledged } of sent) {
    const before = expected.get(report.reportNumber);
    expected.set(report.reportNumber, {
      acknowledged: acknowledged ? report.version : (before?.acknowledged ?? 0),
      valuesByVersion: [...(before?.valuesByVersion ?? []), report.values],
    });
  }
  return expected;
};

const wrongOfReport = (
  { number, heads, version, versions, values }: StoredReport,
  expected: Expected | undefined,
): string[] => {
  if (!expected) return [`${number}: never sent`];
  const { acknowledged, valuesByVersion } = expected;
  const wrong: string[] = [];
  if (heads !== 1) wrong.push(`${number}: ${heads} reports`);
  if (version < acknowledged || version > valuesByVersion.length)
    wrong.push(`${number}: version ${version}, acknowledged ${acknowledged}, sent ${valuesByVersion.length}`);
  if (String(versions) !== String(Array.from({ length: version }, (_, index) => index + 1)))
    wrong.push(`${number}: versions ${String(versions)} up to ${version}`);
  if (String(values) !== String(valuesByVersion[version - 1]))
    wrong.push(`${number}: values ${String(values)}`);
  return wrong;
};

/**
 * Compares the database with what its senders know: every acknowledged message is there once, with all of its results;
 * of the others each is there once or not at all; nothing is there by half.
 *
 * @returns a sentence for each thing that is wrong
 */
export const wrongOf = async (
  site: Pick<Site, 'connectionString'>,
  sent: readonly Sent[],
): Promise<readonly string[]> => {
  const wrong: string[] = Object.entries(await halfStored(site)).map(
    ([lacking, count]) => `${count} ${lacking}`,
  );
  const kept = new Map<string, number>();
  for (const { id, kept: count } of await queryRows<{ id: string; kept: number }>(site, MESSAGES)) {
    if (kept.has(id)) wrong.push(`${id}: two keys`);
    kept.set(id, count);
  }
  for (const { report, acknowledged } of sent) {
    const count = kept.get(report.controlId) ?? 0;
    if (count > 1 || (acknowledged && count === 0))
      wrong.push(`${report.controlId}: ${count} times${acknowledged ? ', acknowledged' : ''}`);
  }
  const expected = expectedReports(sent);
  const stored = await queryRows<StoredReport>(site, REPORTS);
  for (const report of stored) wrong.push(...wrongOfReport(report, expected.get(report.number)));
  const numbers = new Set(stored.map(({ number }) => number));
  for (const [number, { acknowledged }] of expected)
    if (acknowledged > 0 && !numbers.has(number)) wrong.push(`${number}: acknowledged and not there`);
  return wrong;
};
