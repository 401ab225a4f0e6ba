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
  SENTENCE_MISSING: {
    status: 500,
    zh: '语句表缺少所需的语句；请发布完整的语句表。',
    en: 'The sentence table lacks a sentence that is needed; publish a complete table.',
  },
});
