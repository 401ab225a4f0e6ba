import { describe, expect, it } from 'vitest';
import { nationalIdProblem, usccProblem } from '../../kernel/check-digits.ts';
import { instant } from '../../kernel/instant.ts';
import type { ListContents, ListKind } from '../../recognition/index.ts';
import { compileSnapshot, manifestOf } from '../../recognition/index.ts';
import { STAFF_ROLES } from '../../organisation/index.ts';
import { readListDocument } from '../list-document-reader.ts';
import { demonstrationAccounts, demonstrationClients } from './accounts.ts';
import { demonstrationCast, orderFormOf } from './cast.ts';
import { demonstrationLists } from './lists.ts';
import { localCatalogueOf } from './local-codes.ts';
import { INSTITUTION_CODES, institutionDirectory } from './region.ts';

const now = instant(Date.UTC(2026, 10, 23, 3));
const lists = demonstrationLists(now);
const contentsOf = <Kind extends ListKind>(kind: Kind): readonly ListContents[Kind][] =>
  lists.filter((list) => list.kind === kind).map(({ content }) => content as ListContents[Kind]);

describe('the demonstration’s lists', () => {
  it('are documents that a publication would take, and compile', () => {
    for (const list of lists)
      expect(() =>
        readListDocument(JSON.parse(JSON.stringify(list)), `${list.kind} ${list.code}`),
      ).not.toThrow();
    const { manifest, documents } = manifestOf(lists);
    const snapshot = compileSnapshot(manifest, documents);
    expect(snapshot.zonesOf('YX-COUNTY', now).map(({ level }) => level)).toEqual([
      'consortium',
      'city',
      'province',
      'cross-province',
      'nation',
    ]);
  });

  it('are marked as a drill, all but the national draft, which is a draft', () => {
    for (const list of lists)
      expect(list.drill || list.status === 'draft', `${list.kind} ${list.code}`).toBe(true);
    expect(lists.filter(({ status }) => status === 'draft').map(({ code }) => code)).toEqual(['CN-DRAFT']);
  });

  it('have more than 200 items in each city and more than 300 in the province, as the guidance asks', () => {
    const counts = new Map(
      lists
        .filter(({ kind }) => kind === 'item-list')
        .map((list) => [list.code, (list.content as ListContents['item-list']).rows.length]),
    );
    expect(counts.get('WX-CITY')).toBeGreaterThan(200);
    expect(counts.get('QL-CITY')).toBeGreaterThan(200);
    expect(counts.get('YUNXIU')).toBeGreaterThan(300);
    expect(counts.get('YUNXIU-XINGHAN')).toBeGreaterThan(200);
  });

  it('give institutions of every kind credit codes that hold their check character, each its own', () => {
    const { institutions } = institutionDirectory();
    const codes = institutions.flatMap(({ identifiers }) =>
      identifiers.filter(({ type }) => type === 'uscc').map(({ value }) => value),
    );
    expect(codes).toHaveLength(INSTITUTION_CODES.length);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(usccProblem(code), code).toBeNull();
    for (const { identifiers } of institutions)
      expect(identifiers.find(({ type }) => type === 'ws218')?.value).toHaveLength(22);
    expect(new Set(institutions.map(({ kind }) => kind)).size).toBe(8);
    expect(new Set(institutions.map(({ tier }) => tier)).size).toBe(4);
  });

  it('name only items that the catalogue has, in code maps without a code twice', () => {
    const known = new Set(
      contentsOf('catalogue').flatMap(({ items }) => items.map(({ code }) => code as string)),
    );
    for (const { institution, entries } of contentsOf('code-map')) {
      expect(new Set(entries.map(({ localCode }) => localCode)).size, institution).toBe(entries.length);
      for (const { item } of entries) expect(known.has(item), item).toBe(true);
    }
    for (const { panels } of contentsOf('panels'))
      for (const { members } of panels)
        for (const { item } of members) expect(known.has(item), item).toBe(true);
  });

  it('call the same panel by one name and fill it differently: 肝功能十二项 of two hospitals, 八项 of a third', () => {
    const liverOf = (institution: 'YX-COUNTY' | 'YX-TCM' | 'YX-QINGSHI') =>
      localCatalogueOf(institution).panels.get('LIVER');
    expect(liverOf('YX-COUNTY')?.nameZh).toBe('肝功能十二项');
    expect(liverOf('YX-TCM')?.nameZh).toBe('肝功能十二项');
    expect(liverOf('YX-COUNTY')?.members).not.toEqual(liverOf('YX-TCM')?.members);
    expect(liverOf('YX-COUNTY')?.members).toHaveLength(12);
    expect(liverOf('YX-QINGSHI')?.members).toHaveLength(8);
  });

  it('hold grants that are valid, expired, revoked, and revoked for cause with effect on the past', () => {
    const grants = contentsOf('grants').flatMap((table) => table.grants);
    const today = '2026-11-23';
    expect(grants.some(({ validTo, revocation }) => validTo > today && !revocation)).toBe(true);
    expect(grants.some(({ validTo }) => validTo < today)).toBe(true);
    expect(
      grants.some(({ revocation }) => revocation && revocation.effectiveFrom === revocation.revokedOn),
    ).toBe(true);
    expect(
      grants.some(({ revocation }) => revocation && revocation.effectiveFrom < revocation.revokedOn),
    ).toBe(true);
  });
});

describe('the demonstration’s people of the stories', () => {
  it('have valid ID numbers that fit their birth date and sex, no two the same', () => {
    const people = demonstrationCast(now).map(({ person }) => person);
    const ids = people.flatMap(({ nationalId }) => (nationalId === null ? [] : [nationalId]));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { nationalId, birthDate, sex } of people) {
      if (nationalId === null) continue;
      expect(nationalIdProblem(nationalId)).toBeNull();
      expect(nationalId.slice(6, 14)).toBe(birthDate);
      expect(Number(nationalId[16]) % 2 === 1).toBe(sex === 'male');
    }
  });

  it('order only what the county hospital can order, and expect something of what they order', () => {
    for (const member of demonstrationCast(now)) {
      const items = orderFormOf(member).flatMap((line) => line.items);
      expect(items.length, member.key).toBeGreaterThan(0);
      for (const { item } of member.expected) expect(items, member.key).toContain(item);
    }
  });
});

describe('the demonstration’s sign-ins', () => {
  it('are one per role at least, the county hospital’s doctor first', () => {
    const accounts = demonstrationAccounts();
    expect(accounts[0]).toMatchObject({ role: 'doctor', institution: 'YX-COUNTY' });
    expect(new Set(accounts.map(({ role }) => role))).toEqual(new Set(STAFF_ROLES));
    expect(new Set(accounts.map(({ login }) => login)).size).toBe(accounts.length);
    expect(demonstrationClients().map(({ institution }) => institution)).toEqual(['YX-COUNTY']);
  });
});
