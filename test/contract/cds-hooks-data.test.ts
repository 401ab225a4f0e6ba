import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { orderFormOf } from '../../src/apps/demonstration/cast.ts';
import { type CdsBench, cdsBench, type HookAnswer } from './cds-hooks-bench.ts';
import { draftOrder, hookBody, ISSUER } from './cds-hooks-caller.ts';
import { HANG, type OutsideServer, outsideServer, redirectTo } from './cds-hooks-fhir-server.ts';

/** Checklist items 32, 33 and 38, and the bad input that the issue names: where the data of a call comes from. */
let bench: CdsBench;
let fhir: OutsideServer;
let foreign: OutsideServer;

beforeAll(async () => {
  fhir = await outsideServer();
  foreign = await outsideServer();
  bench = await cdsBench({ fhirBase: `${fhir.base}/fhir` });
});
afterAll(async () => {
  await bench?.stop();
  await fhir?.stop();
  await foreign?.stop();
});
beforeEach(() => {
  fhir.seen.length = 0;
  foreign.seen.length = 0;
  fhir.answers.clear();
});

const asks = ({ cards }: HookAnswer): boolean => cards.some(({ suggestions }) => suggestions !== undefined);
const wasNotChecked = ({ status, cards }: HookAnswer): boolean =>
  status === 200 &&
  cards.length === 1 &&
  cards[0]?.uuid === undefined &&
  (cards[0]?.summary.includes('本次未核查') ?? false);
const granted = {
  access_token: 'token-of-the-hospital',
  token_type: 'Bearer',
  expires_in: 300,
  scope: 'patient/*.read',
  subject: 'huren',
};
const named = (base = `${fhir.base}/fhir`) => ({ fhirServer: base, fhirAuthorization: granted });
const child = () => bench.patientOf('child').resource;

