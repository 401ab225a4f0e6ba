import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import formbody from '@fastify/formbody';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import {
  type PromptView,
  waitingRoomPage,
  workstationOrders,
  workstationPage,
  type WorkstationView,
} from '../../web/imitation-his/page.ts';
import type { CdsFace } from './cds-face.ts';
import { type Chargeable, chargeList } from './charge-list.ts';
import {
  changed,
  type Encounter,
  type Face,
  feeYuan,
  ordered,
  remarked,
  restored,
  signed,
  withdrawn,
} from './encounter.ts';
import { encounterResource, patientResource } from './fhir-resources.ts';
import type { HisPatient } from './patients.ts';
import type { CardAnswer, SoapFace } from './soap-face.ts';

/** What the imitated hospital works with. */
export interface HisDependencies {
  readonly patients: readonly HisPatient[];
  readonly cds: CdsFace;
  readonly soap: SoapFace;
  /** Origin of Huren, whose card is framed. */
  readonly hurenUrl: string;
}

/** The imitated hospital, listening. */
export interface ImitationHis {
  readonly url: string;
  /** Joins the two sides; before that, every question is answered «not checked». */
  connect(dependencies: HisDependencies): void;
  close(): Promise<void>;
}

const SEX = { male: '男', female: '女' } as const;
const CLASSES = { outpatient: '门诊', emergency: '急诊', inpatient: '住院', 'health-check': '体检' } as const;
const STATES = { draft: '待签署', signed: '已签署', withdrawn: '已撤销' } as const;

const asset = (name: string): string =>
  readFileSync(new URL(`../../web/imitation-his/${name}`, import.meta.url), 'utf8');

/** Every encounter of the imitated hospital. It forgets them when it stops: it is a stage, not a record. */
const openWard = () => {
  const encounters = new Map<string, Encounter>();
  const answered = new Set<string>();
  let numbers = 0;
  const newNumber = (prefix: string): string =>
    `${prefix}${Date.now().toString(36).toUpperCase()}${String(++numbers).padStart(3, '0')}`;
  return {
    of: (number: string) => encounters.get(number),
    keep(encounter: Encounter): Encounter {
      encounters.set(encounter.number, encounter);
      return encounter;
    },
    open(face: Face, patientKey: string): Encounter {
      const encounter: Encounter = {
        number: newNumber('IH'),
        face,
        patientKey,
        requestNumber: newNumber('SQ'),
        orders: [],
        prompt: { kind: 'none' },
        version: 1,
      };
      encounters.set(encounter.number, encounter);
      return encounter;
    },
    newOrderId: () => newNumber('YZ'),
    byRequest: (request: string | null) =>
      [...encounters.values()].find(({ requestNumber }) => requestNumber === request),
    /** True the first time an answer is seen: callbacks may come more than once. */
    isNew(answer: string): boolean {
      if (answered.has(answer)) return false;
      answered.add(answer);
      return true;
    },
  };
};

type Ward = ReturnType<typeof openWard>;

const promptView = ({ prompt }: Encounter): PromptView => prompt;

const CHARGES = chargeList();
const SINGLE_ITEM_YUAN = 8;

/** A single analyte, which the charge list has under its panel only. */
const singleItem = (code: string, nameZh: string): Chargeable => ({
  code,
  nameZh,
  kind: 'laboratory',
  priceYuan: SINGLE_ITEM_YUAN,
});

const viewOf = (encounter: Encounter, patient: HisPatient): WorkstationView => ({
  face: encounter.face,
  encounter: encounter.number,
  version: encounter.version,
  patient: {
    name: patient.name,
    sexZh: SEX[patient.sex],
    birthDate: patient.birthDate,
    recordNumber: patient.recordNumber,
    storyZh: patient.storyZh,
    classZh: CLASSES[patient.encounterClass],
  },
  suggested: CHARGES.filter(({ code }) => patient.suggested.includes(code)),
  others: CHARGES,
  orders: encounter.orders.map(({ id, item, state, remark }) => ({
    id,
    code: item.code,
    nameZh: item.nameZh,
    priceYuan: item.priceYuan,
    stateZh: STATES[state],
    withdrawn: state === 'withdrawn',
    remark,
  })),
  totalYuan: feeYuan(encounter),
  prompt: promptView(encounter),
  record: encounter.orders.flatMap(({ item, remark }) => (remark ? [`${item.nameZh}：${remark}`] : [])),
});

