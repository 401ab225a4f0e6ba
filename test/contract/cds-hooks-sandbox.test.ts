import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Card } from '../../src/adapters/cds-hooks/card-shapes.ts';
import { orderFormOf } from '../../src/apps/demonstration/cast.ts';
import { type CdsBench, cdsBench } from './cds-hooks-bench.ts';
import { ORDER_CODES } from './cds-hooks-caller.ts';

/**
 * Checklist item 28. The public sandbox is a program of its own, no package and no part of this repository; it cannot be
 * had here to run (decision 0059). Its behaviours are played over the same socket as its source of 2026 has them: service
 * ids by address, prefetch of what its context can fill, a hook before anything is chosen, its media types, preflights,
 * its tokens, the cards it can draw, feedback by address, and a browser's origin.
 */
const ORIGIN = 'http://sandbox.example:8080';
const KEYS_ADDRESS = 'https://sandbox.example/.well-known/jwks.json';

describe('28. the public sandbox, as it behaves', () => {
  let bench: CdsBench;

  beforeAll(async () => {
    // Its key address cannot be reached from here: the same keys are registered beside it, and the address is only compared.
    bench = await cdsBench({ origins: [ORIGIN], keysAddress: KEYS_ADDRESS });
  });
  afterAll(() => bench?.stop());

  /** Media types it asks for: of hooks and discovery, and where it states none, its HTTP client's own. */
  const JSON_ONLY = 'application/json';
  const UNSTATED = 'application/json, text/plain, */*';

  /** A call as its browser makes it: with its origin, the media type, its key address and its five minutes in the token. */
  const call = async (method: 'GET' | 'POST', address: string, body?: unknown, accept = JSON_ONLY) => {
    const seconds = Date.now() / 1000;
    return fetch(address, {
      method,
      headers: {
        origin: ORIGIN,
        accept,
        authorization: `Bearer ${await bench.caller.tokenFor(address, {
          header: { jku: KEYS_ADDRESS },
          claims: { iat: Math.round(seconds), exp: Math.round(seconds + 300) },
        })}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };

  interface Coding {
    readonly system?: string;
    readonly code?: string;
    readonly display?: string;
  }

  /**
   * Its imaging screen's order: one ServiceRequest whose coding is what was chosen, if anything was. The selection goes
   * along with either hook, and a prefetch of which nothing came is left out.
   */
  const imaging = (
    hook: 'order-select' | 'order-sign',
    coding: Coding,
    prefetch: Readonly<Record<string, unknown>>,
    patientId = 'p-cross-province',
  ) => ({
    hookInstance: randomUUID(),
    hook,
    fhirServer: 'https://fhir.sandbox.example/r4',
    context: {
      patientId,
      userId: 'Practitioner/COREPRACTITIONER1',
      selections: ['ServiceRequest/example-request-id'],
      draftOrders: {
        resourceType: 'Bundle',
        entry: [
          {
            resource: {
              resourceType: 'ServiceRequest',
              id: 'example-request-id',
              status: 'draft',
              intent: 'plan',
              code: { coding: [coding], text: coding.display },
              subject: { reference: `Patient/${patientId}` },
              reasonCode: [],
            },
          },
        ],
      },
    },
    ...(Object.keys(prefetch).length > 0 ? { prefetch } : {}),
  });

  /** What its imaging screen orders for a member of the cast: the first item of the order form. */
  const chosenFor = (key: string): Coding => {
    const [chosen] = orderFormOf(bench.member(key));
    return { system: ORDER_CODES, code: chosen?.code as string, display: chosen?.nameZh as string };
  };

  const signed = async (key: string): Promise<readonly Card[]> => {
    const { id, resource } = bench.patientOf(key);
    const answer = await call(
      'POST',
      bench.service('order-sign'),
      imaging('order-sign', chosenFor(key), { patient: resource }, id),
    );
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { cards: readonly Card[] }).cards;
  };

  const feedback = async (entry: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const answer = await call(
      'POST',
      `${bench.service('order-sign')}/feedback`,
      { feedback: [{ ...entry, outcomeTimestamp: new Date().toISOString() }] },
      UNSTATED,
    );
    expect(answer.status).toBe(200);
    return answer.json();
  };

  it('1. finds one service for each hook, under an address of its own', async () => {
    const answer = await call('GET', bench.service());
    expect(answer.status).toBe(200);
    const { services } = (await answer.json()) as {
      services: { id: string; hook: string; prefetch: Record<string, string> }[];
    };
    expect(services.map(({ hook }) => hook)).toEqual(['order-select', 'order-sign', 'order-dispatch']);
    expect(new Set(services.map(({ id }) => id)).size).toBe(services.length);
    for (const { prefetch } of services)
      for (const template of Object.values(prefetch)) {
        expect(template).toMatch(/^[A-Za-z]+(\/\{\{[\w.]+\}\}|\?\S+)$/);
        for (const [, token] of template.matchAll(/\{\{([^}]*)\}\}/g))
          expect(token).toMatch(/^(context\.(patientId|encounterId)|userPractitionerId)$/);
      }
  });

  it('1. reads beforehand what its context can fill, and leaves out the rest: that is enough for a card', async () => {
    const discovered = (await (await call('GET', bench.service())).json()) as {
      services: { id: string; prefetch: Record<string, string> }[];
    };
    const { prefetch = {} } = discovered.services.find(({ id }) => id === 'order-sign') ?? {};
    const { id, resource } = bench.patientOf('cross-province');
    const filled: Readonly<Record<string, unknown>> = {
      [`Patient/${id}`]: resource,
      'Practitioner/COREPRACTITIONER1': { resourceType: 'Practitioner', id: 'COREPRACTITIONER1' },
    };
    const read = Object.fromEntries(
      Object.entries(prefetch).flatMap(([key, template]) => {
        const path = template
          .replace('{{context.patientId}}', id)
          .replace('{{userPractitionerId}}', 'COREPRACTITIONER1');
        return path in filled ? [[key, filled[path]]] : [];
      }),
    );
    // It knows no encounter: whatever asks for one stays unfilled and is not sent.
    expect(Object.keys(read).toSorted()).toEqual(['patient', 'practitioner']);
    const answer = await call(
      'POST',
      bench.service('order-sign'),
      imaging('order-sign', chosenFor('cross-province'), read, id),
    );
    expect(((await answer.json()) as { cards: unknown[] }).cards).toHaveLength(1);
  });

  it('2. may select before anything is chosen, with and without the patient', async () => {
    const { resource } = bench.patientOf('cross-province');
    for (const prefetch of [{}, { patient: resource }]) {
      const answer = await call('POST', bench.service('order-select'), imaging('order-select', {}, prefetch));
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({ cards: [] });
    }
  });

  it('3. is answered in JSON whatever it asks for, also a media type that does not exist', async () => {
    const { resource } = bench.patientOf('cross-province');
    for (const accept of [JSON_ONLY, UNSTATED, 'application/json+fhir']) {
      const body = imaging('order-select', chosenFor('cross-province'), { patient: resource });
      const answer = await call('POST', bench.service('order-select'), body, accept);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    }
  });

  it('3. gets only cards that it can draw, with nothing in them that becomes markup', async () => {
    const cards = (await Promise.all(['cross-province', 'child', 'liver-panel'].map(signed))).flat();
    expect(cards.length).toBeGreaterThan(1);
    for (const { uuid, summary, detail, indicator, source, suggestions, links, overrideReasons } of cards) {
      expect(summary.length).toBeGreaterThan(0);
      expect(['info', 'warning', 'critical']).toContain(indicator);
      expect(source.label.length).toBeGreaterThan(0);
      // It draws raw HTML that stands in the Markdown.
      expect(detail ?? '').not.toMatch(/(?<!\\)[<]/);
      // Without an id a card cannot be dismissed, a suggestion not be reported.
      expect(uuid).toMatch(/^[0-9a-f-]{36}$/);
      for (const { label, type, url } of links ?? [])
        expect([label.length > 0, type, URL.canParse(url)]).toEqual([true, 'absolute', true]);
      for (const { code, display } of overrideReasons ?? [])
        expect([code, display].every((text) => text.length > 0)).toBe(true);
      for (const suggestion of suggestions ?? []) {
        expect(suggestion.label.length).toBeGreaterThan(0);
        expect(suggestion.uuid).toMatch(/^[0-9a-f-]{36}$/);
        // Of what would be created or changed it reads the first coding.
        for (const action of suggestion.actions ?? [])
          if (action.type !== 'delete')
            expect(action).toMatchObject({ resource: { code: { coding: [expect.anything()] } } });
      }
    }
    expect(cards[0]?.summary).toContain('胸部');
    expect(cards[0]?.suggestions).toHaveLength(1);
    expect(cards[0]?.links).toHaveLength(1);
  });

  it('4. may ask beforehand at every endpoint, from a registered origin and from no other', async () => {
    for (const [method, address] of [
      ['GET', bench.service()],
      ['POST', bench.service('order-select')],
      ['POST', bench.service('order-sign')],
      ['POST', bench.service('order-dispatch')],
      ['POST', `${bench.service('order-sign')}/feedback`],
    ] as const) {
      const preflight = (origin: string) =>
        fetch(address, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': method,
            'access-control-request-headers': 'authorization,content-type',
          },
        });
      const answer = await preflight(ORIGIN);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(answer.headers.get('access-control-allow-methods')).toBe(method);
      expect(answer.headers.get('access-control-allow-headers')).toContain('authorization');
      expect(answer.headers.get('vary')).toBe('origin');
      for (const stranger of ['http://elsewhere.example', 'null', `${ORIGIN}.elsewhere.example`]) {
        const refused = await preflight(stranger);
        expect(refused.headers.get('access-control-allow-origin')).toBeNull();
        expect(refused.headers.get('access-control-allow-methods')).toBeNull();
      }
    }
    const other = await fetch(`${bench.system.url}/api/orderables`, {
      method: 'OPTIONS',
      headers: { origin: ORIGIN },
    });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('4. can read answers and refusals, and no credentials of a browser are ever admitted', async () => {
    const refused = await fetch(bench.service('order-sign'), {
      method: 'POST',
      headers: { origin: ORIGIN, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    const answer = await call('GET', bench.service());
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('5. signs with ES384 for five minutes and names a key address that cannot be reached', async () => {
    expect((await call('GET', bench.service())).status).toBe(200);
  });

  it('6. sends feedback to the address of the service, with that address as audience', async () => {
    const [card] = await signed('cross-province');
    const accepted = await feedback({
      card: card?.uuid,
      outcome: 'accepted',
      acceptedSuggestions: [{ id: card?.suggestions?.[0]?.uuid }],
    });
    expect(accepted).toMatchObject({ feedback: [{ counted: true }] });
  });

  it('6. hands a chosen reason back as code and system, without a comment', async () => {
    const [card] = await signed('liver-panel');
    const { code, system } = card?.overrideReasons?.find((reason) => reason.code === 'N1') ?? {};
    const overridden = await feedback({
      card: card?.uuid,
      outcome: 'overridden',
      overrideReason: { reason: { code, system } },
    });
    expect(overridden).toMatchObject({ feedback: [{ card: card?.uuid, counted: true }] });
  });

  it('6. may dismiss a card without a reason: an examination again, where the authority asks for none', async () => {
    const [card] = await signed('potassium-five');
    expect(await feedback({ card: card?.uuid, outcome: 'overridden' })).toMatchObject({
      feedback: [{ card: card?.uuid, counted: true }],
    });
  });

  it('7. may leave prefetch out altogether: 412, and the doctor goes on', async () => {
    const body = imaging('order-sign', { system: ORDER_CODES, code: 'X' }, {});
    expect(body).not.toHaveProperty('prefetch');
    const answer = await call('POST', bench.service('order-sign'), body);
    expect(answer.status).toBe(412);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });
});
