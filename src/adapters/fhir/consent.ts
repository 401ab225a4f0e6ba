import type { ConsentActKind, ConsentPurpose, ConsentRelation, ConsentWay } from '../../consent/index.ts';
import { raiser } from '../../kernel/fault.ts';
import { FHIR_CONSENT_FAULTS } from './consent-faults.ts';

const raise = raiser(FHIR_CONSENT_FAULTS);

/** An act of consent as far as FHIR states it. */
export interface StatedConsent {
  readonly kind: ConsentActKind;
  readonly purpose: ConsentPurpose;
  /** Codes of institutions; null: all. */
  readonly source: string | null;
  readonly recipient: string | null;
  readonly recordClass: string | null;
  readonly relation: ConsentRelation;
  /** Name of whoever acted for the patient. */
  readonly representative: string | null;
  readonly way: ConsentWay;
  readonly wording: string;
  readonly actedAt: string;
  readonly until: string | null;
}

/** One act as kept, to be written as a resource. */
export interface KeptConsent extends StatedConsent {
  readonly id: string;
  readonly person: string;
  /** False once it has ended by itself. */
  readonly inForce: boolean;
  /** The institution that recorded it; null on the patient's own phone. */
  readonly institution: string | null;
  /** Address of the scan; null where there is none. */
  readonly scanUrl: string | null;
}

const SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const LOINC = 'http://loinc.org';
const INSTITUTION = 'urn:huren:institution';
const RECORD_CLASS = 'urn:huren:record-class';
const RELATION = 'urn:huren:consent:relation';
const WAY = 'urn:huren:consent:way';
const WORDING = 'urn:huren:consent:wording';
/** Which act it was. FHIR has one word less: an agreement that ended by itself and one that was taken back are both `inactive`. */
const KIND = 'urn:huren:consent:kind';

const PURPOSES: Readonly<Record<ConsentPurpose, string>> = {
  treatment: 'TREAT',
  quality: 'HQUALIMP',
  research: 'HRESCH',
};

const statusOf = ({ kind, inForce }: Pick<KeptConsent, 'kind' | 'inForce'>): string => {
  switch (kind) {
    case 'informed':
      return 'proposed';
    case 'consented':
      return inForce ? 'active' : 'inactive';
    case 'denied':
      return 'rejected';
    case 'withdrawn':
      return 'inactive';
  }
};

const institutionReference = (code: string) => ({ identifier: { system: INSTITUTION, value: code } });

const actor = (role: string, code: string) => ({
  role: { coding: [{ system: PARTICIPATION, code: role }] },
  reference: institutionReference(code),
});

/** An act of consent as FHIR R4 Consent. What our words have and FHIR has not goes under our own systems. */
export const consentResource = (act: KeptConsent) => ({
  resourceType: 'Consent',
  id: act.id,
  extension: [{ url: KIND, valueCode: act.kind }],
  status: statusOf(act),
  scope: { coding: [{ system: SCOPE, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: LOINC, code: '59284-0' }] }, { coding: [{ system: WAY, code: act.way }] }],
  patient: { reference: `Patient/${act.person}` },
  dateTime: act.actedAt,
  performer: [
    act.relation === 'self'
      ? { reference: `Patient/${act.person}` }
      : {
          type: 'RelatedPerson',
          identifier: { system: RELATION, value: act.relation },
          ...(act.representative === null ? {} : { display: act.representative }),
        },
  ],
  ...(act.institution === null ? {} : { organization: [institutionReference(act.institution)] }),
  ...(act.scanUrl === null ? {} : { sourceAttachment: { url: act.scanUrl } }),
  policyRule: { coding: [{ system: WORDING, code: act.wording }] },
  provision: {
    type: act.kind === 'denied' || act.kind === 'withdrawn' ? 'deny' : 'permit',
    period: { start: act.actedAt, ...(act.until === null ? {} : { end: act.until }) },
    actor: [
      ...(act.recipient === null ? [] : [actor('IRCP', act.recipient)]),
      ...(act.source === null ? [] : [actor('CST', act.source)]),
    ],
    purpose: [{ system: ACT_REASON, code: PURPOSES[act.purpose] }],
    ...(act.recordClass === null ? {} : { securityLabel: [{ system: RECORD_CLASS, code: act.recordClass }] }),
  },
});

type Json = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(objectOf) : []);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** The code of a system among codings. */
const codeIn = (codings: readonly Json[], system: string): string | null =>
  textOf(codings.find((each) => each['system'] === system)?.['code']);

/** Members that change what a consent means. One that we do not read is refused, never left out. */
const READ = {
  resource: [
    'resourceType',
    'id',
    'meta',
    'text',
    'language',
    'extension',
    'identifier',
    'status',
    'scope',
    'category',
    'patient',
    'dateTime',
    'performer',
    'organization',
    'sourceAttachment',
    'policyRule',
    'provision',
  ],
  provision: ['id', 'type', 'period', 'actor', 'purpose', 'securityLabel'],
} as const;

