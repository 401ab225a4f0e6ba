import { z } from 'zod';
import type { FhirResource } from '../../../adapters/fhir/result-resources.ts';
import { operationOutcome } from '../../../adapters/fhir/operation-outcome.ts';
import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import type { CallOrigin, PatientActor, StaffActor } from '../flows-port.ts';
import { type Route, signedInRoute } from '../route.ts';
import { valueOf } from './order-checks.ts';

/** The access log about one person as FHIR AuditEvents (IHE BALP), the newest first. */
export type AuditEvents = (
  actor: StaffActor | PatientActor,
  person: PublicId,
  origin: CallOrigin,
) => Promise<Result<FhirResource, Fault>>;

const FHIR_TYPE = 'application/fhir+json';

/** The access log by FHIR, for the patient and the privacy officer. */
export const auditEventRoutes = (events: AuditEvents): Route[] => [
  signedInRoute({
    operationId: 'searchAuditEvents',
    method: 'GET',
    path: '/fhir/AuditEvent',
    surface: 'api',
    summary: {
      zh: '访问日志（FHIR AuditEvent）：患者看自己的，隐私保护负责人看本机构的',
      en: 'The access log about a person: for the patient all of it, for a privacy officer the own institution’s',
    },
    access: { kind: 'signed-in', right: 'audit-event:read' },
    limits: { bodyBytes: 1, perMinute: 120 },
    input: { query: z.strictObject({ patient: publicIdShape }) },
    refusal: (fault) => ({
      mediaType: `${FHIR_TYPE}; charset=utf-8`,
      bytes: Buffer.from(JSON.stringify(operationOutcome(fault)), 'utf8'),
    }),
    answers: [{ status: 200, description: 'A Bundle', mediaType: FHIR_TYPE }],
    handle: async ({ actor, query, origin }) => ({
      kind: 'text',
      status: 200,
      mediaType: `${FHIR_TYPE}; charset=utf-8`,
      text: JSON.stringify(valueOf(await events(actor, query.patient as PublicId, origin))),
    }),
  }),
];