describe('32. prefetch, and what to do without it', () => {
  it('is answered from prefetch alone, and asks nobody', async () => {
    expect(asks(await bench.sign('child', named()))).toBe(true);
    expect(fhir.seen.map(({ path }) => path)).toEqual([]);
  });

  it.each([
    ['no prefetch at all', undefined],
    ['a key that the client refused', {}],
    ['null for no data', { patient: null }],
    ['an OperationOutcome', { patient: { resourceType: 'OperationOutcome', issue: [] } }],
    ['an empty search', { patient: { resourceType: 'Bundle', type: 'searchset', entry: [] } }],
  ])('412 without access to the data: %s', async (_what, prefetch) => {
    const refused = await bench.sign('child', { prefetch });
    expect(refused).toMatchObject({ status: 412, code: 'CDS_PREFETCH_MISSING' });
    expect(refused.body['place']).toBe('body.prefetch.patient');
  });

  it.each([
    ['no prefetch at all', undefined],
    ['a key that the client refused', {}],
    ['null for no data', { patient: null }],
    ['an OperationOutcome', { patient: { resourceType: 'OperationOutcome', issue: [] } }],
  ])('asks the registered FHIR server, with the token of the call: %s', async (_what, prefetch) => {
    fhir.answers.set('/fhir/Patient/p-child', child());
    expect(asks(await bench.sign('child', { prefetch, ...named() }))).toBe(true);
    expect(fhir.seen).toEqual([
      { path: '/fhir/Patient/p-child', authorization: 'Bearer token-of-the-hospital' },
    ]);
  });

  it('takes a slash at the end of the base for what it is', async () => {
    fhir.answers.set('/fhir/Patient/p-child', child());
    expect(asks(await bench.sign('child', { prefetch: {}, ...named(`${fhir.base}/fhir/`) }))).toBe(true);
  });

  it('takes the patient out of a search of one', async () => {
    const prefetch = {
      patient: { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: child() }] },
    };
    expect(asks(await bench.sign('child', { prefetch }))).toBe(true);
  });

  it('never asks a server that is not the registered one: 412 where its data would have been needed', async () => {
    foreign.answers.set('/fhir/Patient/p-child', child());
    for (const base of [
      `${foreign.base}/fhir`,
      `${fhir.base}/other`,
      `${fhir.base}/fhir/../fhir`,
      'file:///etc',
    ]) {
      const refused = await bench.sign('child', { prefetch: {}, ...named(base) });
      expect(refused, base).toMatchObject({ status: 412, code: 'CDS_PREFETCH_MISSING' });
    }
    expect([...fhir.seen, ...foreign.seen]).toEqual([]);
  });

  it('follows no redirect', async () => {
    foreign.answers.set('/fhir/Patient/p-child', child());
    fhir.answers.set('/fhir/Patient/p-child', redirectTo(`${foreign.base}/fhir/Patient/p-child`));
    expect(wasNotChecked(await bench.sign('child', { prefetch: {}, ...named() }))).toBe(true);
    expect(foreign.seen).toEqual([]);
  });

  it.each([
    ['refuses', undefined],
    ['answers with another type', { resourceType: 'Observation', id: 'p-child' }],
    ['answers with an OperationOutcome', { resourceType: 'OperationOutcome' }],
    ['answers with no resource', ['p-child']],
    [
      'answers more than anybody needs',
      { resourceType: 'Patient', id: 'p-child', text: 'x'.repeat(2_000_000) },
    ],
  ])('says that it was not checked when the server %s', async (_what, answer) => {
    if (answer !== undefined) fhir.answers.set('/fhir/Patient/p-child', answer);
    const said = await bench.sign('child', { prefetch: {}, ...named() });
    expect(wasNotChecked(said)).toBe(true);
    expect(said.cards[0]?.summary).toContain('未能从医院系统取得所需资料');
  });

  it('makes no path of a patient id: what is no FHIR id is refused', async () => {
    for (const patientId of [
      '..',
      '.',
      'a/../b',
      '../metadata',
      'a b',
      'p?x=1',
      '',
      'x'.repeat(65),
      7,
      null,
      undefined,
    ]) {
      const { context } = bench.signing('child') as { context: object };
      const refused = await bench.sign('child', {
        context: { ...context, patientId },
        prefetch: {},
        ...named(),
      });
      expect(refused, String(patientId)).toMatchObject({ status: 400, code: 'CDS_CONTEXT_INVALID' });
    }
    expect(fhir.seen).toEqual([]);
  });

  it('reads the class of the encounter from the server, and does without it', async () => {
    const { context } = bench.signing('emergency') as { context: object };
    const over = { context: { ...context, encounterId: 'e-1' }, ...named() };
    fhir.answers.set('/fhir/Encounter/e-1', {
      resourceType: 'Encounter',
      id: 'e-1',
      class: { code: 'EMER' },
      subject: { reference: 'Patient/p-emergency' },
    });
    const calm = await bench.sign('emergency', over);
    expect(asks(calm)).toBe(false);
    expect(calm.cards[0]?.summary).toContain('急诊抢救');
    fhir.answers.clear();
    expect(asks(await bench.sign('emergency', over))).toBe(true);
  });

  it('says that a patient known by no number could not be identified', async () => {
    const nameless = { resourceType: 'Patient', id: 'p-child', name: [{ text: '周小满' }] };
    const said = await bench.sign('child', { prefetch: { patient: nameless } });
    expect(wasNotChecked(said)).toBe(true);
    expect(said.cards[0]?.summary).toContain('患者身份未能确认');
  });
});