/** Acts on what the doctor answered in Huren's card: a recognised order leaves the fee list and Huren is told so. */
const applyAnswer = async (ward: Ward, soap: SoapFace, answer: CardAnswer): Promise<void> => {
  const encounter = ward.byRequest(answer.requestNumber);
  const order = encounter?.orders.find(({ line }) => line === answer.line);
  if (!encounter || !order) return;
  if (answer.decision === 'recognise') {
    if (order.state !== 'draft') return;
    ward.keep(withdrawn(encounter, [order.id], answer.recordText?.zh ?? '互认外院结果'));
    await soap.confirm(answer.check, answer.line);
  } else if (answer.decision === 'undo') ward.keep(restored(encounter, order.id));
  else
    ward.keep(
      remarked(
        encounter,
        [order.id],
        `不互认，继续检查：${answer.reasonText?.zh ?? ''}${answer.text ? `（${answer.text}）` : ''}`,
      ),
    );
};

const answerCard = async (
  ward: Ward,
  cds: CdsFace,
  encounter: Encounter,
  cardId: string,
  fields: { readonly suggestion?: string; readonly reason?: string; readonly comment?: string },
): Promise<void> => {
  if (encounter.prompt.kind !== 'cards') return;
  const card = encounter.prompt.cards.find(({ uuid }) => uuid === cardId);
  if (!card || card.answered) return;
  const suggestion = card.suggestions.find(({ uuid }) => uuid === fields.suggestion);
  const reason = card.overrideReasons.find(({ code }) => code === fields.reason);
  if (!suggestion && !reason) return;
  const cards = encounter.prompt.cards.map((each) => (each === card ? { ...each, answered: true } : each));
  const shown = ward.keep(changed(encounter, { prompt: { kind: 'cards', cards } }));
  if (suggestion) {
    ward.keep(withdrawn(shown, suggestion.orders, card.recordText ?? `互认外院结果：${card.summary}`));
    await cds.tell(card, { outcome: 'accepted', suggestion: suggestion.uuid });
    for (const { code, nameZh } of suggestion.creates) {
      const item = CHARGES.find((charge) => charge.code === code) ?? singleItem(code, nameZh);
      ward.keep(ordered(ward.of(encounter.number) ?? shown, item, ward.newOrderId()));
    }
    for (const line of card.check?.lines ?? []) await cds.confirm(card.check?.id ?? '', line);
  } else if (reason) {
    const comment = fields.comment?.trim() ?? '';
    const about = card.suggestions.flatMap(({ orders }) => orders);
    ward.keep(remarked(shown, about, `不互认，继续检查：${reason.display}${comment && `（${comment}）`}`));
    await cds.tell(card, { outcome: 'overridden', reason, comment });
  }
};

