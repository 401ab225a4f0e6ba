import { describe, expect, it } from 'vitest';
import {
  compiled,
  exampleDocuments,
  listDocument,
  listRow,
  moment,
  NOW,
  withChanged,
} from '../../test/example-region.ts';
import type { ListDocument } from './list-document.ts';
import type { PrivacyPolicy } from './privacy-policy.ts';
import { compileSnapshot, manifestOf, snapshotId } from './snapshot.ts';

const windowOf = (documents: readonly ListDocument[], at = NOW): unknown =>
  compiled(documents)
    .rulesAt(at)
    .pairOf('JIANG-1' as never, 'JIANG-2' as never)
    .zones.find(({ zone }) => zone.code === 'E')
    ?.listedItem('LC-K' as never)?.row.window;

const version = (name: string, days: number, over: Partial<ListDocument<'item-list'>>): ListDocument =>
  listDocument(
    'item-list',
    'E',
    { zone: 'E' as never, qualityBases: ['hr-grant'], coverage: 'listed', rows: [listRow('LC-K', days)] },
    { version: name, ...over },
  );
const days = (n: number) => ({ unit: 'civilDays', n, zone: 'Asia/Shanghai' });

describe('the identity of a snapshot', () => {
  const { manifest } = manifestOf(exampleDocuments());

  it('does not depend on the order of its entries', () => {
    expect(snapshotId({ entries: manifest.entries.toReversed() })).toBe(snapshotId(manifest));
  });

  it('is another one as soon as a single list differs', () => {
    const changed = manifestOf(
      withChanged('policy', 'CN', (list) => ({ ...list, authorityZh: '另一机关' })),
    ).manifest;
    expect(snapshotId(changed)).not.toBe(snapshotId(manifest));
  });
});

describe('compiling a snapshot', () => {
  const { manifest, documents } = manifestOf(exampleDocuments());

  it('names the list that is missing', () => {
    const without = new Map([...documents].filter(([, { kind }]) => kind !== 'policy'));
    expect(() => compileSnapshot(manifest, without)).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_DOCUMENT_MISSING', place: 'policy CN 2026' }),
    );
  });

  it('refuses a list whose content is not what was published', () => {
    const altered = new Map(
      [...documents].map(([hash, document]) => [
        hash,
        document.kind === 'policy' ? { ...document, drill: true } : document,
      ]),
    );
    expect(() => compileSnapshot(manifest, altered)).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_DOCUMENT_ALTERED', place: 'policy CN 2026' }),
    );
  });
});

describe('of several versions of one list', () => {
  it('the one counts that began last, from the first moment of its day in China', () => {
    const documents = [...exampleDocuments(), version('2027', 30, { effectiveFrom: '2026-12-01' })];
    expect(windowOf(documents, moment('2026-11-30 23:59'))).toEqual(days(7));
    expect(windowOf(documents, moment('2026-12-01 00:00'))).toEqual(days(30));
  });

  it('one that has ended gives way to the one before it', () => {
    const documents = [
      ...exampleDocuments(),
      version('trial', 30, { effectiveFrom: '2026-11-01', effectiveTo: '2026-11-20' }),
    ];
    expect(windowOf(documents, moment('2026-11-19 23:59'))).toEqual(days(30));
    expect(windowOf(documents, moment('2026-11-20 00:00'))).toEqual(days(7));
  });

  it('a draft never takes the place of a published one', () => {
    expect(
      windowOf([
        ...exampleDocuments(),
        version('2027-draft', 30, { status: 'draft', effectiveFrom: '2026-11-01' }),
      ]),
    ).toEqual(days(7));
  });

  it('none counts before the first begins', () => {
    expect(windowOf(exampleDocuments(), moment('2025-12-31 23:59'))).toBeUndefined();
  });
});

describe('what rules at a moment', () => {
  const snapshot = compiled(exampleDocuments());

  it('answers by code', () => {
    expect(snapshot.itemOf('LC-K', NOW)?.nameZh).toBe('钾');
    expect(snapshot.institutionOf('JIANG-1', NOW)?.nameZh).toBe('江城第一医院');
    expect(snapshot.zonesOf('JIANG-1', NOW).map(({ code }) => code)).toEqual(['JIANG', 'E']);
    expect(snapshot.codeMapOf('JIANG-2', NOW).get('K01')?.item).toBe('LC-K');
    expect(snapshot.panelOf('JIANG-2', 'GN', NOW)?.members).toHaveLength(2);
    expect(snapshot.policyOf('JIANG-2', NOW).repeatReminderCivilDays).toBe(90);
  });

  it('answers with nothing for codes that nobody knows', () => {
    expect(snapshot.itemOf('X', NOW)).toBeUndefined();
    expect(snapshot.institutionOf('X', NOW)).toBeUndefined();
    expect(snapshot.zonesOf('X', NOW)).toEqual([]);
    expect(snapshot.codeMapOf('X', NOW).size).toBe(0);
    expect(snapshot.panelOf('X', 'GN', NOW)).toBeUndefined();
  });

  it('takes the policy of the narrowest zone that has one', () => {
    const city = compiled([
      ...exampleDocuments(),
      listDocument('policy', 'JIANG', {
        zone: 'JIANG' as never,
        repeatReminderCivilDays: 30,
        consent: 'assumed-by-policy',
        silentEncounterClasses: [],
        otherReasonMinimum: 10,
      }),
    ]);
    expect(city.policyOf('JIANG-2', NOW).repeatReminderCivilDays).toBe(30);
    expect(city.policyOf('COUNTY', NOW).repeatReminderCivilDays).toBe(90);
  });

  it('fills an older policy with the shipped one where it says nothing of privacy, and says whose decision it is', () => {
    const own: PrivacyPolicy = {
      emergencyMinutes: 30,
      reviewDays: 5,
      namesStaffToPatients: true,
      rules: [{ kind: 'bulk', persons: 10, windowMinutes: 15 }],
    };
    const policy = {
      repeatReminderCivilDays: 30,
      consent: 'required',
      silentEncounterClasses: [],
      otherReasonMinimum: 10,
    } as const;
    const stated = compiled([
      listDocument('policy', 'CN', policy),
      listDocument('policy', 'JIANG', { ...policy, zone: 'JIANG' as never, privacy: own }),
      ...exampleDocuments().filter(({ kind }) => kind !== 'policy'),
    ]).rulesAt(NOW);
    const older = stated.policyOf('COUNTY');
    expect(older).toMatchObject({ consent: 'required', spokenConsentHours: 24 });
    expect(older.privacy).toMatchObject({ emergencyMinutes: 60, reviewDays: 3 });
    expect(older.privacyBy).toMatchObject({ code: 'default', isShipped: true });
    const city = stated.policyOf('JIANG-2');
    expect(city.privacy).toEqual(own);
    expect(city.privacyBy).toMatchObject({ code: 'JIANG', isShipped: false, sources: [] });
    expect(stated.policyOf(null)).toBe(older);
  });

  it('knows the national six and the machine’s sub-reasons without any list of reasons', () => {
    const { reasons } = snapshot.rulesAt(NOW);
    expect(reasons.national.map(({ code }) => code)).toEqual(['N1', 'N2', 'N3', 'N4', 'N5', 'N6']);
    expect(reasons.subReasons).toHaveLength(11);
  });
});
