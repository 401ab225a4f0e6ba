import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import type { Actor } from '../../src/apps/server/flows-port.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { type History, readHistory } from '../../src/web/kit/history.ts';
import { resultHistoryShape } from '../../src/web/wire/result-history.ts';
import { doctorOf, memberOf, type RegionBench, regionBench } from './region-bench.ts';

let bench: RegionBench;
beforeAll(async () => {
  bench = await regionBench();
});
afterAll(() => bench.drop());

const personOf = async (key: string, reader: Actor = bench.doctor): Promise<PublicId> => {
  const found = await bench.flows.searchPersons(
    reader,
    { by: 'national-id', text: memberOf(bench, key).person.nationalId ?? '' },
    bench.origin,
  );
  if (!found.ok) throw found.reason;
  return found.value.persons[0]?.person as PublicId;
};

const historyOf = async (key: string, reader: Actor = bench.doctor): Promise<History> => {
  const read = await bench.flows.resultHistory(reader, await personOf(key, reader), bench.origin);
  if (!read.ok) throw read.reason;
  return readHistory(resultHistoryShape.parse(read.value));
};

const itemIn = (history: History, code: string) => {
  const item = history.sections.flatMap(({ items }) => items).find((each) => each.code === code);
  if (!item) throw new RangeError(`no ${code} in this history`);
  return item;
};

const AUDITED = statement(
  'test.audited-histories',
  "select actor, institution_id, purpose, basis, outcome from audit_events where action = 'results.read' and resource = $1",
);

describe('the history of a person', () => {
  it('puts the creatinine of three hospitals on one curve, in one unit, each with its own interval', async () => {
    const history = await historyOf('three-hospitals');
    const { points, unit } = itemIn(history, 'LC-CREA');
    expect(unit).toBe('μmol/L');
    const places = points.map(({ report }) => history.reports[report]);
    expect(new Set(places.map((report) => report?.institution)).size).toBe(3);
    expect(new Set(points.map(({ curve }) => curve))).toEqual(new Set([0]));
    const [converted] = points.filter((point) => point.converted);
    expect(converted?.unit).toBe('mg/dL');
    expect(converted?.value).toBeCloseTo(Number(converted?.text) * 88.4, 0);
    expect(converted?.high).toBeGreaterThan(80);
    expect(
      points.filter((point) => !point.converted).every(({ text, value }) => Number(text) === value),
    ).toBe(true);
    const moments = places.map((report) => report?.anchorAt ?? '');
    expect(moments).toEqual(moments.toSorted().toReversed());
    expect(points.every(({ marks }) => Array.isArray(marks))).toBe(true);
    expect(points.some(({ marks }) => marks.includes('望溪HR'))).toBe(true);
  });

  it('joins no tumour marker of one platform to that of another, and claims no change between them', async () => {
    const history = await historyOf('three-hospitals');
    const { points, comparability } = itemIn(history, 'LI-AFP');
    expect(comparability).toBe('C');
    expect(points).toHaveLength(3);
    const [newest, other, oldest] = points;
    expect(newest?.curve).toBe(oldest?.curve);
    expect(other?.curve).not.toBe(newest?.curve);
    expect(other?.change).toBeNull();
    expect(newest?.change?.difference).toBeCloseTo((newest?.value ?? 0) - (oldest?.value ?? 0), 9);
  });

  it('keeps the words of the report, the order of its sections and own apart from outside', async () => {
    const history = await historyOf('three-hospitals');
    const names = history.sections.map(({ name }) => name.zh);
    expect(names.indexOf('血常规')).toBe(0);
    expect(names.indexOf('肾功能')).toBeLessThan(names.indexOf('肿瘤标志物'));
    expect(history.institutions.filter(({ own }) => own).map(({ code }) => code)).toEqual(['YX-COUNTY']);
    expect(itemIn(history, 'LC-CREA').initials).toBe('jg');
    expect(history.complete).toBe(true);
  });

  it('lists examinations apart, with findings apart from the impression', async () => {
    const { examinations, reports, sections } = await historyOf('three-hospitals');
    expect(examinations.map(({ list }) => list)).toEqual(['electrocardiogram', 'imaging']);
    const [, ultrasound] = examinations;
    expect(ultrasound?.findings).not.toBe(ultrasound?.impression);
    expect(ultrasound?.impression).toBeTruthy();
    expect(reports[ultrasound?.report ?? -1]?.kind).toBe('imaging');
    expect(sections.flatMap(({ items }) => items).some(({ code }) => code.startsWith('US-'))).toBe(false);
  });

  it('shows what a corrected value was before, and a withdrawn report as withdrawn', async () => {
    const corrected = itemIn(await historyOf('corrected'), 'LC-CREA').points[0];
    expect(corrected?.standing).toBe('corrected');
    expect(corrected?.previous).not.toBeNull();
    expect(Number(corrected?.text)).toBe(Math.round(Number(corrected?.previous) * 1.3));
    const { examinations, reports } = await historyOf('withdrawn');
    expect(examinations.map(({ standing }) => standing)).toEqual(['withdrawn']);
    expect(reports[0]?.standing).toBe('withdrawn');
  });

  it('gives values that wait for their mapping a line of their own', async () => {
    const history = await historyOf('unmapped');
    const waiting = history.sections.flatMap(({ items }) => items).filter(({ mapped }) => !mapped);
    expect(waiting.map(({ nameZh }) => nameZh)).toContain('胆碱酯酶');
  });

  it('leaves no trace of restricted results of another institution, and shows the own ones', async () => {
    const codesFor = async (reader: Actor) =>
      (await historyOf('pre-operative', reader)).sections.flatMap(({ items }) =>
        items.map(({ code }) => code),
      );
    const outside = await codesFor(bench.doctor);
    expect(outside).toContain('LI-HBSAG');
    expect(outside).not.toContain('LI-HIV');
    expect(await codesFor(doctorOf('WX-CENTRAL'))).toContain('LI-HIV');
  });

  it('shows nothing of somebody of the same name and birth date', async () => {
    const [one, other] = await Promise.all([historyOf('namesake-one'), historyOf('namesake-two')]);
    const shared = one.reports.filter(({ id }) => other.reports.some((each) => each.id === id));
    expect(shared).toEqual([]);
    expect(() => itemIn(other, 'LC-TC')).toThrow(RangeError);
  });

  it('is written into the log of whoever is read', async () => {
    const person = await personOf('child');
    const before = await bench.opened.database.run(AUDITED, [`person/${person}/results`]);
    await bench.flows.resultHistory(bench.doctor, person, bench.origin);
    const after = await bench.opened.database.run(AUDITED, [`person/${person}/results`]);
    expect(after).toHaveLength(before.length + 1);
    expect(after.at(-1)).toMatchObject({
      actor: 'staff:doctor',
      purpose: 'treatment',
      basis: 'assumed-by-policy',
      outcome: 'disclosed',
    });
  });

  it('of nobody known is refused', async () => {
    const nobody = '01930000-0000-7000-8000-000000000000' as PublicId;
    const read = await bench.flows.resultHistory(bench.doctor, nobody, bench.origin);
    expect(read).toMatchObject({ ok: false, reason: { code: 'PERSON_NOT_FOUND' } });
  });
});
