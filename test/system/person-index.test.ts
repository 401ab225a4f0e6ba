import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyRing } from '../../src/adapters/keys/key-ring.ts';
import { type Session, statement } from '../../src/adapters/postgres/database.ts';
import { type ResolveContext, resolvePerson } from '../../src/adapters/postgres/person-index.ts';
import { clusterOf, lookupPerson } from '../../src/adapters/postgres/person-lookup.ts';
import { instant } from '../../src/kernel/instant.ts';
import { uuidV7 } from '../../src/kernel/uuid.ts';
import { testDatabase } from './database.ts';
import { insured, patient, record, residentNumber } from './person-fixtures.ts';

const keys = keyRing({ hashingKey: randomBytes(32), sealingKeys: [{ id: 'k1', key: randomBytes(32) }] });
const AT = instant(Date.UTC(2026, 10, 23));
const COUNT_PERSONS = statement('test.count-persons', 'select count(*)::integer as n from persons');
const COUNT_REVIEWS = statement('test.count-reviews', 'select count(*)::integer as n from person_reviews');

let lab: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  lab = await testDatabase();
});

afterAll(() => lab.drop());

const context = (issuer: string, over: Partial<ResolveContext> = {}): ResolveContext => ({
  issuer,
  at: AT,
  basis: 'report',
  newPublicId: () => uuidV7(AT, 1, randomBytes(8)),
  sourceRef: 'test',
  ...over,
});

const tryResolve = (stated: Parameters<typeof patient>[0], issuer: string, over?: Partial<ResolveContext>) =>
  lab.database.transaction((session) => resolvePerson(session, keys, patient(stated), context(issuer, over)));

const resolve = async (...args: Parameters<typeof tryResolve>) => {
  const result = await tryResolve(...args);
  if (!result.ok) throw new Error(result.reason.code);
  return result.value;
};

const count = async (counting: typeof COUNT_PERSONS) =>
  (await lab.database.run<{ n: number }>(counting))[0]?.n ?? Number.NaN;

/** Counts the statements that run through a session. */
const counted = (session: Session) => {
  const names: string[] = [];
  const counting: Session = {
    run: (wanted, values) => {
      names.push(wanted.name);
      return session.run(wanted, values);
    },
  };
  return { names, counting };
};

describe('a first message', () => {
  it('makes one person when twenty connections bring it at once', async () => {
    const before = await count(COUNT_PERSONS);
    const stated = { identifiers: [record('H1', 'RACE-1'), residentNumber(101)] };
    const all = await Promise.all(Array.from({ length: 20 }, () => resolve(stated, 'H1')));
    expect(new Set(all.map(({ personId }) => personId)).size).toBe(1);
    expect(all.filter(({ created }) => created)).toHaveLength(1);
    expect(await count(COUNT_PERSONS)).toBe(before + 1);
  });

  it('links the records of one person that arrive at ten institutions at once into one cluster', async () => {
    const institutions = Array.from({ length: 10 }, (_, index) => `H${index}`);
    const all = await Promise.all(
      institutions.map((issuer) =>
        resolve({ identifiers: [record(issuer, 'RACE-2'), residentNumber(102)] }, issuer),
      ),
    );
    const ids = all.map(({ personId }) => personId).sort();
    expect(new Set(ids).size).toBe(10);
    for (const personId of ids) {
      const { members } = await clusterOf(lab.database, personId);
      expect(members.map((member) => member.personId).sort()).toEqual(ids);
      expect(members.filter(({ grade }) => grade === 'strong')).toHaveLength(9);
    }
  });

  it('is refused when it states no usable identifier', async () => {
    const broken = { type: 'national-id' as const, issuer: 'CN', number: '11010519491231002Y' };
    const nobody = await tryResolve({ identifiers: [] }, 'H1');
    const failing = await tryResolve({ identifiers: [broken] }, 'H1');
    expect(nobody).toMatchObject({
      ok: false,
      reason: { code: 'PERSON_UNIDENTIFIED', detail: 'no-identifier' },
    });
    expect(failing).toMatchObject({
      ok: false,
      reason: { code: 'PERSON_UNIDENTIFIED', detail: 'no-valid-identifier' },
    });
  });

  it('is taken for a person without any Chinese document', async () => {
    const passport = { type: 'passport' as const, issuer: 'DEU', number: 'c01x0006h' };
    const one = await resolve(
      { identifiers: [passport], name: 'Müller Anna', birthDate: '1984-02-29' },
      'H1',
    );
    const again = await resolve(
      { identifiers: [passport], name: 'Müller Anna', birthDate: '1984-02-29' },
      'H1',
    );
    const elsewhere = await resolve(
      { identifiers: [passport], name: 'ANNA MÜLLER', birthDate: '1984-02-29' },
      'H2',
    );
    expect(again.personId).toBe(one.personId);
    expect(elsewhere.members).toHaveLength(2);
  });
});

