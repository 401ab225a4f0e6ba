import { z } from 'zod';
import {
  consentBundle,
  consentResource,
  type KeptConsent,
  type ReadConsent,
  readConsentResource,
} from '../../../adapters/fhir/consent.ts';
import { FHIR_CONSENT_FAULTS } from '../../../adapters/fhir/consent-faults.ts';
import { operationOutcome } from '../../../adapters/fhir/operation-outcome.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type ConsentActAnswer,
  type ConsentRequest,
  consentRequestShape,
} from '../../../web/wire/consent.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import type { Actor } from '../flows-port.ts';
import { PHOTO_UPLOAD } from '../photo.ts';
import { type Answer, type AnswerShape, type Limits, type Route, route } from '../route.ts';
import type { ConsentFlows } from './consents-port.ts';
import { idempotencyHeaders, valueOf } from './order-checks.ts';

const raise = raiser(FHIR_CONSENT_FAULTS);

const FHIR_TYPE = 'application/fhir+json';

const READING: Limits = { bodyBytes: 1, perMinute: 6_000 };

const answers = (description: string, status = 200): readonly AnswerShape[] => [
  { status, description, mediaType: FHIR_TYPE },
];

const resource = (value: object, status = 200, headers: Readonly<Record<string, string>> = {}): Answer => ({
  kind: 'text',
  status,
  mediaType: `${FHIR_TYPE}; charset=utf-8`,
  text: JSON.stringify(value),
  headers,
});

const refusal = (fault: Fault) => ({
  mediaType: `${FHIR_TYPE}; charset=utf-8`,
  bytes: Buffer.from(JSON.stringify(operationOutcome(fault)), 'utf8'),
});

const keptOf = (act: ConsentActAnswer, person: string): KeptConsent => ({
  id: act.id,
  person,
  kind: act.kind,
  purpose: act.purpose,
  source: act.source?.code ?? null,
  recipient: act.recipient?.code ?? null,
  recordClass: act.recordClass?.code ?? null,
  relation: act.relation,
  representative: act.representative,
  way: act.way,
  wording: act.wording,
  actedAt: act.actedAt,
  until: act.until,
  inForce: act.inForce,
  institution: act.recordedBy.institution,
  scanUrl: act.hasScan ? `/api/consents/${act.id}/scan` : null,
});

/** @throws FHIR_CONSENT_INVALID */
const parsed = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (cause) {
    throw raise('FHIR_CONSENT_INVALID', { place: 'body', cause });
  }
};

/** @throws FHIR_CONSENT_UNSUPPORTED for an agreement that lets another institution read, FHIR_CONSENT_INVALID */
const requestOf = (read: ReadConsent, actor: Actor): ConsentRequest => {
  if (read.recipient !== null && read.recipient !== actor.institution)
    throw raise('FHIR_CONSENT_UNSUPPORTED', { place: 'provision.actor' });
  const request = consentRequestShape.safeParse({
    kind: read.kind,
    way: read.scan === null ? 'registration' : 'paper',
    relation: read.relation,
    recipient: read.recipient === null ? 'all' : 'own-institution',
    ...(read.representative === null ? {} : { representative: read.representative }),
    ...(read.source === null ? {} : { source: read.source }),
    ...(read.recordClass === null ? {} : { recordClass: read.recordClass }),
    ...(read.until === null ? {} : { until: read.until }),
    ...(read.scan === null ? {} : { scan: Uint8Array.from(Buffer.from(read.scan, 'base64')) }),
  });
  if (!request.success)
    throw raise('FHIR_CONSENT_INVALID', { place: request.error.issues[0]?.path.join('.') ?? '' });
  return request.data;
};

/** Consent as FHIR R4, in and out. */
export const fhirConsentRoutes = (flows: ConsentFlows): Route[] => [
  route({
    operationId: 'createFhirConsent',
    method: 'POST',
    path: '/fhir/Consent',
    surface: 'fhir',
    summary: { zh: '以 FHIR Consent 登记同意', en: 'Records an act of consent stated as FHIR R4 Consent' },
    access: { kind: 'right', right: 'consent:record' },
    // A scan travels inside it, a third longer than it is.
    limits: { bodyBytes: Math.ceil((PHOTO_UPLOAD.bodyBytes * 4) / 3) + 64 * 1024, perMinute: 6_000 },
    input: { headers: idempotencyHeaders },
    rawBody: { mediaTypes: [FHIR_TYPE], description: 'A FHIR R4 Consent' },
    refusal,
    answers: answers('Recorded', 201),
    async handle({ actor, headers, rawBody, origin }) {
      const read = readConsentResource(parsed(rawBody));
      const person = read.person as PublicId;
      const request = requestOf(read, actor);
      const key = headers['idempotency-key'] ?? null;
      const { act } = valueOf(await flows.record(actor, person, request, key, origin));
      return resource(consentResource(keptOf(act, person)), 201, { location: `/fhir/Consent/${act.id}` });
    },
  }),
  route({
    operationId: 'readFhirConsent',
    method: 'GET',
    path: '/fhir/Consent/{id}',
    surface: 'fhir',
    summary: { zh: '一条同意记录（FHIR）', en: 'One act of consent recorded here, as FHIR R4 Consent' },
    access: { kind: 'right', right: 'consent:read' },
    limits: READING,
    input: { params: z.strictObject({ id: publicIdShape }) },
    refusal,
    answers: answers('The resource'),
    async handle({ actor, params, origin }) {
      const { person, ...act } = valueOf(await flows.read(actor, params.id as PublicId, origin));
      return resource(consentResource(keptOf(act, person)));
    },
  }),
  route({
    operationId: 'searchFhirConsents',
    method: 'GET',
    path: '/fhir/Consent',
    surface: 'fhir',
    summary: {
      zh: '患者的同意记录（FHIR）',
      en: 'Every act of consent of a patient, as a FHIR R4 search set',
    },
    access: { kind: 'right', right: 'consent:read' },
    limits: READING,
    input: { query: z.strictObject({ patient: z.string().regex(/^(Patient\/)?[0-9a-f-]{36}$/) }) },
    refusal,
    answers: answers('The search set'),
    async handle({ actor, query, origin }) {
      const person = query.patient.replace('Patient/', '') as PublicId;
      const { acts } = valueOf(await flows.overview(actor, person, origin));
      return resource(consentBundle(acts.map((act) => consentResource(keptOf(act, person)))));
    },
  }),
];
