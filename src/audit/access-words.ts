import type { Bilingual } from '../kernel/bilingual.ts';

/** Kinds of what was looked at, as a patient tells them apart. */
export const ACCESS_KINDS = [
  'results',
  'report',
  'images',
  'check',
  'person',
  'search',
  'answer',
  'notice',
  'brought-along',
  'correction',
  'consent',
  'share',
  'representation',
  'desk',
  'emergency',
  'log',
  'notification',
  'message',
  'other',
] as const;

/** One of `ACCESS_KINDS`. */
export type AccessKind = (typeof ACCESS_KINDS)[number];

const KIND_WORDS: Readonly<Record<AccessKind, Bilingual>> = {
  results: { zh: '历次检查检验结果', en: 'results over time' },
  report: { zh: '检查检验报告', en: 'a report' },
  images: { zh: '检查影像', en: 'images of an examination' },
  check: { zh: '开单时核对已有结果', en: 'earlier results, looked for while ordering' },
  person: { zh: '姓名、性别等基本信息', en: 'name, sex and the like' },
  search: { zh: '查找患者', en: 'a search that found you' },
  answer: { zh: '互认或复检的决定', en: 'the decision to recognise or repeat' },
  notice: { zh: '未予互认告知单', en: 'a notice about a repeat' },
  'brought-along': { zh: '您自带的资料', en: 'what you brought along' },
  correction: { zh: '纠错单', en: 'a report of an error' },
  consent: { zh: '授权记录', en: 'your consent' },
  share: { zh: '您分享的报告或影像', en: 'a report or images you shared' },
  representation: { zh: '代办关系', en: 'who acts for whom' },
  desk: { zh: '服务台办理', en: 'a visit at the desk' },
  emergency: { zh: '紧急调阅', en: 'emergency access' },
  log: { zh: '访问记录', en: 'this log' },
  notification: { zh: '给您的通知', en: 'what you were told' },
  message: { zh: '接口消息', en: 'a message between systems' },
  other: { zh: '其他', en: 'something else' },
};

const KIND_BY_SUBJECT: Readonly<Record<string, AccessKind>> = {
  results: 'results',
  report: 'report',
  'report-attachment': 'report',
  attachment: 'report',
  'consultation-opinion': 'report',
  study: 'images',
  studies: 'images',
  repeats: 'answer',
  share: 'share',
  'report-share': 'share',
  'study-share': 'share',
  representation: 'representation',
  'desk-visit': 'desk',
  'order-check': 'check',
  person: 'person',
  order: 'answer',
  recognition: 'answer',
  notice: 'notice',
  'patient-supplied': 'brought-along',
  correction: 'correction',
  'correction-photo': 'correction',
  consent: 'consent',
  'emergency-access': 'emergency',
  'access-log': 'log',
  'privacy-case': 'log',
  notifications: 'notification',
  message: 'message',
};

/** The kind of what an action of the log is about: `report.read` is about a report. */
export const accessKindOf = (action: string): AccessKind => {
  if (action === 'person.search') return 'search';
  if (action === 'order.check') return 'check';
  const subject = action.slice(0, action.indexOf('.')).replace(/^own-/, '');
  return KIND_BY_SUBJECT[subject] ?? 'other';
};

/** A kind in words. */
export const accessKindWords = (kind: AccessKind): Bilingual => KIND_WORDS[kind];

const PURPOSE_WORDS: Readonly<Record<string, Bilingual>> = {
  treatment: { zh: '接诊', en: 'treatment' },
  emergency: { zh: '急救', en: 'emergency' },
  quality: { zh: '质控', en: 'quality' },
  oversight: { zh: '监管', en: 'oversight' },
  'own-data': { zh: '患者本人', en: 'the patient' },
  operations: { zh: '系统运行', en: 'operations' },
};

/** Whether a look was let through by an emergency access (破窗), perhaps beside other bases. */
export const isEmergency = (basis: string): boolean => basis.includes('emergency-access');

/** What a look was for, as the log names it to a patient: under an emergency access 急救, whatever it was else. */
export const shownPurpose = (purpose: string, basis: string): string =>
  isEmergency(basis) ? 'emergency' : purpose;

/** A purpose in words; one that has none says its code. */
export const purposeWords = (purpose: string): Bilingual =>
  PURPOSE_WORDS[purpose] ?? { zh: purpose, en: purpose };