describe('a known record number', () => {
  it('is one read when the message brings nothing new', async () => {
    const stated = patient({ identifiers: [record('H1', 'FAST-1'), residentNumber(110)] });
    await resolve(stated, 'H1');
    const { names, counting } = counted(lab.database);
    await resolvePerson(counting, keys, stated, context('H1'));
    expect(names).toEqual(['person.by-patient-key']);
  });

  it('with another valid national ID is refused as a result of two people, and nothing is written', async () => {
    const known = await resolve({ identifiers: [record('H1', 'TWO-1'), residentNumber(111)] }, 'H1');
    const refused = await tryResolve({ identifiers: [record('H1', 'TWO-1'), residentNumber(112)] }, 'H1');
    expect(refused).toMatchObject({
      ok: false,
      reason: { code: 'PERSON_CONTRADICTION', detail: 'national-id-differs' },
    });
    expect(await lookupPerson(lab.database, keys, { identifiers: [residentNumber(112)] })).toBeUndefined();
    expect((await resolve({ identifiers: [record('H1', 'TWO-1')] }, 'H1')).personId).toBe(known.personId);
  });

  it('with a name, birth date and sex that all differ is refused', async () => {
    await resolve(
      { identifiers: [record('H1', 'TWO-2')], name: '王芳', sex: 'female', birthDate: '1985-07-12' },
      'H1',
    );
    const other = {
      identifiers: [record('H1', 'TWO-2')],
      name: '刘建国',
      sex: 'male' as const,
      birthDate: '1950-01-30',
    };
    expect(await tryResolve(other, 'H1')).toMatchObject({
      ok: false,
      reason: { code: 'PERSON_CONTRADICTION' },
    });
  });

  it('does not take the newborn under the mother’s number for the mother', async () => {
    const mother = {
      identifiers: [record('H1', 'MUM-1'), residentNumber(113)],
      name: '赵霞',
      birthDate: '1990-05-05',
    };
    await resolve(mother, 'H1');
    const child = { identifiers: [record('H1', 'MUM-1')], name: '赵霞之子', birthDate: '2026-11-01' };
    expect(await tryResolve(child, 'H1')).toMatchObject({
      ok: false,
      reason: { code: 'PERSON_CONTRADICTION', detail: 'newborn-under-mothers-record' },
    });
  });

  it('keeps rare characters exactly as they came', async () => {
    const name = '龚\u{20BB7}䶮';
    await resolve({ identifiers: [record('H1', 'RARE-1')], name }, 'H1');
    const NAMES = statement('test.names', 'select name from persons where name_form = $1');
    expect(await lab.database.run(NAMES, ['龚\u{20BB7}䶮'])).toEqual([{ name }]);
  });

  it('takes demographics from the admission message stated last, whatever order they arrive in', async () => {
    const stated = (name: string) => ({
      identifiers: [record('H1', 'A08-1')],
      name,
      birthDate: '1970-01-02',
    });
    const admission = (day: number) => ({
      basis: 'admission' as const,
      statedAt: instant(AT + day * 86_400_000),
    });
    const { personId } = await resolve(stated('李娜'), 'H1', admission(1));
    await resolve(stated('李娜娜'), 'H1', admission(3));
    await resolve(stated('李丽'), 'H1', admission(2));
    await resolve(stated('李报告'), 'H1', { statedAt: instant(AT + 9 * 86_400_000) });
    const NAME = statement('test.name', 'select name from persons where person_id = $1');
    expect(await lab.database.run(NAME, [personId])).toEqual([{ name: '李娜娜' }]);
  });
});

