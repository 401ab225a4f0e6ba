import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { publishLists, snapshotSource } from '../../src/adapters/postgres/lists.ts';
import { lookupPerson } from '../../src/adapters/postgres/person-lookup.ts';
import { type BulkOutcome, fillInBulk } from '../../src/apps/demonstration/bulk.ts';
import { bulkPatient } from '../../src/apps/demonstration/bulk-people.ts';
import { demonstrationLists } from '../../src/apps/demonstration/lists.ts';
import { demonstrationSenders } from '../../src/apps/demonstration/senders.ts';
import { findCandidates } from '../../src/apps/flows/checks/candidates.ts';
import { registerHl7Sender } from '../../src/apps/flows/ingest/ingest-senders.ts';
import type { ItemCode } from '../../src/catalogue/index.ts';
import { nationalIdProblem } from '../../src/kernel/check-digits.ts';
import { DAY_MS, instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { testKeys } from './ingest-fixtures.ts';

const now = instant(Date.UTC(2026, 10, 23, 3));
const HOME = 'YX-COUNTY' as InstitutionCode;
const WANTED = 20_000;
const INDEXES = statement(
  'test.indexes',
  "select indexdef from pg_indexes where tablename = 'results' order by indexname",
);

let opened: TestDatabase;
let outcome: BulkOutcome;
let indexesBefore: readonly { indexdef: string }[];

const rows = <Row>(name: string, text: string): Promise<Row[]> =>
  opened.database.run<Row>(statement(`test.${name}`, text));

beforeAll(async () => {
  opened = await testDatabase();
  const { database } = opened;
  await publishLists(database, [...demonstrationLists(now)], { by: 'test', at: now, reason: 'test' });
  for (const sender of demonstrationSenders())
    await registerHl7Sender(database, {
      ...sender,
      institution: sender.institution as string as InstitutionCode,
    });
  indexesBefore = await database.run(INDEXES);
  const { snapshot } = await snapshotSource(database).current();
  outcome = await fillInBulk(database, testKeys, { results: WANTED, now, snapshot });
});

afterAll(() => opened.drop());

describe('a database filled in bulk', () => {
  it('holds about as many results as wanted, and exactly as many as it says', async () => {
    const [counted] = await rows<{ persons: string; reports: string; results: string }>(
      'counts',
      'select (select count(*) from results) as results, (select count(*) from reports) as reports, (select count(distinct person_id) from results) as persons',
    );
    expect(Number(counted?.results)).toBe(outcome.results);
    expect(Number(counted?.reports)).toBe(outcome.reports);
    expect(Number(counted?.persons)).toBe(outcome.persons);
    expect(outcome.results / WANTED).toBeGreaterThan(0.9);
    expect(outcome.results / WANTED).toBeLessThan(1.1);
  });

  it('has every report with a version, a key and results, and no result without its report', async () => {
    const orphans = await rows<{ kind: string }>(
      'orphans',
      `select 'report without version' as kind from reports r where not exists (select from report_versions v where v.person_id = r.person_id and v.report_id = r.report_id)
       union all select 'report without key' from reports r where not exists (select from report_keys k where k.report_number = r.report_number and k.institution_id = r.institution_id)
       union all select 'report without result' from reports r where not exists (select from results s where s.person_id = r.person_id and s.report_id = r.report_id)
       union all select 'result without report' from results s where not exists (select from reports r where r.person_id = s.person_id and r.report_id = s.report_id)`,
    );
    expect(orphans).toEqual([]);
  });

  it('spreads over hundreds of items, a few of them most often, and over two years up to yesterday', async () => {
    const items = await rows<{ count: string }>(
      'items',
      'select count(*) as count from results group by item_id order by 1 desc',
    );
    expect(items.length).toBeGreaterThan(400);
    const total = items.reduce((sum, { count }) => sum + Number(count), 0);
    const top = items.slice(0, 50).reduce((sum, { count }) => sum + Number(count), 0);
    expect(top / total).toBeGreaterThan(0.4);
    const [span] = await rows<{ first: number; last: number }>(
      'span',
      'select min(collected_at) as first, max(collected_at) as last from results',
    );
    expect(now - (span?.last ?? 0)).toBeGreaterThan(0.9 * DAY_MS);
    expect(now - (span?.last ?? 0)).toBeLessThan(3 * DAY_MS);
    expect(now - (span?.first ?? 0)).toBeGreaterThan(600 * DAY_MS);
    expect(now - (span?.first ?? 0)).toBeLessThan(731 * DAY_MS);
  });

  it('lets every person be found by ID number, name and birth date, and over the link from the county hospital’s record', async () => {
    for (const place of [0, 1, 2, 37, outcome.persons - 1]) {
      const { nationalId, name, birthDate, sex, record, homeRecord } = bulkPatient(place);
      expect(nationalIdProblem(nationalId)).toBeNull();
      const identifiers = [{ type: 'national-id' as const, issuer: 'CN', number: nationalId }];
      const found = await lookupPerson(opened.database, testKeys, { identifiers, name, birthDate, sex });
      expect(found?.grade).toBe('strong');
      const byRecord = await lookupPerson(opened.database, testKeys, {
        identifiers: [{ type: 'medical-record', ...record }],
      });
      expect(byRecord?.grade).toBe('same-record');
      expect(byRecord?.members.length).toBe(homeRecord === null ? 1 : 2);
      if (homeRecord === null) continue;
      const athome = await lookupPerson(opened.database, testKeys, {
        identifiers: [{ type: 'medical-record', ...homeRecord }],
      });
      expect(athome?.members.map(({ personId }) => personId)).toContain(byRecord?.personId);
    }
  });

  it('answers an order at the county hospital with candidates of another hospital', async () => {
    const ruling = await snapshotSource(opened.database).current();
    const items = ['LH-WBC', 'LH-HGB', 'LC-ALT'] as unknown as ItemCode[];
    let candidates = 0;
    for (let place = 1; place < 40; place += 2) {
      const { homeRecord } = bulkPatient(place);
      if (!homeRecord) continue;
      const person = await lookupPerson(opened.database, testKeys, {
        identifiers: [{ type: 'medical-record', ...homeRecord }],
      });
      if (!person) throw new Error(`nobody at place ${place}`);
      const { facts } = await findCandidates(
        opened.database,
        ruling,
        person,
        HOME,
        { items, toldUnlessRefused: items },
        now,
        async () => ({ disputed: new Set(), consent: { acts: [] }, mayBeTold: null }),
      );
      candidates += facts.length;
    }
    expect(candidates).toBeGreaterThan(10);
  });

  it('leaves the indexes as the migrations made them', async () => {
    expect(await opened.database.run(INDEXES)).toEqual(indexesBefore);
  });

  it('leaves room for what arrives afterwards', async () => {
    const [next] = await rows<{ person: string; report: string }>(
      'next',
      "select nextval(pg_get_serial_sequence('persons', 'person_id')) > (select max(person_id) from persons) as person, nextval(pg_get_serial_sequence('reports', 'report_id')) > (select max(report_id) from reports) as report",
    );
    expect(next).toEqual({ person: true, report: true });
  });
});

describe('people of the bulk', () => {
  it('have ID numbers of their own, also beyond a million', () => {
    const seen = new Set<string>();
    for (let place = 0; place < 3000; place++)
      for (const offset of [0, 500_000, 31_000 * 497 * 2]) seen.add(bulkPatient(place + offset).nationalId);
    expect(seen.size).toBe(9000);
  });
});
