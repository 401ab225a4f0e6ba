import type { Instant } from '../../kernel/instant.ts';
import { type CastMember, demonstrationCast, orderFormOf } from '../demonstration/cast.ts';
import { recordNumberOf } from '../demonstration/records.ts';
import { HOME_INSTITUTION } from '../demonstration/region.ts';

/** Identifier and code systems of the imitated hospital, as they are registered with Huren. */
export const HIS_SYSTEMS = {
  /** 居民身份证号码, OID of WS/T 500. */
  nationalId: 'urn:oid:2.16.156.10011.1.3',
  record: 'urn:imitation-his:record-number',
  outpatient: 'urn:imitation-his:encounter-number',
  staff: 'urn:imitation-his:staff-number',
  orderCode: 'urn:imitation-his:order-code',
} as const;

/** A patient as the imitated hospital has registered him. */
export interface HisPatient {
  readonly key: string;
  readonly recordNumber: string;
  readonly name: string;
  readonly sex: 'male' | 'female';
  /** `YYYY-MM-DD`. */
  readonly birthDate: string;
  readonly nationalId: string | null;
  readonly storyZh: string;
  readonly encounterClass: 'outpatient' | 'emergency' | 'inpatient' | 'health-check';
  readonly purpose: string;
  readonly diagnosis: string | null;
  /** Codes of the items that the story orders. */
  readonly suggested: readonly string[];
}

const dayText = (digits: string): string =>
  `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`;

const patientOf = (member: CastMember): HisPatient => ({
  key: member.key,
  recordNumber: recordNumberOf(HOME_INSTITUTION, member.person),
  name: member.person.name,
  sex: member.person.sex,
  birthDate: dayText(member.person.birthDate),
  nationalId: member.person.nationalId,
  storyZh: member.storyZh,
  encounterClass: member.order.encounterClass,
  purpose: member.order.purpose,
  diagnosis: member.order.diagnoses[0] ?? null,
  suggested: orderFormOf(member).map(({ code }) => code),
});

/** Everybody who can be called in: the people of the demonstration's stories, the three orders first. */
export const hisPatients = (now: Instant): readonly HisPatient[] => {
  const patients = demonstrationCast(now).map(patientOf);
  const isFirst = ({ key }: HisPatient) => key === 'three-orders';
  return [...patients.filter(isFirst), ...patients.filter((patient) => !isFirst(patient))];
};
