import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyRing } from '../../src/adapters/keys/key-ring.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { applyAdmission } from '../../src/adapters/postgres/person-admission.ts';
import { resolvePerson } from '../../src/adapters/postgres/person-index.ts';
import { unmergePersons } from '../../src/adapters/postgres/person-links.ts';
import { clusterOf, lookupPerson } from '../../src/adapters/postgres/person-lookup.ts';
import {
  decidePair,
  findPersons,
  openReviewsOf,
  showPerson,
} from '../../src/adapters/postgres/person-search.ts';
import { instant } from '../../src/kernel/instant.ts';
import { uuidV7 } from '../../src/kernel/uuid.ts';
import type { IncomingAdmissionMessage, IncomingPatient, StatedIdentifier } from '../../src/person/index.ts';
import { testDatabase } from './database.ts';
import { insured, patient, record, residentNumber } from './person-fixtures.ts';

const keys = keyRing({ hashingKey: randomBytes(32), sealingKeys: [{ id: 'k1', key: randomBytes(32) }] });
const AT = instant(Date.UTC(2026, 10, 23));
const ADD_RESULT = statement(
  'test.add-result',
  `insert into outbox (person_id, topic, payload, created_at) values ($1, 'test', $2, now()) returning outbox_id`,
);
const RESULTS = statement(
  'test.results',
  `select person_id, payload from outbox where person_id = any($1::bigint[]) order by payload`,
);

let lab: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  lab = await testDatabase();
});

afterAll(() => lab.drop());

const context = (issuer: string) => ({
  issuer,
  at: AT,
  newPublicId: () => uuidV7(AT, 1, randomBytes(8)),
  sourceRef: 'test',
});

const resolve = async (stated: IncomingPatient, issuer = 'H1') => {
  const result = await lab.database.transaction((session) =>
    resolvePerson(session, keys, stated, { ...context(issuer), basis: 'report' }),
  );
  if (!result.ok) throw new Error(result.reason.code);
  return result.value;
};

const admit = (
  event: IncomingAdmissionMessage['event'],
  stated: IncomingPatient,
  mergedIdentifiers: readonly StatedIdentifier[] = [],
) =>
  lab.database.transaction((session) =>
    applyAdmission(
      session,
      keys,
      { kind: 'admission', event, patient: stated, mergedIdentifiers, sentAt: null },
      context('H1'),
    ),
  );

const membersOf = async (personId: string) =>
  (await clusterOf(lab.database, personId)).members.map((member) => member.personId);

describe('a merge message (A40)', () => {
  it('puts results of both record numbers into one view without moving any, and unmerge takes them apart again', async () => {
    const survivor = await resolve(
      patient({ identifiers: [record('H1', 'M-1')], name: '林静', birthDate: '1980-01-01' }),
    );
    const retired = await resolve(
      patient({ identifiers: [record('H1', 'M-2')], name: '林静静', birthDate: '1980-01-01' }),
    );
    await lab.database.run(ADD_RESULT, [survivor.personId, 'M-1']);
    await lab.database.run(ADD_RESULT, [retired.personId, 'M-2']);
    const both = [survivor.personId, retired.personId];
    const before = await lab.database.run(RESULTS, [both]);

    const merged = await admit(
      'A40',
      patient({ identifiers: [record('H1', 'M-1')], name: '林静', birthDate: '1980-01-01' }),
      [record('H1', 'M-2')],
    );
    expect(merged).toMatchObject({ ok: true, value: { merged: [retired.personId] } });
    expect(await membersOf(survivor.personId)).toEqual(both);
    expect((await lookupPerson(lab.database, keys, { identifiers: [record('H1', 'M-2')] }))?.members).toEqual(
      [
        { personId: retired.personId, grade: 'same-record' },
        { personId: survivor.personId, grade: 'strong' },
      ],
    );
    expect(await lab.database.run(RESULTS, [both])).toEqual(before);

    await lab.database.transaction((session) =>
      unmergePersons(session, {
        personId: survivor.personId,
        otherId: retired.personId,
        cause: 'staff',
        actor: 'test',
        reason: 'test',
        at: AT,
      }),
    );
    expect(await membersOf(survivor.personId)).toEqual([survivor.personId]);
    expect(await membersOf(retired.personId)).toEqual([retired.personId]);
    expect(await lab.database.run(RESULTS, [both])).toEqual(before);
  });

  it('repeated, or sent by several connections at once, merges once', async () => {
    const stated = patient({ identifiers: [record('H1', 'M-3')] });
    const all = await Promise.all(
      Array.from({ length: 6 }, () => admit('A40', stated, [record('H1', 'M-4')])),
    );
    const ids = all.map((result) => (result.ok ? result.value.personId : result.reason.code));
    expect(new Set(ids).size).toBe(1);
    expect(await membersOf(ids[0] as string)).toHaveLength(2);
  });

  it('lets a late message under a merged number that was never seen find the surviving person', async () => {
    await admit('A40', patient({ identifiers: [record('H1', 'M-5')] }), [record('H1', 'M-6')]);
    const late = await resolve(patient({ identifiers: [record('H1', 'M-6')] }));
    expect(late.created).toBe(false);
    expect(late.members).toHaveLength(2);
  });

  it('of records with two different valid national IDs is refused and changes nothing', async () => {
    const one = await resolve(patient({ identifiers: [record('H1', 'M-7'), residentNumber(7)] }));
    const other = await resolve(patient({ identifiers: [record('H1', 'M-8'), residentNumber(8)] }));
    const refused = await admit('A40', patient({ identifiers: [record('H1', 'M-7')] }), [
      record('H1', 'M-8'),
    ]);
    expect(refused).toMatchObject({ ok: false, reason: { code: 'PERSON_TWO_NATIONAL_IDS' } });
    expect(await membersOf(one.personId)).toEqual([one.personId]);
    expect(await membersOf(other.personId)).toEqual([other.personId]);
  });

  it('of records whose names and birth dates both differ is refused', async () => {
    await resolve(patient({ identifiers: [record('H1', 'M-9')], name: '何强', birthDate: '1950-03-03' }));
    const stated = patient({
      identifiers: [record('H1', 'M-10')],
      name: '朱丽叶',
      birthDate: '2001-09-09',
      sex: 'female',
    });
    const refused = await admit('A40', stated, [record('H1', 'M-9')]);
    expect(refused).toMatchObject({
      ok: false,
      reason: { code: 'PERSON_CONTRADICTION', place: 'mergedIdentifiers' },
    });
  });

  it('of another institution’s record number, or without one, is refused', async () => {
    const stated = patient({ identifiers: [record('H1', 'M-11')] });
    expect(await admit('A40', stated, [record('H2', 'X')])).toMatchObject({
      ok: false,
      reason: { code: 'PERSON_MERGE_FOREIGN' },
    });
    expect(await admit('A40', stated, [record('H1', 'M-11')])).toMatchObject({
      ok: false,
      reason: { code: 'PERSON_MERGE_INCOMPLETE' },
    });
  });
});

