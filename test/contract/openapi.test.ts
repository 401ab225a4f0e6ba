import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { holdersOf, purposesOf, type Right, RIGHTS } from '../../src/access/index.ts';
import { consoleExamples } from './console-examples.ts';
import { type FormBrowser, signedInBrowser } from '../system/http-server.ts';
import { imageExamples, OPEN_BY_PASS, passedExamples, viewExamples } from './openapi-images.ts';
import { consentExamples, decideOnPhone, type PreparedConsent, prepareConsent } from './openapi-consents.ts';
import {
  type Example,
  FORM_KEY,
  formOf,
  type Json,
  paperExamples,
  prepareNoticeAndTicket,
} from './openapi-papers.ts';
import { fhirExamples } from './fhir-examples.ts';
import { oversightExamples, type OversightSubject, oversightSubject } from './oversight-examples.ts';
import { correctionExamples, type CorrectionSubject, correctionSubject } from './correction-examples.ts';
import { emergencyExamples } from './openapi-privacy.ts';
import type { OpenApi, Operation } from './openapi-document.ts';
import { deskExamples, type DeskSubject, deskSubject, ownDataExamples } from './own-data-examples.ts';
import { appExamples, OPEN_APP_OPERATIONS, registerForDocument } from './openapi-apps.ts';
import { envelope } from './soap-client.ts';
import { webAppExamples } from './web-app-examples.ts';
import {
  type CdsCaller,
  cdsCaller,
  draftOrder,
  hookBody,
  patientResource,
  registerCaller,
} from './cds-hooks-caller.ts';
import { exampleSubject, realSubject, type Subject } from './openapi-subject.ts';

