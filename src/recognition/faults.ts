import { defineFaults } from '../kernel/fault.ts';

/** Faults of the decision: what keeps a verdict from being given, read back or answered. */
export const RECOGNITION_FAULTS = defineFaults({
  SNAPSHOT_DOCUMENT_MISSING: {
    status: 500,
    zh: '规则快照缺少清单文件；请重新载入清单，或从备份恢复。',
    en: 'A list that the snapshot names is missing; load the lists again or restore them from a backup.',
  },
  SNAPSHOT_DOCUMENT_ALTERED: {
    status: 500,
    zh: '清单文件的内容与其发布时的散列值不符；请从备份恢复该清单。',
    en: 'The content of a list does not match the hash under which it was published; restore it from a backup.',
  },
  EVALUATOR_UNKNOWN: {
    status: 500,
    zh: '该决定由本程序没有的判定版本作出；请使用较新的程序重放。',
    en: 'The decision was made by an evaluator version that this program does not have; replay it with a newer program.',
  },
  DECISION_SNAPSHOT_OTHER: {
    status: 500,
    zh: '重放所用的规则快照不是作出该决定时的快照；请载入记录所指的快照。',
    en: 'The replay was given another snapshot than the one the decision was made under; load the one it names.',
  },
  DECISION_UNREADABLE: {
    status: 500,
    zh: '决定记录无法读取；请从备份恢复。',
    en: 'The stored decision cannot be read; restore it from a backup.',
  },
  RESPONSE_NOT_OFFERED: {
    status: 422,
    zh: '所选结果不在本行可互认之列；请从列出的可互认结果中选择。',
    en: 'The chosen result is not offered for recognition on this line; choose one that is listed as recognisable.',
  },
  RESPONSE_REASON_WITH_RECOGNITION: {
    status: 422,
    zh: '互认时不能填写不互认原因；请去掉原因，或改为不互认。',
    en: 'A recognition carries no reason for examining again; leave the reason out or answer that you examine again.',
  },
  RESPONSE_REASON_REQUIRED: {
    status: 422,
    zh: '该项目的互认清单要求说明重复检查的原因；请选择原因。',
    en: 'The list of this item demands a reason for examining again; choose one.',
  },
  RESPONSE_REASON_UNKNOWN: {
    status: 422,
    zh: '没有这个原因代码；请从给出的原因中选择。',
    en: 'There is no such reason; choose one of those offered.',
  },
  RESPONSE_REASONS_CONTRADICT: {
    status: 422,
    zh: '地方原因代码与国家情形不对应；请只填其中之一，或填写对应的代码。',
    en: 'The local reason belongs to another national situation; give one of the two, or codes that match.',
  },
  RESPONSE_TEXT_TOO_SHORT: {
    status: 422,
    zh: '该原因需要文字说明，字数不足；请写明确需复查的理由。',
    en: 'This reason needs an explanation in words and the text is too short; say why the repeat is needed.',
  },
  SENTENCE_MISSING: {
    status: 500,
    zh: '语句表缺少所需的语句；请发布完整的语句表。',
    en: 'The sentence table lacks a sentence that is needed; publish a complete table.',
  },
});