const sendPage = (reply: FastifyReply, text: string, hurenUrl: string | undefined): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .headers({
      'content-security-policy': `default-src 'self'; img-src data:; frame-src ${hurenUrl ?? "'none'"}; frame-ancestors 'none'; base-uri 'none'`,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    .send(text);

/** Routes of the workstation. */
const workstationRoutes = (app: FastifyInstance, ward: Ward, of: () => HisDependencies | undefined): void => {
  const patientOf = (key: string): HisPatient | undefined =>
    of()?.patients.find((patient) => patient.key === key);
  const called = (number: string): { encounter: Encounter; patient: HisPatient } | undefined => {
    const encounter = ward.of(number);
    const patient = encounter && patientOf(encounter.patientKey);
    return encounter && patient && { encounter, patient };
  };
  const back = (reply: FastifyReply, number: string) => reply.redirect(`/encounters/${number}`, 303);

  app.get('/', async (_request, reply) =>
    sendPage(reply, waitingRoomPage(of()?.patients ?? []).text, of()?.hurenUrl),
  );
  app.get('/his.css', async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(asset('his.css')),
  );
  app.get('/his.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(asset('his.js')),
  );
  app.post<{ Body: { patient?: string; face?: string } }>('/encounters', async ({ body }, reply) => {
    const patient = patientOf(body.patient ?? '');
    if (!patient) return reply.redirect('/', 303);
    return back(reply, ward.open(body.face === 'cds-hooks' ? 'cds-hooks' : 'soap', patient.key).number);
  });
  app.get<{ Params: { number: string } }>('/encounters/:number', async ({ params }, reply) => {
    const now = called(params.number);
    return now
      ? sendPage(reply, workstationPage(viewOf(now.encounter, now.patient)).text, of()?.hurenUrl)
      : reply.redirect('/', 303);
  });
  app.get<{ Params: { number: string }; Querystring: { version?: string } }>(
    '/encounters/:number/orders',
    async ({ params, query }, reply) => {
      const now = called(params.number);
      if (!now || query.version === String(now.encounter.version)) return reply.code(204).send();
      return sendPage(reply, workstationOrders(viewOf(now.encounter, now.patient)).text, undefined);
    },
  );
  app.post<{ Params: { number: string }; Body: { code?: string | string[] } }>(
    '/encounters/:number/orders',
    async ({ params, body }, reply) => {
      const now = called(params.number);
      if (!now) return reply.redirect('/', 303);
      for (const code of [body.code ?? []].flat()) {
        const item = CHARGES.find((charge) => charge.code === code);
        const encounter = ward.of(params.number);
        if (item && encounter) ward.keep(ordered(encounter, item, ward.newOrderId()));
      }
      return back(reply, params.number);
    },
  );
  app.post<{ Params: { number: string }; Body: { order?: string } }>(
    '/encounters/:number/remove',
    async ({ params, body }, reply) => {
      const now = called(params.number);
      if (now)
        ward.keep(
          changed(now.encounter, {
            orders: now.encounter.orders.filter(({ id, state }) => id !== body.order || state !== 'draft'),
          }),
        );
      return back(reply, params.number);
    },
  );
  app.post<{ Params: { number: string }; Body: { act?: string } }>(
    '/encounters/:number/sign',
    async ({ params, body }, reply) => {
      const now = called(params.number);
      const sides = of();
      if (!now || !sides) return reply.redirect('/', 303);
      if (body.act === 'sign') {
        ward.keep(signed(now.encounter));
        return back(reply, params.number);
      }
      const face = now.encounter.face === 'cds-hooks' ? sides.cds : sides.soap;
      const prompt = await face.ask(now.encounter, now.patient);
      ward.keep(changed(ward.of(params.number) ?? now.encounter, { prompt }));
      return back(reply, params.number);
    },
  );
  app.post<{
    Params: { number: string; card: string };
    Body: { suggestion?: string; reason?: string; comment?: string };
  }>('/encounters/:number/cards/:card', async ({ params, body }, reply) => {
    const now = called(params.number);
    const sides = of();
    if (now && sides) await answerCard(ward, sides.cds, now.encounter, params.card, body);
    return back(reply, params.number);
  });
};

/** What Huren itself calls: the FHIR server behind the hooks, and the callback with the doctor's answers. */
const machineRoutes = (app: FastifyInstance, ward: Ward, of: () => HisDependencies | undefined): void => {
  app.get<{ Params: { key: string } }>('/fhir/Patient/:key', async ({ params }, reply) => {
    const patient = of()?.patients.find(({ key }) => key === params.key);
    return patient ? reply.send(patientResource(patient)) : reply.code(404).send();
  });
  app.get<{ Params: { number: string } }>('/fhir/Encounter/:number', async ({ params }, reply) => {
    const encounter = ward.of(params.number);
    const patient = of()?.patients.find(({ key }) => key === encounter?.patientKey);
    return encounter && patient ? reply.send(encounterResource(encounter, patient)) : reply.code(404).send();
  });
  app.post<{ Body: string }>('/callbacks/huren', async ({ headers, body }, reply) => {
    const sides = of();
    const answer = sides?.soap.readCallback(headers, body);
    if (!sides || !answer) return reply.code(401).send();
    if (ward.isNew(answer.id)) await applyAnswer(ward, sides.soap, answer);
    return reply.code(204).send();
  });
};

/**
 * Starts the imitated hospital on loopback. It talks to Huren over the network as any hospital would, and holds its
 * orders in memory only.
 */
export const startImitationHis = async (port: number): Promise<ImitationHis> => {
  const app = fastify({ logger: false, forceCloseConnections: true }) as FastifyInstance;
  // A callback is signed over its bytes, so its text is kept as it came.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  await app.register(formbody);
  const ward = openWard();
  let dependencies: HisDependencies | undefined;
  workstationRoutes(app, ward, () => dependencies);
  machineRoutes(app, ward, () => dependencies);
  await app.listen({ host: '127.0.0.1', port });
  const address = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    connect(given) {
      dependencies = given;
    },
    close: () => app.close(),
  };
};