describe('matching', () => {
  it('never links by name and birth date alone, but asks a person', async () => {
    const stated = { name: '张伟', birthDate: '1988-08-08', sex: 'male' as const, phones: [] };
    const one = await resolve({ ...stated, identifiers: [record('H1', 'NB-1')] }, 'H1');
    const other = await resolve({ ...stated, identifiers: [record('H2', 'NB-1')] }, 'H2');
    expect(one.members).toHaveLength(1);
    expect(other).toMatchObject({ linked: 0, reviews: 1 });
    expect(other.members).toHaveLength(1);
  });

  it('links twins with neighbouring national IDs to nobody but themselves', async () => {
    const twin = (given: string, sequence: number, at: string) => ({
      name: `谢文${given}`,
      birthDate: '1990-01-01',
      identifiers: [record(at, `TW-${sequence}`), residentNumber(sequence)],
      phones: ['13912345678'],
      address: '甲市中区人民路90号11栋2603',
    });
    const first = await resolve(twin('钧', 120, 'H1'), 'H1');
    const second = await resolve(twin('钦', 122, 'H2'), 'H2');
    expect(first.members).toHaveLength(1);
    expect(second.members).toHaveLength(1);
  });

  it('parts a record that learns a national ID other than its cluster’s, and asks a person', async () => {
    const stated = { name: '陈晨', birthDate: '1990-01-01', sex: 'male' as const };
    const card = insured('5300001');
    const one = await resolve(
      { ...stated, identifiers: [record('H1', 'LEARN'), card, residentNumber(130)] },
      'H1',
    );
    const other = await resolve({ ...stated, identifiers: [record('H2', 'LEARN'), card] }, 'H2');
    expect(other.members).toHaveLength(2);
    const reviews = await count(COUNT_REVIEWS);
    const after = await resolve(
      { ...stated, identifiers: [record('H2', 'LEARN'), card, residentNumber(131)] },
      'H2',
    );
    expect(after.members).toHaveLength(1);
    expect((await clusterOf(lab.database, one.personId)).members).toHaveLength(1);
    expect(await count(COUNT_REVIEWS)).toBeGreaterThan(reviews);
  });

  it('never links the anonymous, whatever they carry', async () => {
    const card = insured('5300002');
    await resolve({ identifiers: [record('H1', 'ANON'), card], name: '王明', birthDate: '1960-06-06' }, 'H1');
    const unknown = await resolve(
      { identifiers: [record('H2', 'ANON'), card], name: '无名氏', birthDate: null },
      'H2',
    );
    expect(unknown).toMatchObject({ linked: 0, reviews: 1 });
  });
});

describe('a lookup', () => {
  it('by record number, with a document beside it, is one statement and gives every member with its grade', async () => {
    const id = residentNumber(140);
    const one = await resolve({ identifiers: [record('H1', 'LOOK'), id] }, 'H1');
    const other = await resolve({ identifiers: [record('H2', 'LOOK'), id] }, 'H2');
    const { names, counting } = counted(lab.database);
    const found = await lookupPerson(counting, keys, { identifiers: [record('H1', 'LOOK'), id] });
    expect(names).toEqual(['person.by-either']);
    expect(found).toMatchObject({ personId: one.personId, publicId: one.publicId, grade: 'same-record' });
    expect(found?.members).toEqual([
      { personId: one.personId, grade: 'same-record' },
      { personId: other.personId, grade: 'strong' },
    ]);
    expect(BigInt(found?.clusterVersion ?? 0)).toBeGreaterThan(0n);
  });

  it('by several record numbers is one statement while they lead to one person, and the first known is the person', async () => {
    const id = residentNumber(145);
    const one = await resolve({ identifiers: [record('H1', 'LOOK-5'), id] }, 'H1');
    const other = await resolve({ identifiers: [record('H2', 'LOOK-5'), id] }, 'H2');
    const { names, counting } = counted(lab.database);
    await lookupPerson(counting, keys, { identifiers: [record('H1', 'NOT-THERE'), record('H2', 'LOOK-5')] });
    expect(names).toEqual(['person.by-records']);
    const found = await lookupPerson(lab.database, keys, {
      identifiers: [id, record('H1', 'NOT-THERE'), record('H2', 'LOOK-5'), record('H1', 'LOOK-5')],
    });
    expect(found).toMatchObject({ personId: other.personId, grade: 'same-record' });
    expect(found?.members.map(({ personId }) => personId)).toEqual([other.personId, one.personId]);
  });

  it('by national ID is strong with name and birth date, weak without them', async () => {
    const id = residentNumber(141);
    await resolve({ identifiers: [record('H1', 'LOOK-2'), id] }, 'H1');
    const confirmation = { name: '周明轩', birthDate: '1990-01-01' };
    expect((await lookupPerson(lab.database, keys, { identifiers: [id] }))?.grade).toBe('weak');
    expect((await lookupPerson(lab.database, keys, { identifiers: [id], ...confirmation }))?.grade).toBe(
      'strong',
    );
  });

  it('refuses a record number and a national ID of different people instead of finding nothing', async () => {
    await resolve({ identifiers: [record('H1', 'LOOK-3'), residentNumber(142)] }, 'H1');
    const asked = lookupPerson(lab.database, keys, {
      identifiers: [record('H1', 'LOOK-3'), residentNumber(143)],
    });
    await expect(asked).rejects.toMatchObject({ code: 'PERSON_CONTRADICTION' });
  });

  it('refuses a child asked for by the mother’s national ID', async () => {
    const id = residentNumber(144);
    await resolve({ identifiers: [record('H1', 'LOOK-4'), id] }, 'H1');
    const child = { name: '孙小小', birthDate: '2024-04-04' };
    const asked = lookupPerson(lab.database, keys, { identifiers: [id], ...child });
    await expect(asked).rejects.toMatchObject({ code: 'PERSON_CONTRADICTION' });
  });

  it('knows nobody by a number it never saw', async () => {
    expect(await lookupPerson(lab.database, keys, { identifiers: [record('H1', 'NEVER')] })).toBeUndefined();
  });
});
