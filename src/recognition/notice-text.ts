import { civilTimeText } from '../kernel/civil-day.ts';
import type { Instant } from '../kernel/instant.ts';
import { type InformedPerson, type NoticePrior, RELATION_WORDS } from './notice.ts';

/**
 * A notice as it is kept: everything that the paper says, in the words that were said. Nothing is looked up again when it
 * is printed or shown, so a later change of a list, a name or a template changes no notice that was given.
 */
export interface NoticeContent {
  /** Version of this layout. */
  readonly form: 1;
  /** The list of templates that it was worded with. */
  readonly template: { readonly code: string; readonly version: string };
  readonly drill: boolean;
  readonly titleZh: string;
  readonly openingZh: string;
  readonly acknowledgementZh: string;
  readonly signatureZh: readonly string[];
  readonly patientZh: string;
  /** Number by which the institution knows the patient or the visit; null where it stated none. */
  readonly visitNumber: string | null;
  readonly institutionZh: string;
  readonly departmentZh: string | null;
  readonly itemZh: string;
  readonly prior: readonly NoticePrior[];
  readonly reason: {
    readonly code: string;
    /** The situation in the words of the rule. */
    readonly wordsZh: string;
    readonly localZh: string | null;
    /** The same in plain words, and what the machine found. */
    readonly plainZh: readonly string[];
  };
  readonly purposeZh: string;
  readonly necessityZh: string;
  readonly basis: {
    readonly instrumentZh: string | null;
    readonly list: { readonly kind: string; readonly code: string; readonly version: string };
  };
  readonly informed: InformedPerson;
  readonly doctorZh: string;
  readonly madeAt: Instant;
  /** As the institution states it; null unless it chose to name prices. */
  readonly priceYuan: string | null;
}

/** One line of the notice: what it is about, and what it says. */
export interface NoticeLine {
  readonly labelZh: string;
  readonly textZh: string;
}

const PRIOR_NAMED_MAX = 6;

/** Where and when once, then what: a patient reads one line a visit, not the hospital's name a dozen times. */
const priorText = (prior: readonly NoticePrior[]): string => {
  const visits = new Map<string, string[]>();
  for (const { itemZh, valueZh, institutionZh, atText } of prior.slice(0, PRIOR_NAMED_MAX)) {
    const visit = `${institutionZh} ${atText}`;
    visits.set(visit, [...(visits.get(visit) ?? []), `${itemZh} ${valueZh}`]);
  }
  const named = [...visits].map(([visit, results]) => `${visit}：${results.join('、')}`).join('；');
  return `${named}${prior.length > PRIOR_NAMED_MAX ? `等共 ${prior.length} 项` : ''}`;
};

const informedText = ({ relation, nameZh }: InformedPerson): string => {
  const words = `（与患者关系：${RELATION_WORDS[relation]}）`;
  return relation === 'self' ? RELATION_WORDS.self : `${nameZh ?? ''}${words}`;
};

/** A name of which a stranger learns the first character only; whoever it is knows it all the same. */
const maskedName = (name: string): string => {
  const [first = '', ...rest] = [...name];
  return `${first}${'＊'.repeat(Math.max(1, rest.length))}`;
};

/** What may be shown to whoever holds the paper and nothing else: names with their first character, no number. */
const masked = (content: NoticeContent): NoticeContent => ({
  ...content,
  patientZh: maskedName(content.patientZh),
  visitNumber: null,
  informed: { ...content.informed, nameZh: content.informed.nameZh && maskedName(content.informed.nameZh) },
});

/** Code of the list of the six national situations. */
const NATIONAL_LIST = 'national';

const basisText = ({ basis: { instrumentZh, list }, reason }: NoticeContent): string => {
  const listZh = list.code === NATIONAL_LIST ? '国家情形清单' : `情形清单 ${list.code}`;
  return `${instrumentZh === null ? '' : `${instrumentZh}，`}情形 ${reason.code}（${listZh}第 ${list.version} 版）`;
};

const paperLines = (content: NoticeContent): readonly NoticeLine[] => [
  {
    labelZh: '患者',
    textZh: [content.patientZh, content.visitNumber && `就诊号 ${content.visitNumber}`]
      .filter(Boolean)
      .join('　'),
  },
  { labelZh: '复检项目', textZh: content.itemZh },
  { labelZh: '以前的结果', textZh: priorText(content.prior) },
  { labelZh: '原因', textZh: content.reason.plainZh.join('') },
  {
    labelZh: '规定情形',
    textZh: [`${content.reason.code} ${content.reason.wordsZh}`, content.reason.localZh]
      .filter(Boolean)
      .join('；'),
  },
  { labelZh: '复检目的', textZh: content.purposeZh },
  { labelZh: '必要性', textZh: content.necessityZh },
  { labelZh: '依据', textZh: basisText(content) },
  ...(content.priceYuan === null ? [] : [{ labelZh: '预计费用', textZh: `${content.priceYuan} 元` }]),
  { labelZh: '已告知', textZh: informedText(content.informed) },
  {
    labelZh: '接诊医师',
    textZh: [content.doctorZh, content.departmentZh].filter(Boolean).join('　'),
  },
  { labelZh: '告知时间', textZh: civilTimeText(content.madeAt) },
];

/**
 * The lines of a notice in their order: the same on paper, in the PDF, on the phone and in the record.
 *
 * @param seenBy `public`: whoever holds the paper and has shown nothing else, for whom names are masked
 */
export const noticeLines = (content: NoticeContent, seenBy: 'staff' | 'public'): readonly NoticeLine[] =>
  paperLines(seenBy === 'staff' ? content : masked(content));

/** The notice as one text for the record of the ordering side. */
export const noticeRecordText = (content: NoticeContent): string =>
  [
    `${content.titleZh}（${content.institutionZh}）`,
    content.openingZh,
    ...paperLines(content).map(({ labelZh, textZh }) => `${labelZh}：${textZh}`),
  ].join('\n');