const refuseUnread = (value: Json, known: readonly string[], place: string): void => {
  const strange = Object.keys(value).find((name) => !known.includes(name));
  if (strange !== undefined) throw raise('FHIR_CONSENT_UNSUPPORTED', { place: `${place}${strange}` });
};

const kindOf = (resource: Json, provision: Json): ConsentActKind => {
  const stated = listOf(resource['extension']).find(({ url }) => url === KIND)?.['valueCode'];
  if (stated === 'informed' || stated === 'consented' || stated === 'denied' || stated === 'withdrawn')
    return stated;
  const denies = provision['type'] === 'deny';
  switch (resource['status']) {
    case 'active':
      return denies ? 'denied' : 'consented';
    case 'rejected':
      return 'denied';
    case 'inactive':
      return 'withdrawn';
    case 'proposed':
      return 'informed';
    default:
      throw raise('FHIR_CONSENT_UNSUPPORTED', { place: 'status' });
  }
};

const RELATIONS: Readonly<Record<string, ConsentRelation>> = {
  parent: 'parent',
  guardian: 'guardian',
  spouse: 'spouse',
  child: 'child',
  sibling: 'sibling',
  other: 'other',
};

/** A consent that came in: what it says, and about whom. */
export interface ReadConsent {
  readonly person: string;
  readonly kind: ConsentActKind;
  readonly source: string | null;
  readonly recipient: string | null;
  readonly recordClass: string | null;
  readonly relation: ConsentRelation;
  readonly representative: string | null;
  readonly until: string | null;
  /** A scan that came with it, in base64. */
  readonly scan: string | null;
}

const actorCode = (provision: Json, role: string): string | null => {
  const found = listOf(provision['actor']).filter(
    (each) => codeIn(listOf(objectOf(each['role'])['coding']), PARTICIPATION) === role,
  );
  if (found.length > 1) throw raise('FHIR_CONSENT_UNSUPPORTED', { place: 'provision.actor' });
  const [one] = found;
  if (!one) return null;
  const { system, value } = objectOf(objectOf(one['reference'])['identifier']);
  const code = system === INSTITUTION ? textOf(value) : null;
  if (code === null) throw raise('FHIR_CONSENT_UNSUPPORTED', { place: 'provision.actor.reference' });
  return code;
};

/**
 * Reads a FHIR R4 Consent of scope patient-privacy.
 *
 * @throws FHIR_CONSENT_INVALID, FHIR_CONSENT_UNSUPPORTED naming the member that is not read: a consent of which a part is
 *   left out would allow or forbid something else
 */
export const readConsentResource = (value: unknown): ReadConsent => {
  const resource = objectOf(value);
  if (resource['resourceType'] !== 'Consent') throw raise('FHIR_CONSENT_INVALID', { place: 'resourceType' });
  refuseUnread(resource, READ.resource, '');
  const provision = objectOf(resource['provision']);
  refuseUnread(provision, READ.provision, 'provision.');
  if (codeIn(listOf(objectOf(resource['scope'])['coding']), SCOPE) !== 'patient-privacy')
    throw raise('FHIR_CONSENT_UNSUPPORTED', { place: 'scope' });
  const purposes = listOf(provision['purpose']);
  if (purposes.some((each) => each['code'] !== PURPOSES.treatment))
    throw raise('FHIR_CONSENT_UNSUPPORTED', { place: 'provision.purpose' });
  const roles = listOf(provision['actor']).map((each) =>
    codeIn(listOf(objectOf(each['role'])['coding']), PARTICIPATION),
  );
  if (roles.some((role) => role !== 'IRCP' && role !== 'CST'))
    throw raise('FHIR_CONSENT_UNSUPPORTED', { place: 'provision.actor.role' });
  const person = /^Patient\/([0-9a-f-]{36})$/.exec(
    textOf(objectOf(resource['patient'])['reference']) ?? '',
  )?.[1];
  if (person === undefined) throw raise('FHIR_CONSENT_INVALID', { place: 'patient' });
  const labels = listOf(provision['securityLabel']);
  const recordClass = codeIn(labels, RECORD_CLASS);
  if (labels.length > 1 || (labels.length === 1 && recordClass === null))
    throw raise('FHIR_CONSENT_UNSUPPORTED', { place: 'provision.securityLabel' });
  const [performer = {}] = listOf(resource['performer']);
  const { system, value: related } = objectOf(performer['identifier']);
  const relation =
    performer['type'] === 'RelatedPerson'
      ? (RELATIONS[system === RELATION ? (textOf(related) ?? '') : ''] ?? 'other')
      : 'self';
  return {
    person,
    kind: kindOf(resource, provision),
    source: actorCode(provision, 'CST'),
    recipient: actorCode(provision, 'IRCP'),
    recordClass,
    relation,
    representative: relation === 'self' ? null : textOf(performer['display']),
    until: textOf(objectOf(provision['period'])['end']),
    scan: textOf(objectOf(resource['sourceAttachment'])['data']),
  };
};

/** Acts as a FHIR R4 search set. */
export const consentBundle = (resources: readonly ReturnType<typeof consentResource>[]) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: resources.length,
  entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
});