describe('32. a prefetch that lies', () => {
  const refused = { status: 422, code: 'CDS_PATIENT_CONTRADICTED' };
  const other = () => ({ ...child(), id: 'p-somebody' });

  it.each<[string, () => Record<string, unknown>]>([
    ['another patient', () => ({ prefetch: { patient: other() } })],
    ['a patient without an id', () => ({ prefetch: { patient: { ...child(), id: undefined } } })],
    [
      'two patients',
      () => ({
        prefetch: {
          patient: { resourceType: 'Bundle', entry: [{ resource: child() }, { resource: other() }] },
        },
      }),
    ],
    [
      'the same patient twice',
      () => ({
        prefetch: {
          patient: { resourceType: 'Bundle', entry: [{ resource: child() }, { resource: child() }] },
        },
      }),
    ],
    [
      'an encounter of another patient',
      () => ({
        prefetch: {
          patient: child(),
          encounter: { resourceType: 'Encounter', id: 'e', subject: { reference: 'Patient/p-somebody' } },
        },
      }),
    ],
    [
      'a token for another patient',
      () => ({
        prefetch: { patient: child() },
        fhirServer: `${fhir.base}/fhir`,
        fhirAuthorization: { ...granted, patient: 'p-somebody' },
      }),
    ],
  ])('is refused, never “nothing found”: %s', async (_what, over) => {
    expect(await bench.sign('child', over())).toMatchObject(refused);
  });

  it.each([
    ['another patient', { reference: 'Patient/p-somebody' }],
    ['a patient of another server', { reference: 'https://other.example/fhir/Patient/p-child' }],
    ['a group', { reference: 'Group/p-child' }],
    ['something unreadable', { reference: 'urn:uuid:0' }],
    ['a text', 'Patient/p-child'],
    ['another number', { identifier: { system: 'urn:oid:2.16.156.10011.1.3', value: '11010519491231002X' } }],
  ])('is refused when a draft is for %s', async (_what, subject) => {
    const drafts = [...bench.draftsOf('child'), draftOrder('o9', 'p-child', 'X', { subject })];
    const said = await bench.post(
      bench.service('order-sign'),
      hookBody('order-sign', 'p-child', drafts, {
        prefetch: { patient: child() },
        fhirServer: `${fhir.base}/fhir`,
      }),
    );
    expect(said).toMatchObject(refused);
  });

  it('is refused when the FHIR server answers with another patient', async () => {
    fhir.answers.set('/fhir/Patient/p-child', other());
    expect(await bench.sign('child', { prefetch: {}, ...named() })).toMatchObject(refused);
  });

  it('a draft that is not the chosen one counts too: two people are no order session', async () => {
    const drafts = [...bench.draftsOf('child'), draftOrder('o9', 'p-somebody', 'X')];
    const body = hookBody('order-select', 'p-child', drafts, { prefetch: { patient: child() } });
    const { context } = body as { context: object };
    const said = await bench.post(bench.service('order-select'), {
      ...body,
      context: { ...context, selections: ['ServiceRequest/o1'] },
    });
    expect(said).toMatchObject(refused);
  });

  it('leaves a trace of the refusal, without saying of whom', async () => {
    const { database } = bench.system.bench.dependencies;
    await bench.sign('child', { prefetch: { patient: other() } });
    const rows = await database.run<{ resource: string; outcome: string; actor: string }>({
      name: 'test.system-audit',
      text: `select resource, outcome, actor from system_audit_events where action = 'order.check' order by occurred_at desc limit 1`,
    });
    expect(rows[0]).toMatchObject({
      outcome: 'not-checked: patient-contradicted',
      actor: 'client:yx-county-his',
    });
    expect(rows[0]?.resource).toMatch(/^request\//);
  });
});

describe('32. bad input', () => {
  it('of five hundred orders is refused whole, not answered in part', async () => {
    const drafts = Array.from({ length: 500 }, (_, index) => draftOrder(`o${index}`, 'p-child', `X${index}`));
    const said = await bench.post(
      bench.service('order-sign'),
      hookBody('order-sign', 'p-child', drafts, { prefetch: { patient: child() } }),
    );
    expect(said).toMatchObject({ status: 413, code: 'CDS_ORDERS_TOO_MANY' });
  });

  it('of a hundred orders is checked', async () => {
    const drafts = Array.from({ length: 100 }, (_, index) => draftOrder(`o${index}`, 'p-child', `X${index}`));
    const said = await bench.post(
      bench.service('order-sign'),
      hookBody('order-sign', 'p-child', drafts, { prefetch: { patient: child() } }),
    );
    expect(said.status).toBe(200);
    expect(said.cards[0]?.summary).toContain('100 项本次未核查');
  });

  it('of wrong types is a coded refusal, or an answer that claims nothing', async () => {
    const valid = bench.signing('child') as Record<string, unknown> & { context: Record<string, unknown> };
    const places: readonly (readonly [string, (value: unknown) => unknown])[] = [
      ['hook', (value) => ({ ...valid, hook: value })],
      ['hookInstance', (value) => ({ ...valid, hookInstance: value })],
      ['fhirServer', (value) => ({ ...valid, fhirServer: value })],
      ['fhirAuthorization', (value) => ({ ...valid, fhirAuthorization: value })],
      ['context', (value) => ({ ...valid, context: value })],
      ['userId', (value) => ({ ...valid, context: { ...valid.context, userId: value } })],
      ['encounterId', (value) => ({ ...valid, context: { ...valid.context, encounterId: value } })],
      ['draftOrders', (value) => ({ ...valid, context: { ...valid.context, draftOrders: value } })],
      [
        'entry',
        (value) => ({
          ...valid,
          context: { ...valid.context, draftOrders: { resourceType: 'Bundle', entry: value } },
        }),
      ],
      [
        'an entry',
        (value) => ({
          ...valid,
          context: { ...valid.context, draftOrders: { resourceType: 'Bundle', entry: [value] } },
        }),
      ],
      [
        'a draft',
        (value) => ({
          ...valid,
          context: {
            ...valid.context,
            draftOrders: { resourceType: 'Bundle', entry: [{ resource: value }] },
          },
        }),
      ],
      [
        'a code',
        (value) => ({
          ...valid,
          context: {
            ...valid.context,
            draftOrders: {
              resourceType: 'Bundle',
              entry: [{ resource: draftOrder('o1', 'p-child', '', { code: value }) }],
            },
          },
        }),
      ],
      ['prefetch', (value) => ({ ...valid, prefetch: value })],
      ['a Patient', (value) => ({ ...valid, prefetch: { patient: value } })],
      ['identifiers', (value) => ({ ...valid, prefetch: { patient: { ...child(), identifier: value } } })],
      ['a name', (value) => ({ ...valid, prefetch: { patient: { ...child(), name: value } } })],
    ];
    for (const [place, made] of places)
      for (const value of [7, true, 'text', [], [7], [[]], {}, { x: 1 }, [{}], '\u0000', '']) {
        const what = `${place} = ${JSON.stringify(value)}`;
        const said = await bench.post(bench.service('order-sign'), made(value));
        if (said.status === 200) {
          // The one empty answer allowed is to an order in which nothing is chosen.
          const isNothingOrdered =
            ['entry', 'a code'].includes(place) && ['[]', '{}'].includes(JSON.stringify(value));
          expect(said.cards.length > 0 || isNothingOrdered, what).toBe(true);
        } else {
          expect([400, 412, 422], what).toContain(said.status);
          expect(said.code, what).toMatch(/^(INPUT_INVALID|CDS_[A-Z_]+)$/);
        }
      }
  });

  it('to a service that is not there, or of another hook, is refused', async () => {
    expect(await bench.post(bench.service('patient-view'), bench.signing('child'))).toMatchObject({
      status: 404,
      code: 'CDS_SERVICE_UNKNOWN',
    });
    expect(await bench.post(bench.service('order-select'), bench.signing('child'))).toMatchObject({
      status: 400,
      code: 'CDS_HOOK_MISMATCHED',
    });
  });

  it('with selections that name none of the drafts is refused: the choice would be ours', async () => {
    const body = hookBody('order-select', 'p-child', bench.draftsOf('child'), {
      prefetch: { patient: child() },
    });
    const { context } = body as { context: object };
    for (const selections of [
      ['ServiceRequest/elsewhere'],
      ['not a reference'],
      'ServiceRequest/o1',
      [7],
      undefined,
    ])
      expect(
        await bench.post(bench.service('order-select'), { ...body, context: { ...context, selections } }),
      ).toMatchObject({ status: 400, code: 'CDS_CONTEXT_INVALID' });
  });
});

describe('38. order-dispatch', () => {
  const dispatching = (over: Record<string, unknown>, context: Record<string, unknown> = {}) => ({
    hook: 'order-dispatch',
    hookInstance: '6f1c1f56-7f9d-4c4e-9a3c-1f1b2a3c4d5e',
    context: {
      patientId: 'p-child',
      dispatchedOrders: ['ServiceRequest/o1', 'ServiceRequest/o2'],
      performer: 'Organization/laboratory',
      ...context,
    },
    ...over,
  });
  const onTheWay = () => bench.draftsOf('child', { status: 'active' });
  const searchset = (resources: readonly unknown[]) => ({
    resourceType: 'Bundle',
    type: 'searchset',
    entry: resources.map((resource) => ({ resource })),
  });
  const dispatch = (body: unknown) => bench.post(bench.service('order-dispatch'), body);
  const revokes = ({ cards }: HookAnswer) =>
    cards.flatMap(({ suggestions }) => (suggestions ?? []).flatMap(({ actions }) => actions));

  it.each([
    ['as 2.0 writes it', {}],
    [
      'as its example writes it',
      {
        dispatchedOrders: undefined,
        'dispatched-orders': ['ServiceRequest/o1', 'ServiceRequest/o2'],
        'fulfillment-tasks': [],
      },
    ],
  ])('is read %s, and suggests to revoke', async (_what, context) => {
    const said = await dispatch(
      dispatching({ prefetch: { patient: child(), orders: searchset(onTheWay()) } }, context),
    );
    expect(said.status).toBe(200);
    expect(revokes(said)).toEqual([
      expect.objectContaining({
        type: 'update',
        resource: expect.objectContaining({ id: 'o2', status: 'revoked' }),
      }),
    ]);
  });

  it('reads an order that a page of prefetch left out from the FHIR server', async () => {
    const [first, second] = onTheWay();
    fhir.answers.set('/fhir/ServiceRequest/o2', second);
    const page = { ...searchset([first]), link: [{ relation: 'next', url: `${fhir.base}/fhir?page=2` }] };
    const said = await dispatch(dispatching({ prefetch: { patient: child(), orders: page }, ...named() }));
    expect(revokes(said)).toHaveLength(1);
    expect(fhir.seen.map(({ path }) => path)).toEqual(['/fhir/ServiceRequest/o2']);
  });

  it('is 412 when an order is nowhere, and a card when the server keeps it back', async () => {
    const prefetch = { patient: child(), orders: searchset(onTheWay().slice(0, 1)) };
    expect(await dispatch(dispatching({ prefetch }))).toMatchObject({
      status: 412,
      code: 'CDS_PREFETCH_MISSING',
    });
    expect(wasNotChecked(await dispatch(dispatching({ prefetch, ...named() })))).toBe(true);
  });

  it('is refused when an order on its way is another patient’s', async () => {
    const orders = searchset([
      onTheWay()[0],
      { ...onTheWay()[1], subject: { reference: 'Patient/p-somebody' } },
    ]);
    expect(await dispatch(dispatching({ prefetch: { patient: child(), orders } }))).toMatchObject({
      status: 422,
      code: 'CDS_PATIENT_CONTRADICTED',
    });
  });

  it('has nothing to say of orders that are no examinations', async () => {
    const said = await dispatch(
      dispatching({ prefetch: { patient: child() } }, { dispatchedOrders: ['MedicationRequest/m1'] }),
    );
    expect(said.body).toEqual({ cards: [] });
  });
});

describe('33. what cannot be reached', () => {
  it('is a card that says so when the FHIR server hangs, and when the database is gone', async () => {
    const hasty = await cdsBench({ fhirBase: `${fhir.base}/fhir`, issuer: ISSUER }, { fhirMs: 200 });
    try {
      fhir.answers.set('/fhir/Patient/p-child', HANG);
      const hung = await hasty.sign('child', { prefetch: {}, ...named() });
      expect(wasNotChecked(hung)).toBe(true);
      expect(hung.cards[0]).toMatchObject({ indicator: 'info' });
      const found = await hasty.sign('child');
      expect(asks(found)).toBe(true);

      await hasty.system.bench.opened.database.close();
      for (const key of ['child', 'withdrawn', 'serial-hcg'])
        expect(wasNotChecked(await hasty.sign(key)), key).toBe(true);
      const english = await hasty.sign('child', {}, { 'accept-language': 'en' });
      expect(english.cards[0]?.summary).toContain('not checked');
    } finally {
      await hasty.stop();
    }
  });

  it('is a card too when the answer would come too late', async () => {
    const late = await cdsBench({}, { answerMs: 1 });
    try {
      const said = await late.sign('child');
      expect(wasNotChecked(said)).toBe(true);
      expect(orderFormOf(late.member('child')).length).toBe(2);
    } finally {
      await late.stop();
    }
  });
});
