import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';

/** One row of the access log about a person, as it is written in FHIR. Names nobody by name: ids and codes only. */
export interface LoggedDisclosure {
  readonly id: PublicId;
  readonly occurredAt: Instant;
  /** `staff:LOGIN`, `client:CODE` … */
  readonly actor: string;
  /** Role of the actor at that moment; null in rows from before it was kept. */
  readonly role: string | null;
  readonly department: string | null;
  /** 工号 (staff number). */
  readonly staffNumber: string | null;
  /** Code of the actor's institution; null for those who belong to none. */
  readonly institution: string | null;
  /** `report.read`, `order.check` … */
  readonly action: string;
  /** `report/ID`, `order-check/ID` … */
  readonly resource: string;
  readonly purpose: string;
  readonly basis: string;
  readonly outcome: string;
  /** Address of the caller's end of the connection. */
  readonly peer: string;
  readonly person: PublicId;
}

type Coding = { readonly system: string; readonly code: string; readonly display?: string };

const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';
const RESTFUL = 'http://hl7.org/fhir/restful-interaction';
const OURS = 'urn:huren:audit';
const PROFILES = {
  R: 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead',
  E: 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientQuery',
  C: 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientCreate',
  U: 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientUpdate',
} as const;
const INTERACTIONS = { R: 'read', E: 'search', C: 'create', U: 'update' } as const;
type ActionCode = keyof typeof PROFILES;

/** Purposes of use (HL7 v3 ActReason); a purpose that is not here is sent in our own system alone. */
const PURPOSES: Readonly<Record<string, string>> = {
  treatment: 'TREAT',
  quality: 'HQUALIMP',
  oversight: 'HOPERAT',
  operations: 'HSYSADMIN',
  'own-data': 'PATRQT',
  emergency: 'ETREAT',
};

const actionCodeOf = (action: string): ActionCode => {
  const verb = action.slice(action.indexOf('.') + 1);
  if (verb === 'search' || verb === 'check' || verb === 'list') return 'E';
  if (verb === 'submit' || verb === 'record' || verb === 'create') return 'C';
  return verb === 'fulfil' || verb === 'respond' || verb === 'undo' || verb === 'replay' ? 'U' : 'R';
};

/** 0 success, 4 refused (minor failure), 8 the act failed. */
const outcomeOf = (outcome: string): '0' | '4' | '8' => {
  if (outcome === 'failed') return '8';
  return /^(refused|denied|not-)/.test(outcome) ? '4' : '0';
};

/**
 * A row of the access log as FHIR R4 AuditEvent by IHE BALP (Basic Audit Log Patterns, patient patterns): who by code and
 * institution, the patient by our own id, what, on what basis, from where and with what result.
 */
export const auditEvent = (row: LoggedDisclosure) => {
  const action = actionCodeOf(row.action);
  const isSystem = row.actor.startsWith('client:');
  const purposeCode = PURPOSES[row.purpose];
  const purpose: Coding[] = [
    ...(purposeCode
      ? [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: purposeCode }]
      : []),
    { system: `${OURS}:purpose`, code: row.purpose },
  ];
  return {
    resourceType: 'AuditEvent',
    id: row.id,
    meta: { profile: [PROFILES[action]] },
    type: {
      system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
      code: 'rest',
      display: 'RESTful Operation',
    },
    subtype: [
      { system: RESTFUL, code: INTERACTIONS[action] },
      { system: `${OURS}:action`, code: row.action },
    ],
    action,
    recorded: isoInstant(row.occurredAt),
    outcome: outcomeOf(row.outcome),
    outcomeDesc: row.outcome,
    purposeOfEvent: [{ coding: purpose }],
    agent: [
      {
        type: {
          coding: [
            isSystem
              ? { system: DICOM, code: '110153', display: 'Source Role ID' }
              : { system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' },
          ],
        },
        ...(row.role === null ? {} : { role: [{ coding: [{ system: `${OURS}:role`, code: row.role }] }] }),
        who: { identifier: { system: `${OURS}:actor`, value: row.actor } },
        ...(row.staffNumber === null ? {} : { altId: row.staffNumber }),
        ...(row.department === null ? {} : { location: { display: row.department } }),
        requestor: true,
        policy: [`${OURS}:basis:${row.basis}`],
        ...(row.peer === '' ? {} : { network: { address: row.peer, type: '2' } }),
        purposeOfUse: [{ coding: purpose }],
      },
      ...(row.institution === null
        ? []
        : [
            {
              type: {
                coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleClass', code: 'PROV' }],
              },
              who: { identifier: { system: 'urn:huren:institution', value: row.institution } },
              requestor: false,
            },
          ]),
    ],
    source: {
      observer: { display: 'Huren' },
      type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4' }],
    },
    entity: [
      {
        what: { identifier: { system: 'urn:huren:person', value: row.person } },
        type: {
          system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
          code: '1',
          display: 'Person',
        },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1', display: 'Patient' },
      },
      {
        what: { identifier: { system: 'urn:huren:resource', value: row.resource } },
        type: {
          system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
          code: '2',
          display: 'System Object',
        },
        role: {
          system: 'http://terminology.hl7.org/CodeSystem/object-role',
          code: '4',
          display: 'Domain Resource',
        },
      },
    ],
  } as const;
};