describe.each([
  ['the example flows', exampleSubject],
  ['the real flows', realSubject],
])('the published OpenAPI document, over %s', (_, start) => {
  let subject: Subject;
  let url: string;
  let document: OpenApi;
  let keys: Subject['keys'];
  let browser: FormBrowser;
  let technicianBrowser: FormBrowser;
  let ticket: string;
  /** The order once more, its line to be examined again, and the notice about that. */
  let repeatCheck: string;
  let supplied: string;
  let notice: { readonly id: string; readonly token: string };
  /** One that the doctor sent himself. */
  let doctorTicket: string;
  let officeBrowser: FormBrowser;
  let opinion: string;
  let operatorBrowser: FormBrowser;
  let oversight: OversightSubject | null = null;
  let consent: PreparedConsent;
  let check: string;
  /** The same order once more, to be answered by the doctor's form. */
  let formCheck: string;
  /** Token of the card of the same order checked a third time. */
  let token: string;
  let attachedToken: string;
  let person: string;
  let found: { readonly report: string; readonly ordinal: number };
  let caller: CdsCaller;
  let cardFeedback: Json;
  let corrections: CorrectionSubject;
  /** null where no patient’s own data are served. */
  let desk: DeskSubject | null;
  /** Of images; none where they are not served. */
  let images: Record<string, Example>;

  /** The same person's order of the same thing, by CDS Hooks. */
  const signing = (): Json =>
    hookBody('order-sign', 'p1', [draftOrder('o1', 'p1', subject.recognisable.code)], {
      prefetch: { patient: patientResource('p1', subject.patient) },
    });

  beforeAll(async () => {
    subject = await start();
    ({ url, keys } = subject);
    document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
    await registerForDocument(subject.database);
    browser = await signedInBrowser(url, subject.doctor);
    technicianBrowser = await signedInBrowser(url, subject.technician);
    officeBrowser = await signedInBrowser(url, subject.office);
    operatorBrowser = await signedInBrowser(url, subject.operator);
    const checked = async (order = subject.order): Promise<OrderCheckAnswer> => {
      const made = await fetch(`${url}/api/order-checks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${keys.client}`, 'content-type': 'application/json' },
        body: JSON.stringify(order),
      });
      return (await made.json()) as OrderCheckAnswer;
    };
    const plain = await checked();
    check = plain.id;
    formCheck = (await checked()).id;
    token = subject.tokenOf((await checked()).id);
    attachedToken = subject.attachedOrder
      ? subject.tokenOf((await checked(subject.attachedOrder)).id)
      : token;
    person = plain.person as string;
    const line = plain.lines.find((each) => each.line === subject.recognisable.line);
    found = line?.candidates[0] as typeof found;
    repeatCheck = (await checked()).id;
    const { line: repeated } = subject.recognisable;
    ({ notice, ticket, supplied } = await prepareNoticeAndTicket(url, keys.client, repeatCheck, repeated, {
      report: found.report,
      person,
    }));
    consent = await prepareConsent(url, keys.client, subject.database, person);
    await browser.get(`/reports/${found.report}/correction`);
    const own = await browser.upload(`/reports/${found.report}/correction`, {
      kind: 'image-missing',
      idempotencyKey: '3f2b0f5e-3d3b-4b0e-9a52-6d7f5f6f7a12',
    });
    doctorTicket = (own.headers.get('location') as string).split('/').at(-1) as string;
    if (subject.regulators) {
      const given = await browser.postJson(`/api/reports/${found.report}/opinions`, { text: '左侧更清楚。' });
      opinion = ((await given.json()) as { opinions: { id: string }[] }).opinions[0]?.id as string;
    }
    if (subject.regulators) oversight = await oversightSubject(url, subject.regulators, repeatCheck);
    corrections = await correctionSubject(url, subject.database, keys.client, {
      report: found.report,
      nationalId: subject.number,
      ticket: doctorTicket,
      token,
    });
    desk = subject.own && (await deskSubject(corrections.registrar, person));
    images = document.paths['/dicom-web/studies']
      ? {
          ...(await imageExamples(url, keys.client)),
          ...(await viewExamples(subject.database)),
          ...(await passedExamples(subject.database, {
            token,
            launch: (studyUID) => subject.launch({ studyUID }),
          })),
        }
      : {};
    caller = await cdsCaller();
    await registerCaller(subject.database, subject.clientCode, caller);
    const hooked = await caller.call('POST', `${url}/cds-services/order-sign`, signing());
    const { cards } = (await hooked.json()) as { cards: { uuid: string }[] };
    cardFeedback = {
      feedback: [
        {
          card: cards[0]?.uuid,
          outcome: 'overridden',
          overrideReason: { reason: { code: 'N1' } },
          outcomeTimestamp: '2026-11-23T00:10:00Z',
        },
      ],
    };
  });
  afterAll(() => subject?.stop());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
    );

  /** How each operation is driven. A new operation without a line here fails the test. */
  const examples = (): Record<string, Example> => ({
    health: { as: 'nobody', status: 200 },
    readiness: { as: 'nobody', status: 200 },
    openApiDocument: { as: 'nobody', status: 200 },
    discoverCdsServices: { as: 'nobody', status: 200 },
    callCdsService: { as: 'hooks', id: 'order-sign', body: signing(), status: 200 },
    sendCdsFeedback: { as: 'hooks', id: 'order-sign', body: cardFeedback, status: 200 },
    styleSheet: { as: 'nobody', status: 200 },
    icon: { as: 'nobody', status: 200 },
    signInPage: { as: 'nobody', status: 200 },
    signIn: { as: 'doctor', body: { login: subject.doctor.login, password: 'wrong' }, status: 401 },
    ...appExamples(person),
    metrics: { as: 'operations', status: 200 },
    ...webAppExamples(person),
    readSession: { as: 'doctor', status: 200 },
    ...(subject.console ? consoleExamples(subject.console) : {}),
    ...(subject.own ? ownDataExamples(subject.own, subject.attached) : {}),
    ...(oversight ? oversightExamples(oversight) : {}),
    ...(subject.regulators ? fhirExamples(person, found.report, found.ordinal, subject.number) : {}),
    checkOrder: { as: 'client', body: subject.order, status: 200 },
    readOrderCheck: { as: 'client', id: check, status: 200 },
    respondToOrderCheck: {
      as: 'client',
      id: check,
      body: {
        line: subject.recognisable.line,
        kind: 'recognise',
        report: found.report,
        ordinal: found.ordinal,
      },
      status: 200,
    },
    readOrderCheckResponses: { as: 'client', id: check, status: 200 },
    soapDescription: { as: 'nobody', status: 200 },
    callSoap: {
      as: 'client',
      xml: envelope(`<h:ReadResponses><h:check>${check}</h:check></h:ReadResponses>`),
      status: 200,
    },
    explainOrderCheck: { as: 'client', id: check, status: 200 },
    replayOrderCheck: { as: 'client', id: check, status: 200 },
    fulfilOrderCheck: {
      as: 'client',
      id: check,
      body: { line: subject.recognisable.line, cancelledAt: '2026-11-23T00:10:00Z' },
      status: 200,
    },
    readPerson: { as: 'client', id: person, status: 200 },
    readResultHistory: { as: 'client', id: person, status: 200 },
    readReport: { as: 'client', id: found.report, status: 200 },
    readReportAttachment: { as: 'client', id: subject.attached, status: 200 },
    searchPersons: { as: 'client', body: { by: 'national-id', text: subject.number }, status: 200 },
    listOrderables: { as: 'client', status: 200 },
    listMarkedOrderChecks: { as: 'client', status: 200 },
    listRecognisedYetExecuted: { as: 'doctor', status: 200 },
    listRecognisedNotYetFulfilled: { as: 'office', status: 200 },
    countRepeats: { as: 'office', status: 200 },
    ...(subject.regulators === null
      ? {}
      : {
          readDepartmentWork: { as: 'office', status: 200 },
          departmentWorkPage: { as: 'office', status: 200 },
          addConsultationOpinion: {
            as: 'doctor',
            id: found.report,
            json: { text: '同意原意见。' },
            status: 200,
          },
          addConsultationOpinionPage: {
            as: 'doctor',
            id: found.report,
            body: { text: '建议随访。' },
            status: 303,
          },
          withdrawConsultationOpinion: {
            as: 'doctor',
            address: `/api/reports/${found.report}/opinions/${opinion}/withdrawal`,
            json: { reason: '所见有误' },
            status: 200,
          },
          withdrawConsultationOpinionPage: {
            as: 'doctor',
            address: `/reports/${found.report}/opinions/${opinion}/withdrawal`,
            body: { reason: '所见有误' },
            status: 303,
          },
        }),
    homePage: { as: 'doctor', status: 200 },
    findPatient: { as: 'doctor', body: { by: 'national-id', text: subject.number }, status: 200 },
    orderPage: { as: 'doctor', id: person, status: 200 },
    checkOrderPage: {
      as: 'doctor',
      id: person,
      body: { encounterClass: '门诊', purpose: '诊疗', code: subject.recognisable.code },
      status: 303,
    },
    checkPage: { as: 'doctor', id: check, status: 200 },
    respondPage: {
      as: 'doctor',
      id: formCheck,
      body: {
        line: String(subject.recognisable.line),
        kind: 'recognise',
        idempotencyKey: FORM_KEY,
      },
      status: 303,
    },
    listOrderCheckAnswers: { as: 'client', id: check, status: 200 },
    cardStyle: { as: 'nobody', status: 200 },
    cardScript: { as: 'nobody', status: 200 },
    launchCard: { as: 'nobody', address: subject.launch(), status: 303 },
    card: { as: 'nobody', address: `/card/${token}`, status: 200 },
    answerOnCard: {
      as: 'nobody',
      address: `/card/${token}/responses`,
      body: {
        line: String(subject.recognisable.line),
        kind: 'recognise',
        report: found.report,
        ordinal: String(found.ordinal),
        idempotencyKey: '3f2b0f5e-3d3b-4b0e-9a52-6d7f5f6f7a12',
      },
      status: 303,
    },
    cardExplanation: { as: 'nobody', address: `/card/${token}/explanation`, status: 200 },
    cardReport: { as: 'nobody', address: `/card/${token}/reports/${found.report}`, status: 200 },
    cardReportAttachment: {
      as: 'nobody',
      address: `/card/${attachedToken}/reports/${subject.attached}/attachments/1`,
      status: 200,
    },
    finishCard: { as: 'nobody', address: `/card/${token}/finish`, status: 303 },
    explanationPage: { as: 'doctor', id: check, status: 200 },
    reportPage: { as: 'doctor', id: found.report, status: 200 },
    ...paperExamples({
      report: found.report,
      line: subject.recognisable.line,
      check: repeatCheck,
      token: subject.tokenOf(repeatCheck),
      notice,
      ticket,
      doctorTicket,
      person,
      supplied,
    }),
    ...consentExamples({ ...consent, person, check, token, code: subject.consentCode(person) }),
    ...(subject.own ? emergencyExamples({ person, token, doctor: subject.doctor }) : {}),
    ...correctionExamples(corrections),
    ...(desk ? deskExamples(desk) : {}),
    ...images,
    signOut: { as: 'doctor', body: {}, status: 303 },
  });

  /** The hidden token that the forms of a page carry. */
  const formTokenOf = async (address: string): Promise<string> =>
    /name="formToken" value="([^"]+)"/.exec(await (await fetch(url + address)).text())?.[1] ?? '';

  const addressOf = (path: string, id = check) => path.replace(/\{\w+\}/, id).replace('{n}', '1');

  /** The body of a system's call, as text. */
  const sentText = ({ body, fhir, form, xml }: Example): { body?: string } => {
    const text = xml ?? form ?? (body || fhir ? JSON.stringify(fhir ?? body) : undefined);
    return text === undefined ? {} : { body: text };
  };

  const drive = async (
    path: string,
    method: string,
    operation: Operation,
    example: Example,
  ): Promise<Response> => {
    const address = example.address ?? addressOf(path, example.id) + (example.query ?? '');
    if (example.as === 'nobody' && method === 'POST' && path.startsWith('/card/')) {
      const formToken = await formTokenOf(`/card/${address.split('/')[2]}`);
      const body = new URLSearchParams({ formToken, ...(example.body as Record<string, string>) });
      return fetch(url + address, { method, body, redirect: 'manual' });
    }
    if (method === 'POST' && path.startsWith('/consent/'))
      return decideOnPhone(url, address, example.body as Record<string, string>);
    const browsers: Partial<Record<Example['as'], FormBrowser>> = {
      doctor: browser,
      technician: technicianBrowser,
      office: officeBrowser,
      operator: operatorBrowser,
      patient: subject.own?.browser ?? consent.browser,
      ...(oversight ? { regulator: oversight.browser } : {}),
      sourceDesk: corrections.sourceDesk,
      registrar: corrections.registrar,
      ...(subject.own ? { officer: subject.own.officer } : {}),
    };
    const from = browsers[example.as];
    if (from) {
      if (method === 'GET') return from.get(address);
      if (example.json) return from.postJson(address, example.json);
      await from.get(example.as === 'patient' ? address : '/');
      if (example.upload) return from.upload(address, example.upload);
      return from.post(address, (example.body ?? {}) as Record<string, string>);
    }
    if (example.as === 'hooks') return caller.call(method as 'POST', url + address, example.body);
    if (example.raw)
      return fetch(url + address, {
        method,
        headers: { authorization: `Bearer ${keys.client}`, 'content-type': example.raw.mediaType },
        body: example.raw.bytes as Uint8Array<ArrayBuffer>,
      });
    const key = example.as === 'client' || example.as === 'operations' ? keys[example.as] : undefined;
    if (example.multipart)
      return fetch(url + address, {
        method,
        headers: { authorization: `Bearer ${key}` },
        body: formOf(example.multipart),
      });
    return fetch(url + address, {
      method,
      redirect: 'manual',
      headers: {
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(operation.requestBody
          ? { 'content-type': Object.keys(operation.requestBody.content)[0] as string }
          : {}),
      },
      ...sentText(example),
    });
  };

  /** The declared shape, read back out of the document: what an integrator's generator would build. */
  const shapeIn = (schema: Json): z.ZodType => {
    const name = /^#\/components\/schemas\/(\w+)$/.exec((schema['$ref'] as string | undefined) ?? '')?.[1];
    return z.fromJSONSchema((name ? document.components.schemas[name] : schema) as never);
  };

  it('is OpenAPI 3.1, names every operation once and says who may call it', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.sort()).toEqual(Object.keys(examples()).sort());
  });

  it('names right, holders and purposes of every operation as the policy has them, and none where all may call', () => {
    for (const { operation } of operations()) {
      if (operation.tags.includes('public')) expect(operation['x-right']).toBeUndefined();
      else {
        const right = operation['x-right'] as Right;
        expect(RIGHTS, operation.operationId).toContain(right);
        expect(operation['x-holders']).toEqual(holdersOf(right));
        expect(operation['x-purposes']).toEqual(purposesOf(right));
      }
    }
  });

  it('leaves nothing open but health, static files, sign-in and what the holder of a paper may see', () => {
    const open = operations().filter(({ operation }) => operation.tags.includes('public'));
    expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
      [
        'GET /assets/app/{file}',
        'GET /assets/card.css',
        'GET /assets/card.js',
        'GET /assets/huren.css',
        'GET /assets/huren.svg',
        'GET /cds-services',
        'GET /consent/{token}',
        'POST /consent/{token}',
        ...(subject.regulators ? ['GET /fhir/metadata'] : []),
        'GET /healthz',
        'GET /notice/{token}',
        'GET /openapi.json',
        'GET /readyz',
        ...(subject.own ? ['GET /share/{token}'] : []),
        'GET /sign-in',
        'GET /soap/order-check',
        'GET /verify/notice/{token}',
        ...(subject.own ? ['POST /share/{token}'] : []),
        'POST /sign-in',
        ...OPEN_APP_OPERATIONS,
        ...(subject.own ? OPEN_BY_PASS : []),
      ].sort(),
    );
  });

  it('refuses a stranger with 401 at every operation that is not public, before looking at the body', async () => {
    const closed = operations().filter(({ operation }) => !operation.tags.includes('public'));
    expect(closed.length).toBeGreaterThan(15);
    for (const { path, method, operation } of closed) {
      for (const headers of [
        {},
        { authorization: 'Bearer huren_his_wrong' },
        { authorization: `Basic ${Buffer.from('someone:huren_his_wrong').toString('base64')}` },
        { cookie: 'huren_session=wrong' },
      ] as Record<string, string>[]) {
        const answer = await fetch(url + addressOf(path), {
          method,
          headers: { ...headers, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) },
          ...(method === 'POST' ? { body: '{"broken' } : {}),
        });
        expect(answer.status, operation.operationId).toBe(401);
        expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      }
    }
  });

  it('answers every operation with a declared status, media type and shape', async () => {
    const wanted = examples();
    // Signing out comes last, because the others need the session.
    const isLast = ({ operation }: { operation: Operation }) => Number(operation.operationId === 'signOut');
    for (const { path, method, operation } of operations().sort(
      (left, right) => isLast(left) - isLast(right),
    )) {
      const example = wanted[operation.operationId] as Example;
      const answer = await drive(path, method, operation, example);
      const text = await answer.text();
      expect(answer.status, `${operation.operationId}: ${text.slice(0, 300)}`).toBe(example.status);
      const declared = operation.responses[String(answer.status)];
      expect(declared, `${operation.operationId} declares ${answer.status}`).toBeDefined();
      const mediaType = (answer.headers.get('content-type') ?? '').split(';')[0] as string;
      if (!declared?.content) {
        expect(text, operation.operationId).toBe('');
        continue;
      }
      const content = declared.content[mediaType];
      expect(content, `${operation.operationId} declares ${mediaType}`).toBeDefined();
      if (mediaType !== 'application/json' || operation.operationId === 'openApiDocument') continue;
      const read = shapeIn((content as { schema: Json }).schema).safeParse(JSON.parse(text));
      expect(read.error?.issues ?? [], operation.operationId).toEqual([]);
    }
  });

  it('refuses a body that breaks its declared shape, with the declared problem', async () => {
    const { path, operation } = operations().find(
      ({ operation: one }) => one.operationId === 'checkOrder',
    ) as {
      path: string;
      operation: Operation;
    };
    const schema = operation.requestBody?.content['application/json']?.schema as { required: string[] };
    for (const missing of schema.required) {
      const { [missing]: _left, ...body } = subject.order;
      const answer = await drive(path, 'POST', operation, { as: 'client', body, status: 400 });
      expect(answer.status, missing).toBe(400);
      const refused = operation.responses['default']?.content?.['application/problem+json'] as {
        schema: Json;
      };
      expect(shapeIn(refused.schema).safeParse(await answer.json()).success).toBe(true);
    }
  });
});
