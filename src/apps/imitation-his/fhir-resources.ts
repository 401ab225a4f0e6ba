import { drafts, type Encounter, type HisOrder } from './encounter.ts';
import { HIS_SYSTEMS, type HisPatient } from './patients.ts';

type Resource = { readonly resourceType: string; readonly id: string } & Record<string, unknown>;

const FHIR_CLASS = {
  outpatient: 'AMB',
  emergency: 'EMER',
  inpatient: 'IMP',
  'health-check': 'AMB',
} as const;

/** The patient as FHIR R4. */
export const patientResource = (patient: HisPatient): Resource => ({
  resourceType: 'Patient',
  id: patient.key,
  identifier: [
    ...(patient.nationalId ? [{ system: HIS_SYSTEMS.nationalId, value: patient.nationalId }] : []),
    { system: HIS_SYSTEMS.record, value: patient.recordNumber },
  ],
  name: [{ text: patient.name }],
  gender: patient.sex,
  birthDate: patient.birthDate,
});

/** The visit as FHIR R4. */
export const encounterResource = (encounter: Encounter, patient: HisPatient): Resource => ({
  resourceType: 'Encounter',
  id: encounter.number,
  status: 'in-progress',
  class: {
    system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
    code: FHIR_CLASS[patient.encounterClass],
  },
  identifier: [{ system: HIS_SYSTEMS.outpatient, value: encounter.number }],
  subject: { reference: `Patient/${patient.key}` },
});

/** A draft order as FHIR R4: the hospital's own code, and the side where it has one. */
export const orderResource = (order: HisOrder, encounter: Encounter, patient: HisPatient): Resource => ({
  resourceType: 'ServiceRequest',
  id: order.id,
  status: order.state === 'draft' ? 'draft' : order.state === 'signed' ? 'active' : 'revoked',
  intent: 'order',
  requisition: { value: encounter.requestNumber },
  code: {
    coding: [{ system: HIS_SYSTEMS.orderCode, code: order.item.code, display: order.item.nameZh }],
    text: order.item.nameZh,
  },
  subject: { reference: `Patient/${patient.key}` },
  encounter: { reference: `Encounter/${encounter.number}` },
  requester: { identifier: { system: HIS_SYSTEMS.staff, value: '100118' }, display: '顾清和' },
  ...(patient.diagnosis
    ? { reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: patient.diagnosis }] }] }
    : {}),
});

/** The drafts as the Bundle that CDS Hooks asks for. */
export const draftOrders = (encounter: Encounter, patient: HisPatient) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: drafts(encounter).map((order) => ({ resource: orderResource(order, encounter, patient) })),
});
