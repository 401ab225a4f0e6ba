import type { NationalReason } from '../catalogue/index.ts';
import { raiser } from '../kernel/fault.ts';
import type { Fault } from '../kernel/fault.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import type { LineDecision } from './decide.ts';
import type { Assessed } from './decide.ts';
import { NOTICE_FAULTS } from './notice-faults.ts';
import type { NoticeReasonTemplate } from './notice-template.ts';
import type { Rules } from './rules.ts';

const raise = raiser(NOTICE_FAULTS);

/** Who may be told instead of, or for, the patient. `not-stated`: the ordering system said only that somebody was. */
export const INFORMED_RELATIONS = [
  'self',
  'guardian',
  'parent',
  'spouse',
  'child',
  'other-family',
  'other',
  'not-stated',
] as const;

/** One of `INFORMED_RELATIONS`. */
export type InformedRelation = (typeof INFORMED_RELATIONS)[number];

/** The relation to the patient as the paper says it. */
export const RELATION_WORDS: Readonly<Record<InformedRelation, string>> = {
  self: '本人',
  guardian: '监护人',
  parent: '父母',
  spouse: '配偶',
  child: '子女',
  'other-family': '其他家属',
  other: '其他',
  'not-stated': '未注明',
};

/** Who was told. */
export interface InformedPerson {
  readonly relation: InformedRelation;
  /** null for the patient himself, and where it was not stated. */
  readonly nameZh: string | null;
}

/** The doctor's answer on which a notice rests. */
export interface RepeatReason {
  readonly reason: NationalReason;
  readonly localReason: string | null;
  readonly subReasons: readonly string[];
  readonly text: string | null;
}

/** An earlier result as the notice names it. */
export interface NoticePrior {
  readonly itemZh: string;
  readonly institutionZh: string;
  /** Day or moment of collection or examination, as text; 时间未注明 where none was stated. */
  readonly atText: string;
  /** The value as printed, or 影像报告 and the like where there is no value to print. */
  readonly valueZh: string;
}

/** What a template is filled with. */
export interface NoticeSubject {
  readonly itemZh: string;
  readonly prior: readonly NoticePrior[];
  readonly repeat: RepeatReason;
}

/** A blank with what is proposed for it. */
export interface FilledBlank {
  readonly name: string;
  readonly labelZh: string;
  readonly valueZh: string;
  readonly maximum: number;
}

/** What the notice will say, before anybody confirmed it. */
export interface NoticeWords {
  readonly plainZh: readonly string[];
  readonly purposeZh: string;
  readonly necessityZh: string;
  readonly blanks: readonly FilledBlank[];
}

/** The results that a notice about a line names: those on offer from elsewhere, the chosen one of each item first. */
export const priorResults = (line: LineDecision): readonly Assessed[] =>
  line.parts.flatMap(({ chosen, assessed }) => {
    const named =
      chosen !== null && !chosen.own ? chosen : assessed.find(({ own, offer }) => !own && offer !== 'none');
    return named === undefined ? [] : [named];
  });

/** True where the institution has chosen that its notices name the price. */
export const namesPrice = (institution: InstitutionCode, rules: Rules): boolean =>
  rules.policyOf(institution).noticePriceInstitutions?.includes(institution) ?? false;

const fill = (template: string, values: ReadonlyMap<string, string>): string =>
  template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values.get(name) ?? whole);

const characters = (text: string): number => [...text].length;

/** What a sentence ends with is the template's; a blank must not double it. */
const withoutStop = (text: string): string => text.trim().replace(/[。．.；;]+$/u, '');

const blanksOf = (
  template: NoticeReasonTemplate,
  subject: NoticeSubject,
  given: Readonly<Record<string, string>>,
): Result<readonly FilledBlank[], Fault> => {
  const unknown = Object.keys(given).find((name) => !template.blanks.some((blank) => blank.name === name));
  if (unknown !== undefined) return fail(raise('NOTICE_BLANK_UNKNOWN', { place: `blanks.${unknown}` }));
  const text = new Map([['text', subject.repeat.text ?? '']]);
  const filled: FilledBlank[] = [];
  for (const { name, labelZh, proposalZh, maximum } of template.blanks) {
    const valueZh = withoutStop(given[name] ?? fill(proposalZh, text));
    if (valueZh === '' || characters(valueZh) > maximum)
      return fail(raise('NOTICE_BLANK_INVALID', { place: `blanks.${name}`, detail: `1 to ${maximum}` }));
    filled.push({ name, labelZh, valueZh, maximum });
  }
  return ok(filled);
};

/**
 * Fills the words of the notice for one repeat: the template of its national situation, what the machine found in plain
 * words, the blanks as the doctor left or changed them.
 *
 * @returns the words, or NOTICE_TEMPLATE_MISSING, NOTICE_BLANK_UNKNOWN, NOTICE_BLANK_INVALID
 */
export const noticeWords = (
  subject: NoticeSubject,
  given: Readonly<Record<string, string>>,
  rules: Rules,
): Result<NoticeWords, Fault> => {
  const { content } = rules.noticeTemplates;
  const template = content.reasons.find(({ reason }) => reason === subject.repeat.reason);
  if (template === undefined)
    return fail(raise('NOTICE_TEMPLATE_MISSING', { detail: subject.repeat.reason }));
  const blanks = blanksOf(template, subject, given);
  if (!blanks.ok) return blanks;
  const values = new Map<string, string>([
    ['item', subject.itemZh],
    ['priorDay', subject.prior[0]?.atText.slice(0, 10) ?? '以前'],
    ...blanks.value.map(({ name, valueZh }) => [name, valueZh] as const),
  ]);
  const plainOf = (code: string): string[] =>
    content.subReasons.filter((sub) => sub.code === code).map(({ plainZh }) => plainZh);
  return ok({
    plainZh: [template.plainZh, ...subject.repeat.subReasons.flatMap(plainOf)],
    purposeZh: fill(template.purposeZh, values),
    necessityZh: fill(template.necessityZh, values),
    blanks: blanks.value,
  });
};
