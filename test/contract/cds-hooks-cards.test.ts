import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Card } from '../../src/adapters/cds-hooks/card-shapes.ts';
import { ITEM_CODE_SYSTEM } from '../../src/adapters/cds-hooks/read-orders.ts';
import { orderFormOf } from '../../src/apps/demonstration/cast.ts';
import { REASON_SYSTEM } from '../../src/apps/flows/cds-hooks/cds-cards.ts';
import { type CdsBench, cdsBench, sourceOf } from './cds-hooks-bench.ts';
import { draftOrder, hookBody, ORDER_CODES } from './cds-hooks-caller.ts';

/** Checklist items 29, 30, 31 and 36: what a card is and what its suggestion would do. */
let bench: CdsBench;

beforeAll(async () => {
  bench = await cdsBench();
});
afterAll(() => bench?.stop());

const asking = (cards: readonly Card[]): readonly Card[] => cards.filter(({ suggestions }) => suggestions);
const select = (drafts: readonly Record<string, unknown>[], over: object = {}) =>
  bench.post(
    bench.service('order-select'),
    hookBody('order-select', 'p-child', drafts, {
      prefetch: { patient: bench.patientOf('child').resource },
      ...over,
    }),
  );

describe('29. an order of which nothing is chosen yet', () => {
  it.each([
    ['a coding without any content', { coding: [{}] }],
    ['no coding', { coding: [] }],
    ['an empty concept', {}],
    ['no concept at all', undefined],
  ])('is answered with no cards: %s', async (_what, code) => {
    const { status, body } = await select([draftOrder('o1', 'p-child', 'X', { code })]);
    expect(status).toBe(200);
    expect(body).toEqual({ cards: [] });
  });

  it('needs no patient either: nothing is missing where nothing is ordered', async () => {
    const { status, body } = await select([draftOrder('o1', 'p-child', 'X', { code: { coding: [{}] } })], {
      prefetch: {},
    });
    expect(status).toBe(200);
    expect(body).toEqual({ cards: [] });
  });

  it('is not confused with one whose code cannot be read: that was not checked, and says so', async () => {
    for (const code of ['CT', { coding: 'CT' }, { coding: [{ display: 'CT' }] }, { text: '胸部CT' }, 7]) {
      const { status, cards } = await select([draftOrder('o1', 'p-child', 'X', { code })]);
      expect(status, JSON.stringify(code)).toBe(200);
      expect(cards, JSON.stringify(code)).toHaveLength(1);
      expect(cards[0]?.summary, JSON.stringify(code)).toContain('1 项本次未核查');
    }
  });
});

