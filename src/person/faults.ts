import { defineFaults } from '../kernel/fault.ts';

/** Faults of the person index. */
export const PERSON_FAULTS = defineFaults({
  PERSON_UNIDENTIFIED: {
    status: 422,
    zh: '消息中没有可用的患者标识（病历号、有效证件号或医保号），无法确定结果属于谁；请补充标识后重发。',
    en: 'The message states no usable identifier of the patient (record number, valid document or insurance number), so nobody can own it; add one and send it again.',
  },
  PERSON_CONTRADICTION: {
    status: 409,
    zh: '该标识已属于另一人：所述证件号，或姓名与出生日期（性别），与已登记者不符，可能混入了两个人的信息；请核对患者身份后再处理。',
    en: 'The identifier already belongs to somebody else: the document number, or the name together with birth date or sex, contradicts the known person, so this may mix two people. Verify who the patient is.',
  },
  PERSON_AMBIGUOUS: {
    status: 409,
    zh: '该证件号对应多个尚未确认为同一人的登记，无法确定是哪一位；请改用本院病历号查询，或先处理待核对队列。',
    en: 'Several records that are not confirmed to be one person carry this identifier; ask by the record number of your institution, or settle the review queue first.',
  },
  PERSON_UNKNOWN: {
    status: 404,
    zh: '人员索引中没有这条登记。',
    en: 'The person index has no such record.',
  },
  PERSON_TWO_NATIONAL_IDS: {
    status: 409,
    zh: '合并后会出现两个不同的有效身份证号，不能合并；请先核对哪一个证件号有误。',
    en: 'The union would hold two different valid national IDs and is refused; find out which number is wrong first.',
  },
  PERSON_KEPT_APART: {
    status: 409,
    zh: '这两组登记中有已确认不是同一人的一对，不能合并；请先处理那一对。',
    en: 'The two groups contain a pair that was found to be two people, so they cannot be joined; settle that pair first.',
  },
  PERSON_MERGE_FOREIGN: {
    status: 422,
    zh: '只能合并本机构自己发放的病历号；消息中被合并的号码不是本机构的。',
    en: 'An institution can only merge record numbers it issued itself; the number to merge is not one of its own.',
  },
  PERSON_MERGE_INCOMPLETE: {
    status: 422,
    zh: '合并消息必须同时写明保留的病历号和被合并的病历号，且两者不同。',
    en: 'A merge has to state both the surviving record number and a different one that goes out of use.',
  },
  PERSON_SAME_RECORD: {
    status: 422,
    zh: '两条登记是同一条，不能与自己关联或拆分。',
    en: 'Both are the same record; a record cannot be linked to or parted from itself.',
  },
});

/** Code of an expected refusal by the person index. */
export type PersonRefusalCode = keyof typeof PERSON_FAULTS;

/** An expected refusal: nothing was stored. `detail` holds codes, never a name or a number of a person. */
export interface PersonRefusal {
  readonly code: PersonRefusalCode;
  /** Part of the statement that is at fault, e.g. `patient.identifiers`. */
  readonly place: string;
  readonly detail: string;
}
