import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of the FHIR interface. */
export const FHIR_FAULTS = defineFaults({
  FHIR_UNKNOWN: {
    status: 404,
    zh: '没有该资源，或您无权查看；请检查编号，患者须有本机构的就诊或医嘱。',
    en: 'There is no such resource, or it is not yours to see; check the id, and that a visit or an order makes the person a patient of your institution.',
  },
  FHIR_IDENTIFIER_SYSTEM_UNKNOWN: {
    status: 400,
    zh: '不支持该证件体系；身份证请用 urn:oid:2.16.156.10011.1.3，病历号请用 urn:huren:record。',
    en: 'Nobody can be found by identifiers of that system; use urn:oid:2.16.156.10011.1.3 for the citizen number and urn:huren:record for a medical record number.',
  },
});