describe('30. every card', () => {
  const members = [
    'child',
    'liver-panel',
    'potassium-five',
    'potassium-eight',
    'cross-province',
    'suspended',
    'withdrawn',
    'corrected',
    'preliminary',
    'own-institution',
    'emergency',
    'unmapped',
    'three-orders',
    'lower-tier',
  ];

  it.each(members)('is valid by the rules of 2.0, in both languages: %s', async (key) => {
    for (const language of ['zh-CN', 'en']) {
      const { status, cards, body } = await bench.sign(key, {}, { 'accept-language': language });
      expect(status).toBe(200);
      expect(Object.keys(body)).toEqual(['cards']);
      const ids = new Set<string>();
      for (const card of cards) {
        expect(card.summary.length).toBeGreaterThan(0);
        expect(card.summary.length).toBeLessThan(140);
        expect(['info', 'warning']).toContain(card.indicator);
        expect(card.source.label.length).toBeGreaterThan(0);
        expect(card.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        ids.add(card.uuid as string);
        expect(card.selectionBehavior).toBe(card.suggestions ? 'at-most-one' : undefined);
        for (const suggestion of card.suggestions ?? []) {
          expect(suggestion.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
          ids.add(suggestion.uuid);
          expect(suggestion.actions.length).toBeGreaterThan(0);
          for (const action of suggestion.actions) expect(action.description.length).toBeGreaterThan(0);
        }
        for (const reason of card.overrideReasons ?? []) {
          expect(reason.display.length).toBeGreaterThan(0);
          expect(reason.system).toBe(REASON_SYSTEM);
        }
        for (const link of card.links ?? []) {
          expect(link.type).toBe('absolute');
          expect(new URL(link.url).origin).toBe(bench.system.url);
        }
        if (language === 'en') expect(card.summary).not.toMatch(/[，。；]/u);
      }
      const suggestions = cards.flatMap((card) => card.suggestions ?? []);
      expect(ids.size).toBe(cards.length + suggestions.length);
    }
  });

  it('says item, conclusion, where, when, until when and why', async () => {
    const { cards } = await bench.sign('child');
    const [card] = asking(cards);
    expect(card?.indicator).toBe('warning');
    expect(card?.summary).toContain('胸部正位DR');
    for (const words of [
      '胸部正位DR',
      '望溪市妇幼保健院',
      '检查时间：2026-11-18',
      '参考时限至：2026-',
      '望溪HR',
      '理由：',
    ])
      expect(card?.detail).toContain(words);
    expect(card?.source.topic).toMatchObject({ system: ITEM_CODE_SYSTEM, code: 'XR-CHEST-PA' });
    expect(card?.overrideReasons?.map(({ code }) => code)).toEqual(['N1', 'N2', 'N3', 'N4', 'N5', 'N6']);
    const opened = await fetch(card?.links?.[0]?.url as string);
    expect(opened.status).toBe(200);
    const { person } = bench.member('child');
    for (const secret of [person.nationalId as string, person.name])
      expect(JSON.stringify(cards)).not.toContain(secret);
  });

  it('is in the language asked for, Chinese by default', async () => {
    const label = async (headers: Record<string, string>, over: Record<string, unknown> = {}) =>
      asking((await bench.sign('child', over, headers)).cards)[0]?.suggestions?.[0]?.label;
    expect(await label({})).toBe('互认，撤销本次申请');
    expect(await label({ 'accept-language': 'en-US,en;q=0.9' })).toBe('Recognise, and cancel this order');
    expect(await label({ 'accept-language': 'en;q=0.5,zh-CN' })).toBe('互认，撤销本次申请');
    expect(await label({ 'accept-language': 'fr' })).toBe('互认，撤销本次申请');
    const { context } = bench.signing('child') as { context: object };
    expect(await label({}, { context: { ...context, language: 'en' } })).toBe(
      'Recognise, and cancel this order',
    );
  });

  it('does not interrupt in an emergency, and has N4 at hand', async () => {
    const { cards } = await bench.sign('emergency', {
      prefetch: {
        patient: bench.patientOf('emergency').resource,
        encounter: { resourceType: 'Encounter', id: 'e1', class: { code: 'EMER' } },
      },
    });
    expect(cards).toHaveLength(1);
    expect(cards[0]).toMatchObject({ indicator: 'info' });
    expect(cards[0]?.suggestions).toBeUndefined();
    expect(cards[0]?.summary).toContain('急诊抢救，未作提醒；已有结果可随时查阅');
    expect(cards[0]?.overrideReasons?.[0]?.code).toBe('N4');
  });

  it('reads the purpose that a reason names: before an operation a repeat is explained by N3', async () => {
    const drafts = bench.draftsOf('pre-operative', { reasonCode: [{ text: '术前' }] });
    const { cards } = await bench.post(
      bench.service('order-sign'),
      hookBody('order-sign', 'p-pre-operative', drafts, {
        prefetch: { patient: bench.patientOf('pre-operative').resource },
      }),
    );
    expect(cards.every(({ indicator }) => indicator === 'info')).toBe(true);
    const { flows, doctor } = bench.system.bench;
    const [card] = cards;
    const read = await flows.read(doctor, sourceOf(card as Card).id, bench.system.bench.origin);
    expect(read.ok && read.value.lines[0]?.offeredReasons.find(({ suggested }) => suggested)?.code).toBe(
      'N3',
    );
  });

  it('takes our own item codes and LOINC where the hospital states no code of its own', async () => {
    const potassium = (coding: object) =>
      bench.post(
        bench.service('order-sign'),
        hookBody(
          'order-sign',
          'p-potassium-five',
          [draftOrder('o1', 'p-potassium-five', 'X', { code: { coding: [coding] } })],
          { prefetch: { patient: bench.patientOf('potassium-five').resource } },
        ),
      );
    const byItem = await potassium({ system: ITEM_CODE_SYSTEM, code: 'LC-K' });
    expect(asking(byItem.cards)[0]?.source.topic?.code).toBe('LC-K');
    const byLoinc = await potassium({ system: 'http://loinc.org', code: '2823-3', display: '钾' });
    expect(asking(byLoinc.cards)[0]?.source.topic?.code).toBe('LC-K');
    for (const coding of [
      { system: 'http://loinc.org', code: '0000-0' },
      { system: ITEM_CODE_SYSTEM, code: 'NO-SUCH' },
      { system: 'urn:example:another-hospital', code: orderFormOf(bench.member('potassium-five'))[0]?.code },
      { code: orderFormOf(bench.member('potassium-five'))[0]?.code },
    ]) {
      const unknown = await potassium(coding);
      expect(asking(unknown.cards)).toEqual([]);
      expect(unknown.cards[0]?.summary, JSON.stringify(coding)).toContain('1 项本次未核查');
    }
  });
});

describe('31. the suggestion', () => {
  it('deletes exactly the draft named: of three, only the one that was done before', async () => {
    const { cards } = await bench.sign('child', {
      context: {
        userId: 'Practitioner/100118',
        patientId: 'p-child',
        draftOrders: {
          resourceType: 'Bundle',
          entry: [
            ...bench.draftsOf('child'),
            draftOrder('o3', 'p-child', orderFormOf(bench.member('cross-province'))[0]?.code ?? ''),
          ].map((resource) => ({ resource })),
        },
      },
    });
    const suggested = asking(cards);
    expect(suggested).toHaveLength(1);
    expect(suggested[0]?.suggestions?.[0]?.actions).toEqual([
      { type: 'delete', description: expect.stringContaining('胸部正位DR'), resourceId: 'ServiceRequest/o2' },
    ]);
  });

  it('asks about each line by itself, so that one is recognised and the other not', async () => {
    const { cards } = await bench.sign('three-orders');
    const suggested = asking(cards);
    expect(suggested.length).toBeGreaterThan(1);
    const deleted = suggested.flatMap(({ suggestions }) =>
      (suggestions ?? []).flatMap(({ actions }) =>
        actions.flatMap((action) => ('resourceId' in action ? [action.resourceId] : [])),
      ),
    );
    expect(new Set(deleted).size).toBe(suggested.length);
  });

  it('orders alone what a panel lacks, beside taking the panel back', async () => {
    const { cards } = await bench.sign('liver-panel');
    const card = cards.find(({ suggestions }) => (suggestions?.[0]?.actions.length ?? 0) > 1);
    expect(card?.summary).toMatch(/已有 \d+ 项，另有 \d+ 项可供参考，缺“总胆汁酸”/);
    // Three of the eleven are only for reference: the doctor may take the suggestion, and nobody recommends it.
    expect(card?.suggestions?.[0]?.isRecommended).toBe(false);
    const actions = card?.suggestions?.[0]?.actions ?? [];
    expect(actions[0]).toMatchObject({ type: 'delete', resourceId: 'ServiceRequest/o1' });
    expect(actions.slice(1)).toEqual([
      {
        type: 'create',
        description: expect.stringContaining('总胆汁酸'),
        resource: expect.objectContaining({
          resourceType: 'ServiceRequest',
          status: 'draft',
          subject: { reference: 'Patient/p-liver-panel' },
          code: expect.objectContaining({ coding: [expect.objectContaining({ system: ORDER_CODES })] }),
        }),
      },
    ]);
  });

  it('revokes what has been signed instead of deleting it', async () => {
    const signed = bench.draftsOf('potassium-five', { status: 'active' });
    const { cards } = await bench.post(
      bench.service('order-sign'),
      hookBody('order-sign', 'p-potassium-five', signed, {
        prefetch: { patient: bench.patientOf('potassium-five').resource },
      }),
    );
    const [action] = asking(cards)[0]?.suggestions?.[0]?.actions ?? [];
    expect(action).toMatchObject({ type: 'update', resource: { ...signed[0], status: 'revoked' } });
  });

  it('asks about the chosen order only, and about none that is over or not to be done', async () => {
    const drafts = bench.draftsOf('child');
    const { context } = hookBody('order-select', 'p-child', drafts) as { context: object };
    const only = await select(drafts, { context: { ...context, selections: ['ServiceRequest/o1'] } });
    expect(asking(only.cards)).toEqual([]);
    const over = await select([
      { ...drafts[1], id: 'a', status: 'revoked' },
      { ...drafts[1], id: 'b', status: 'completed' },
      { ...drafts[1], id: 'c', doNotPerform: true },
    ]);
    expect(over.body).toEqual({ cards: [] });
  });

  it('is not made for an order without an id; the card is there all the same', async () => {
    const drafts = bench.draftsOf('child').map(({ id: _id, ...draft }) => draft);
    const body = hookBody('order-sign', 'p-child', drafts, {
      prefetch: { patient: bench.patientOf('child').resource },
    });
    const { cards } = await bench.post(bench.service('order-sign'), body);
    expect(asking(cards)).toEqual([]);
    expect(cards.some(({ summary }) => summary.includes('胸部正位DR'))).toBe(true);
  });
});

describe('36. nothing happens without the doctor', () => {
  it('there are no systemActions in any answer', async () => {
    for (const { key } of bench.system.bench.cast) {
      if (bench.member(key).person.nationalId === null) continue;
      const { status, body } = await bench.sign(key);
      expect(status, key).toBe(200);
      expect(Object.keys(body), key).toEqual(['cards']);
    }
  });
});
