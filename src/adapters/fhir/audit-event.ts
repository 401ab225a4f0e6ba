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

/** One row of the access log about nobody: a sign-in, a publication, an act of an operator. */
export type LoggedAct = Pick<
  LoggedDisclosure,
  'id' | 'occurredAt' | 'actor' | 'action' | 'resource' | 'outcome' | 'peer'
>;

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
  return /^(refused|denied|not-|wrong|locked|disabled)/.test(outcome) ? '4' : '0';
};

/** The kind of agent: a person who receives, or a system that sends. */
const agentType = (actor: string): { readonly coding: readonly Coding[] } => ({
  coding: [
    actor.startsWith('client:')
      ? { system: DICOM, code: '110153', display: 'Source Role ID' }
      : { system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' },
  ],
});

const networkOf = (peer: string) => (peer === '' ? {} : { network: { address: peer, type: '2' as const } });

/** We ourselves, an application server (code 4), reported it. */
const SOURCE = {
  observer: { display: 'Huren' },
  type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4' }],
} as const;

const entityOf = (resource: string) =>
  ({
    what: { identifier: { system: 'urn:huren:resource', value: resource } },
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
  }) as const;

/**
 * A row of the access log as FHIR R4 AuditEvent by IHE BALP (Basic Audit Log Patterns, patient patterns): who by code and
 * institution, the patient by our own id, what, on what basis, from where and with what result.
 */
export const auditEvent = (row: LoggedDisclosure) => {
  const action = actionCodeOf(row.action);
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
        type: agentType(row.actor),
        ...(row.role === null ? {} : { role: [{ coding: [{ system: `${OURS}:role`, code: row.role }] }] }),
        who: { identifier: { system: `${OURS}:actor`, value: row.actor } },
        ...(row.staffNumber === null ? {} : { altId: row.staffNumber }),
        ...(row.department === null ? {} : { location: { display: row.department } }),
        requestor: true,
        policy: [`${OURS}:basis:${row.basis}`],
        ...networkOf(row.peer),
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
    source: SOURCE,
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
      entityOf(row.resource),
    ],
  } as const;
};

/**
 * A row about nobody as FHIR R4 AuditEvent. BALP has no pattern for these: sign-ins are DICOM's User Authentication (DCM
 * 110114), everything else Application Activity (110100), and our own action says which.
 */
export const systemAuditEvent = (row: LoggedAct) => {
  const isSignIn = row.action === 'sign-in' || row.action === 'sign-out';
  return {
    resourceType: 'AuditEvent',
    id: row.id,
    type: isSignIn
      ? { system: DICOM, code: '110114', display: 'User Authentication' }
      : { system: DICOM, code: '110100', display: 'Application Activity' },
    subtype: [{ system: `${OURS}:action`, code: row.action }],
    action: 'E',
    recorded: isoInstant(row.occurredAt),
    outcome: outcomeOf(row.outcome),
    outcomeDesc: row.outcome,
    agent: [
      {
        type: agentType(row.actor),
        who: { identifier: { system: `${OURS}:actor`, value: row.actor } },
        requestor: true,
        ...networkOf(row.peer),
      },
    ],
    source: SOURCE,
    entity: [entityOf(row.resource)],
  } as const;
};