const ROLE_WORDS: Readonly<Record<string, Bilingual>> = {
  doctor: { zh: '医师', en: 'doctor' },
  launched: { zh: '医师', en: 'doctor' },
  registrar: { zh: '挂号导诊人员', en: 'front desk' },
  'medical-affairs': { zh: '医务管理人员', en: 'medical affairs' },
  'institution-it': { zh: '信息科人员', en: 'hospital IT' },
  'privacy-officer': { zh: '个人信息保护负责人', en: 'privacy officer' },
  regulator: { zh: '卫生健康主管部门', en: 'health authority' },
  operator: { zh: '平台运维人员', en: 'platform operator' },
  client: { zh: '医院信息系统', en: 'hospital system' },
  sender: { zh: '医院信息系统', en: 'hospital system' },
  application: { zh: '应用程序', en: 'an app' },
  patient: { zh: '患者本人', en: 'the patient' },
  representative: { zh: '代办人', en: 'somebody who acts for you' },
  'holder-of-code': { zh: '持分享二维码的人', en: 'whoever was shown the code' },
  'holder-of-paper': { zh: '持告知单的人', en: 'whoever holds the paper' },
};

/** A role in words; rows from before it was kept have none. */
export const roleWords = (role: string | null): Bilingual =>
  ROLE_WORDS[role ?? ''] ?? { zh: '未记录', en: 'not recorded' };

const BASIS_WORDS: Readonly<Record<string, Bilingual>> = {
  'assumed-by-policy': { zh: '按规定默认', en: 'by policy' },
  informed: { zh: '已告知患者', en: 'the patient was informed' },
  consented: { zh: '患者同意', en: 'the patient agreed' },
  'consent-needed': { zh: '尚未征得同意', en: 'not agreed yet' },
  withdrawn: { zh: '患者已撤回同意', en: 'consent withdrawn' },
  denied: { zh: '患者拒绝', en: 'the patient refused' },
  restricted: { zh: '限制查阅', en: 'restricted' },
  'emergency-access': { zh: '紧急调阅', en: 'emergency access' },
  'own-institution': { zh: '本机构', en: 'own institution' },
  'own-data': { zh: '本人', en: 'own data' },
  'acting-for': { zh: '代办', en: 'acting for the patient' },
  'desk-visit': { zh: '患者到窗口办理', en: 'at the desk' },
  'privacy-review': { zh: '访问审查', en: 'review of access' },
  'log-export': { zh: '导出访问记录', en: 'export of the log' },
  'token-on-paper': { zh: '持告知单', en: 'holds the paper' },
  'sender-maintenance': { zh: '接口维护', en: 'maintenance of an interface' },
  'presented-number': { zh: '患者出示的号码', en: 'a number that the patient presented' },
  encounter: { zh: '本院就诊号', en: 'the number of a visit' },
  visit: { zh: '在本院就诊', en: 'a visit' },
  order: { zh: '本院开单', en: 'an order' },
  report: { zh: '本院报告', en: 'a report' },
  record: { zh: '本院病历', en: 'a record' },
  'consent-code': { zh: '授权码', en: 'a consent code' },
  'oversight-case': { zh: '监管案件', en: 'a case of the authority' },
  none: { zh: '无', en: 'none' },
};

/** On what a look rested, in words: each basis once, without the id of the act. One that has no words says its code. */
export const basisWords = (basis: string): Bilingual => {
  const words = [...new Set(basis.split(', ').map((each) => each.split(/[ /]/)[0] ?? each))].map(
    (code) => BASIS_WORDS[code] ?? { zh: code, en: code },
  );
  return { zh: words.map(({ zh }) => zh).join('、'), en: words.map(({ en }) => en).join(', ') };
};

/** What came of an act, in words. */
export const outcomeWords = (outcome: string): Bilingual => {
  if (isRefused(outcome)) return { zh: '未获准', en: 'refused' };
  if (outcome === 'disclosed') return { zh: '已显示', en: 'shown' };
  return outcome === 'recorded' ? { zh: '已记录', en: 'recorded' } : { zh: outcome, en: outcome };
};

/** What a row's outcome comes to: something was shown or kept, or the act was refused. */
export const isRefused = (outcome: string): boolean => outcome.startsWith('refused');
