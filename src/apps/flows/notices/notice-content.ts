import type { Fault } from '../../../kernel/fault.ts';
import { raiser } from '../../../kernel/fault.ts';
import { civilDateText, civilTimeText } from '../../../kernel/civil-day.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { CheckResponseRow } from '../../../adapters/postgres/order-checks.ts';
import type { NationalReason } from '../../../catalogue/index.ts';
import {
  type Assessed,
  type InformedPerson,
  namesPrice,
  type NoticeContent,
  type NoticePrior,
  type NoticeSubject,
  type NoticeWords,
  noticeWords,
  priorResults,
  type RepeatReason,
  type Rules,
} from '../../../recognition/index.ts';
import type { NoticeRequest } from '../../../web/wire/notice.ts';
import type { Actor } from '../../server/flows-port.ts';
import { type KeptCheck, lineIndex } from '../checks/kept-check.ts';
import { NOTICE_FLOW_FAULTS } from './notice-faults.ts';
import { institutionAnswer } from '../present.ts';
import { orderedName } from '../checks/present-check.ts';
import { type ResultValues, resultKey } from '../results/result-values.ts';

const raise = raiser(NOTICE_FLOW_FAULTS);

/** An examination has no value to print; what there is of it has a name. */
const examinationWords = (category: string | undefined): string => {
  if (category === 'ecg') return '心电图报告';
  return category?.startsWith('img-') ? '影像报告' : '检查报告';
};

const priorOf = ({ candidate }: Assessed, rules: Rules, values: ResultValues): NoticePrior => {
  const item = rules.itemOf(candidate.item)?.item;
  const value = values.get(resultKey(candidate.report, candidate.ordinal));
  const at = candidate.collectedAt ?? candidate.receivedAt ?? candidate.reportedAt;
  const isDayOnly = candidate.collectedAt !== null && candidate.collectedPrecision === 'day';
  return {
    itemZh: item?.nameZh ?? candidate.item,
    institutionZh: institutionAnswer(rules, candidate.reporter).nameZh,
    atText: at === null ? '时间未注明' : (isDayOnly ? civilDateText : civilTimeText)(at as Instant),
    valueZh:
      value && !value.examination
        ? [value.text, value.unitText].filter(Boolean).join(' ')
        : examinationWords(item?.category),
  };
};

/** What a notice about a line rests on. */
export interface NoticeGround {
  readonly check: KeptCheck;
  readonly line: number;
  readonly subject: NoticeSubject;
  /** The answer that it explains. */
  readonly response: CheckResponseRow;
  /** The rules of today: templates, reasons and names are those of the day on which the patient is told. */
  readonly rules: Rules;
}

/**
 * What there is to tell a patient about a line that is examined again. Of results that were not disclosed to the doctor
 * nothing is told either.
 *
 * @returns the ground, or NOTICE_NO_REPEAT, NOTICE_REASON_MISSING, NOTICE_NO_PRIOR_RESULT
 */
export const noticeGround = (
  check: KeptCheck,
  line: number,
  response: CheckResponseRow | undefined,
  rules: Rules,
): Result<NoticeGround, Fault> => {
  const place = `line ${line}`;
  if (response?.kind !== 're-examine') return fail(raise('NOTICE_NO_REPEAT', { place }));
  if (response.reason === null) return fail(raise('NOTICE_REASON_MISSING', { place }));
  const decidedBy = check.ruling.snapshot.rulesAt(check.row.checked_at as Instant);
  const { session } = check.replayed.facts;
  const index = lineIndex(check, line);
  const decided = check.shown.lines[index];
  const prior = decided ? priorResults(decided) : [];
  if (prior.length === 0) return fail(raise('NOTICE_NO_PRIOR_RESULT', { place }));
  const repeat: RepeatReason = {
    reason: response.reason as NationalReason,
    localReason: response.local_reason,
    subReasons: response.sub_reasons,
    text: response.reason_text,
  };
  const itemZh = orderedName(session.lines[index], session, decidedBy);
  const subject = { itemZh, prior: prior.map((each) => priorOf(each, decidedBy, check.values)), repeat };
  return ok({ check, line, subject, response, rules });
};

const doctorText = (actor: Actor, response: CheckResponseRow, given: string | undefined): string => {
  const name = actor.kind === 'staff' ? actor.displayName : given;
  const number = response.doctor;
  if (name === undefined) return number === null ? '未注明' : `工号 ${number}`;
  return number === null ? name : `${name}（${number}）`;
};

/** A notice as asked for: who was told, the doctor's words in the blanks, the price where it is named. */
export type NoticeWish = Pick<NoticeRequest, 'blanks' | 'doctorName' | 'priceYuan'> & {
  readonly informed: InformedPerson;
};

/**
 * Everything that the paper will say, worked out once and kept.
 *
 * @returns the content, or NOTICE_PRICE_NOT_CHOSEN, NOTICE_TEMPLATE_MISSING, NOTICE_BLANK_UNKNOWN, NOTICE_BLANK_INVALID
 */
export const noticeContent = (
  ground: NoticeGround,
  wish: NoticeWish,
  { actor, patientZh, at }: { readonly actor: Actor; readonly patientZh: string; readonly at: Instant },
): Result<NoticeContent, Fault> => {
  const { rules, subject, response, check } = ground;
  const { institution } = check.replayed.facts.session;
  if (wish.priceYuan !== undefined && !namesPrice(institution, rules))
    return fail(raise('NOTICE_PRICE_NOT_CHOSEN', { place: 'priceYuan' }));
  const words: Result<NoticeWords, Fault> = noticeWords(subject, wish.blanks, rules);
  if (!words.ok) return words;
  const { content: template, code, version } = rules.noticeTemplates;
  const { reason, localReason } = subject.repeat;
  const source = rules.reasonSourceOf(localReason ?? reason);
  const { instrument } = source;
  return ok({
    form: 1,
    template: { code, version },
    drill: rules.drill,
    titleZh: template.titleZh,
    openingZh: template.openingZh,
    acknowledgementZh: template.acknowledgementZh,
    signatureZh: [...template.signatureZh],
    patientZh,
    visitNumber: check.row.encounter_number,
    institutionZh: institutionAnswer(rules, institution).nameZh,
    departmentZh: actor.kind === 'client' ? null : actor.department,
    itemZh: subject.itemZh,
    prior: subject.prior,
    reason: {
      code: reason,
      wordsZh: rules.reasons.national.find((row) => row.code === reason)?.text.zh ?? reason,
      localZh: rules.reasons.local.find((row) => row.code === localReason)?.text.zh ?? null,
      plainZh: words.value.plainZh,
    },
    purposeZh: words.value.purposeZh,
    necessityZh: words.value.necessityZh,
    basis: {
      instrumentZh: instrument === undefined ? null : `《${instrument.titleZh}》（${instrument.number}）`,
      list: { kind: source.kind, code: source.code, version: source.version },
    },
    informed: wish.informed,
    doctorZh: doctorText(actor, response, wish.doctorName),
    madeAt: at,
    priceYuan: wish.priceYuan ?? null,
  });
};