describe('staff', () => {
  it('find a person by ID number, record number, phone and by the name in any script form, masked', async () => {
    await lab.database.run(
      statement('test.institution', "insert into institutions (code) values ('H1') returning code"),
    );
    const id = residentNumber(21);
    const stated = patient({
      identifiers: [record('H1', 'F-1'), id],
      name: '張·Ｘ國榮',
      phones: ['+86 139 1111 2222'],
    });
    const { publicId } = await resolve(stated);
    for (const text of [id.number.toLowerCase(), 'F-1', '13911112222', '张X国荣']) {
      const { persons } = await findPersons(lab.database, keys, { text });
      expect(persons.map((person) => person.publicId)).toEqual([publicId]);
      expect(JSON.stringify(persons)).not.toContain(id.number);
    }
    expect((await findPersons(lab.database, keys, { text: '张' })).persons).toEqual([]);
  });

  it('settle a review by linking or parting, and see it leave the queue', async () => {
    const one = await resolve(patient({ identifiers: [record('H1', 'R-1')], name: '石磊' }));
    const other = await resolve(patient({ identifiers: [record('H2', 'R-1')], name: '石磊' }), 'H2');
    const waiting = await openReviewsOf(lab.database, keys);
    const review = waiting.find(({ person }) => person.publicId === other.publicId);
    expect(review?.other.publicId).toBe(one.publicId);
    expect(review?.evidence).toEqual(['name-and-birth-date', 'name-agrees', 'birth-date-agrees']);
    const decided = await decidePair(lab.database, {
      personPublicId: other.publicId,
      otherPublicId: one.publicId,
      decision: 'link',
      actor: 'staff:test',
      reason: 'seen both cards',
      at: AT,
    });
    expect(decided.ok).toBe(true);
    expect(
      (await openReviewsOf(lab.database, keys)).some(({ person }) => person.publicId === other.publicId),
    ).toBe(false);
    const view = await showPerson(lab.database, keys, one.publicId);
    expect(view?.members.map(({ grade }) => grade)).toEqual(['same-record', 'weak']);
    expect(view?.links).toMatchObject([{ cause: 'staff', grade: 'weak' }]);
  });
});

describe('the database', () => {
  it('holds no ID number, record number or phone in clear text in any column of any table', async () => {
    const secrets = [
      residentNumber(31).number,
      'SECRETRECORD31',
      '13987654321',
      '5399990031',
      residentNumber(32).number,
    ];
    await admit(
      'A28',
      patient({
        identifiers: [residentNumber(31), record('H1', 'SECRETRECORD31'), insured('5399990031')],
        phones: ['13987654321'],
        motherIdentifiers: [residentNumber(32)],
      }),
    );
    const COLUMNS = statement(
      'test.columns',
      `select table_name, column_name from information_schema.columns where table_schema = 'public' order by 1, 2`,
    );
    const columns = await lab.database.run<{ table_name: string; column_name: string }>(COLUMNS);
    expect(columns.length).toBeGreaterThan(100);
    for (const [index, { table_name: table, column_name: column }] of columns.entries()) {
      const scan = statement(
        `test.scan-${index}`,
        `select count(*)::integer as n from "${table}", unnest($1::text[]) as sought(words)
         where position(sought.words in "${column}"::text) > 0
            or position(encode(convert_to(sought.words, 'UTF8'), 'hex') in "${column}"::text) > 0`,
      );
      expect({ table, column, found: await lab.database.run(scan, [secrets]) }).toEqual({
        table,
        column,
        found: [{ n: 0 }],
      });
    }
  });
});
