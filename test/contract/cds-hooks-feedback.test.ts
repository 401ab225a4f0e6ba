import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Card } from '../../src/adapters/cds-hooks/card-shapes.ts';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { REASON_SYSTEM } from '../../src/apps/flows/cds-hooks/cds-cards.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { type CdsBench, cdsBench, sourceOf } from './cds-hooks-bench.ts';
import { cdsCaller, registerCaller } from './cds-hooks-caller.ts';

/** Checklist item 35: what comes back about a card. */
describe('35. feedback', () => {
  let bench: CdsBench;
  let encounters = 0;

  beforeAll(async () => {
    bench = await cdsBench();
  });
  afterAll(() => bench?.stop());

  /** The card that asks about a story's order, in an encounter of its own. */
  const cardOf = async (key: string): Promise<Card> => {
    const { context } = bench.signing(key) as { context: object };
    const { cards } = await bench.sign(key, { context: { ...context, encounterId: `e-${++encounters}` } });
    const card = cards.find(({ suggestions }) => suggestions);
    if (!card) throw new Error(`${key} has no card that asks`);
    return card;
  };
  const send = (feedback: readonly object[], service = 'order-sign') =>
    bench.post(`${bench.service(service)}/feedback`, { feedback });
  const accepted = ({ uuid, suggestions }: Card, over: object = {}) => ({
    card: uuid,
    outcome: 'accepted',
    acceptedSuggestions: [{ id: suggestions?.[0]?.uuid }],
    outcomeTimestamp: '2026-11-23T03:05:00Z',
    ...over,
  });
  const overridden = ({ uuid }: Card, code?: string, userComment?: string, over: object = {}) => ({
    card: uuid,
    outcome: 'overridden',
    ...(code === undefined
      ? {}
      : {
          overrideReason: {
            reason: { system: REASON_SYSTEM, code },
            ...(userComment === undefined ? {} : { userComment }),
          },
        }),
    outcomeTimestamp: '2026-11-23T03:05:00Z',
    ...over,
  });
  const lineOf = async (card: Card): Promise<OrderCheckAnswer['lines'][number]> => {
    const { id, lines } = sourceOf(card);
    const { flows, doctor, origin } = bench.system.bench;
    const read = await flows.read(doctor, id, origin);
    if (!read.ok) throw read.reason;
    return read.value.lines.find(({ line }) => line === lines[0]) as OrderCheckAnswer['lines'][number];
  };
  const keptOf = (card: Card) =>
    bench.system.bench.dependencies.database.run<{
      outcome: string;
      feedback: string;
      not_counted: string | null;
    }>(
      statement(
        'test.cds-feedback',
        'select outcome, feedback, not_counted from cds_feedback where card_id = $1 order by received_at',
      ),
      [card.uuid as string],
    );

  it('accepted is recognised, and fulfilled only when the hospital confirms the cancellation', async () => {
    const card = await cardOf('child');
    expect(await send([accepted(card)])).toMatchObject({
      status: 200,
      body: { feedback: [{ card: card.uuid, counted: true }] },
    });
    const line = await lineOf(card);
    expect(line.response).toMatchObject({ kind: 'recognise', state: 'recorded', doctor: '100118' });
    const { id } = sourceOf(card);
    const confirmed = await fetch(`${bench.system.url}/api/order-checks/${id}/fulfilments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bench.system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ line: line.line, cancelledAt: '2026-11-23T11:10:00+08:00' }),
    });
    expect(confirmed.status).toBe(200);
    expect((await lineOf(card)).response).toMatchObject({ state: 'fulfilled' });
  });

  it('overridden is examined again, with the reason', async () => {
    const card = await cardOf('child');
    expect((await send([overridden(card, 'N1', '咳嗽加重三天')])).body).toEqual({
      feedback: [{ card: card.uuid, counted: true }],
    });
    expect((await lineOf(card)).response).toMatchObject({
      kind: 're-examine',
      reason: 'N1',
      text: '咳嗽加重三天',
    });
  });

  it('twice, and eight times at once, counts once', async () => {
    const card = await cardOf('child');
    for (const answer of await Promise.all(Array.from({ length: 8 }, () => send([overridden(card, 'N2')]))))
      expect(answer).toMatchObject({ status: 200, body: { feedback: [{ counted: true }] } });
    await send([overridden(card, 'N2'), overridden(card, 'N2')]);
    expect(await keptOf(card)).toHaveLength(1);
    const { id } = sourceOf(card);
    const answers = await bench.system.bench.dependencies.database.run(
      statement('test.answers', 'select kind from check_responses where check_public_id = $1'),
      [id],
    );
    expect(answers).toHaveLength(1);
  });

  it.each([
    ['N6 without its text', 'N6', undefined, 'RESPONSE_TEXT_TOO_SHORT'],
    ['N6 with too little text', 'N6', '想复查', 'RESPONSE_TEXT_TOO_SHORT'],
    ['a reason nobody published', 'N9', '不认', 'RESPONSE_REASON_UNKNOWN'],
  ])('keeps what was reported and invents nothing: %s', async (_what, code, comment, fault) => {
    const card = await cardOf('child');
    const answer = await send([overridden(card, code, comment)]);
    expect(answer).toMatchObject({ status: 200, body: { feedback: [{ counted: false, code: fault }] } });
    expect((await lineOf(card)).response).toBeNull();
    const [kept] = await keptOf(card);
    expect(kept).toMatchObject({ outcome: 'overridden', not_counted: fault });
    expect(JSON.parse(kept?.feedback ?? '')).toMatchObject({ overrideReason: { reason: { code } } });
  });

  it('takes N6 with a text of ten characters, and the province’s own codes', async () => {
    const card = await cardOf('child');
    expect((await send([overridden(card, 'N6', '患者家属坚持要求再次复查一次')])).body).toMatchObject({
      feedback: [{ counted: true }],
    });
    const other = await cardOf('child');
    const local = overridden(other, 'YX01', undefined, {
      overrideReason: { reason: { system: 'urn:example:province', code: 'YX01' } },
    });
    expect((await send([local])).body).toMatchObject({ feedback: [{ counted: true }] });
    expect((await lineOf(other)).response).toMatchObject({ reason: 'N1', localReason: 'YX01' });
  });

  it('takes an override without a reason where the list demands none', async () => {
    const card = await cardOf('potassium-five');
    const line = await lineOf(card);
    const answer = await send([overridden(card)]);
    expect(answer.body).toMatchObject({
      feedback: [
        line.reasonRequired ? { counted: false, code: 'RESPONSE_REASON_REQUIRED' } : { counted: true },
      ],
    });
  });

  it('does not turn an answer round: the first stands, the second is kept as reported', async () => {
    const card = await cardOf('child');
    await send([overridden(card, 'N1')]);
    expect((await send([accepted(card)])).body).toMatchObject({
      feedback: [{ counted: false, code: 'ANSWER_STANDING' }],
    });
    expect((await lineOf(card)).response).toMatchObject({ kind: 're-examine' });
    expect(await keptOf(card)).toHaveLength(2);
  });

  it('an ignored card is nothing: the next order in the encounter asks again; an answered one does not', async () => {
    const { context } = bench.signing('child') as { context: object };
    const over = { context: { ...context, encounterId: 'e-again' } };
    const asked = async () => (await bench.sign('child', over)).cards.find(({ suggestions }) => suggestions);
    expect(await asked()).toBeDefined();
    const card = await asked();
    expect(card).toBeDefined();
    await send([overridden(card as Card, 'N1')]);
    expect(await asked()).toBeUndefined();
  });

  it('refuses what it does not know, and keeps the rest of the batch', async () => {
    const card = await cardOf('child');
    const unknown = { ...overridden(card, 'N1'), card: randomUUID() };
    expect(await send([unknown, overridden(card, 'N1')])).toMatchObject({
      status: 404,
      code: 'CDS_CARD_UNKNOWN',
      body: { place: 'body.feedback.0.card' },
    });
    expect((await lineOf(card)).response).toMatchObject({ kind: 're-examine' });
    const other = await cardOf('child');
    expect(await send([accepted(other, { acceptedSuggestions: [{ id: randomUUID() }] })])).toMatchObject({
      status: 422,
      code: 'CDS_SUGGESTION_UNKNOWN',
    });
    expect((await lineOf(other)).response).toBeNull();
    expect(await send([accepted(other)], 'order-select')).toMatchObject({
      status: 404,
      code: 'CDS_CARD_UNKNOWN',
    });
  });

  it('refuses a card that another hospital was given', async () => {
    const card = await cardOf('child');
    const { database } = bench.system.bench.dependencies;
    const act = { at: instant(Date.now()), newId: () => randomUUID() as never, by: 'test', peer: 'test' };
    await createClient(
      database,
      {
        code: 'city-his',
        name: 'HIS',
        institution: 'WX-CENTRAL' as InstitutionCode,
        purposes: ['treatment'],
      },
      act,
    );
    const stranger = await cdsCaller('https://city.example/cds');
    await registerCaller(database, 'city-his', stranger, { issuer: 'https://city.example/cds' });
    const address = `${bench.service('order-sign')}/feedback`;
    const wait = async (): Promise<Response> => {
      const answer = await stranger.call('POST', address, { feedback: [overridden(card, 'N1')] });
      // The directory of clients is read every few seconds.
      if (answer.status !== 401) return answer;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return wait();
    };
    expect((await wait()).status).toBe(404);
    expect((await lineOf(card)).response).toBeNull();
  });

  it.each([
    ['no feedback', {}],
    ['an empty batch', { feedback: [] }],
    ['no card', { feedback: [{ outcome: 'overridden', outcomeTimestamp: '2026-11-23T03:05:00Z' }] }],
    [
      'another outcome',
      { feedback: [{ card: randomUUID(), outcome: 'ignored', outcomeTimestamp: '2026-11-23T03:05:00Z' }] },
    ],
    ['no time', { feedback: [{ card: randomUUID(), outcome: 'overridden' }] }],
    [
      'accepted without a suggestion',
      { feedback: [{ card: randomUUID(), outcome: 'accepted', outcomeTimestamp: '2026-11-23T03:05:00Z' }] },
    ],
  ])('refuses a report that is not by the standard: %s', async (_what, body) => {
    expect(await bench.post(`${bench.service('order-sign')}/feedback`, body)).toMatchObject({
      status: 400,
      code: 'INPUT_INVALID',
    });
  });

  it('answers an emergency’s quiet card with N4 for every line it speaks of', async () => {
    const { cards } = await bench.sign('emergency', {
      prefetch: {
        patient: bench.patientOf('emergency').resource,
        encounter: { resourceType: 'Encounter', id: 'e', class: { code: 'EMER' } },
      },
    });
    const card = cards[0] as Card;
    expect((await send([overridden(card, 'N4')])).body).toMatchObject({ feedback: [{ counted: true }] });
    expect((await lineOf(card)).response).toMatchObject({ kind: 're-examine', reason: 'N4' });
  });
});
