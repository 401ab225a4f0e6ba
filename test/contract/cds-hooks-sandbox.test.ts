import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderFormOf } from '../../src/apps/demonstration/cast.ts';
import { type CdsBench, cdsBench } from './cds-hooks-bench.ts';
import { ORDER_CODES } from './cds-hooks-caller.ts';

/**
 * Checklist item 28. The public sandbox is a program of its own and no part of this repository, so its seven
 * behaviours, as seen on it and in its source, are played here over the same socket: service ids by address, a hook
 * before anything is chosen, its media types, preflights, its tokens, feedback by address, and a browser's origin.
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

  /** A call as its browser makes it: with its origin, its media types, its key address in the token. */
  const call = async (method: 'GET' | 'POST', address: string, body?: unknown) =>
    fetch(address, {
      method,
      headers: {
        origin: ORIGIN,
        accept: 'application/json+fhir',
        authorization: `Bearer ${await bench.caller.tokenFor(address, {
          header: { jku: KEYS_ADDRESS },
          claims: { exp: Math.floor(Date.now() / 1000) + 300, sub: 'sandbox' },
        })}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  /** Its imaging screen's order: one ServiceRequest whose coding is what was chosen, if anything was. */
  const imaging = (hook: 'order-select' | 'order-sign', coding: object, prefetch: object) => ({
    hookInstance: randomUUID(),
    hook,
    fhirServer: 'https://fhir.sandbox.example/r4',
    context: {
      patientId: 'p-cross-province',
      userId: 'Practitioner/COREPRACTITIONER1',
      ...(hook === 'order-select' ? { selections: ['ServiceRequest/example-request-id'] } : {}),
      draftOrders: {
        resourceType: 'Bundle',
        entry: [
          {
            resource: {
              resourceType: 'ServiceRequest',
              id: 'example-request-id',
              status: 'draft',
              intent: 'plan',
              code: { coding: [coding] },
              subject: { reference: 'Patient/p-cross-province' },
              reasonCode: [{ coding: [] }],
            },
          },
        ],
      },
    },
    prefetch,
  });

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

  it('2. may select before anything is chosen', async () => {
    const answer = await call('POST', bench.service('order-select'), imaging('order-select', {}, {}));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ cards: [] });
  });

  it('3. may ask for a media type that does not exist, and shows a card', async () => {
    const [chosen] = orderFormOf(bench.member('cross-province'));
    const coding = { system: ORDER_CODES, code: chosen?.code, display: chosen?.nameZh };
    const { resource } = bench.patientOf('cross-province');
    const answer = await call(
      'POST',
      bench.service('order-select'),
      imaging('order-select', coding, { patient: resource }),
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const { cards } = (await answer.json()) as {
      cards: { summary: string; suggestions?: unknown[]; links: unknown[] }[];
    };
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
    const [chosen] = orderFormOf(bench.member('cross-province'));
    const { resource } = bench.patientOf('cross-province');
    const signed = await call(
      'POST',
      bench.service('order-sign'),
      imaging('order-sign', { system: ORDER_CODES, code: chosen?.code }, { patient: resource }),
    );
    const { cards } = (await signed.json()) as { cards: { uuid: string; suggestions: { uuid: string }[] }[] };
    const answer = await call('POST', `${bench.service('order-sign')}/feedback`, {
      feedback: [
        {
          card: cards[0]?.uuid,
          outcome: 'accepted',
          acceptedSuggestions: [{ id: cards[0]?.suggestions[0]?.uuid }],
          outcomeTimestamp: new Date().toISOString(),
        },
      ],
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ feedback: [{ counted: true }] });
  });

  it('7. may leave prefetch out altogether: 412, and the doctor goes on', async () => {
    const body = imaging('order-sign', { system: ORDER_CODES, code: 'X' }, {});
    const answer = await call('POST', bench.service('order-sign'), { ...body, prefetch: undefined });
    expect(answer.status).toBe(412);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });
});
