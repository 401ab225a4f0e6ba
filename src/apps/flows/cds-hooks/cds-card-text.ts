import { civilDateText, civilTimeText } from '../../../kernel/civil-day.ts';
import { instant } from '../../../kernel/instant.ts';
import type { OrderCheckCandidate, OrderCheckLine } from '../../../web/wire/order-check-answer.ts';
import { absentMembers, countsMissingOnly } from '../../../web/panel-words.ts';
import { lastValidText } from '../../../web/words.ts';
import { CARD_WORDS, type CardLanguage, FLAG_WORDS } from './cds-words.ts';

/** Longest summary: the standard says less than 140 characters. */
const SUMMARY_CHARACTERS_MAX = 139;
/** Findings can be pages long; the whole report is one link away. */
const FINDINGS_CHARACTERS_MAX = 600;

/** The text cut to so many UTF-16 units, never inside a character. */
export const cutTo = (text: string, maximum: number): string => {
  if (text.length <= maximum) return text;
  let kept = '';
  for (const character of text) {
    if (kept.length + character.length > maximum - 1) break;
    kept += character;
  }
  return `${kept}…`;
};

/** A summary that fits. */
export const summaryOf = (text: string): string => cutTo(text, SUMMARY_CHARACTERS_MAX);

/**
 * Text of a report as GitHub Flavored Markdown shows it unchanged: nothing a laboratory wrote becomes markup, a table
 * cell, a line break or, as GitHub's extension makes of a bare address, a link that a doctor could follow out of the record.
 */
export const plainMarkdown = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>()#+!|~&]|:(?=\/\/)|(?<=www)\./gi, (sign) => `\\${sign}`);

/** An item's name in the language asked for. */
export const itemName = (item: OrderCheckCandidate['item'], language: CardLanguage): string =>
  language === 'zh' ? item.nameZh : item.nameEn;

/** An institution's name in the language asked for, with its tier as the rules have it. */
const institutionName = ({ institution }: OrderCheckCandidate, language: CardLanguage): string =>
  language === 'zh'
    ? `${institution.nameZh}${institution.tierZh === '' ? '' : `（${institution.tierZh}）`}`
    : institution.nameEn;

const timeOf = (iso: string | null, precision: 'day' | 'minute' | null, language: CardLanguage): string => {
  if (iso === null) return CARD_WORDS.notStated[language];
  const at = instant(Date.parse(iso));
  return precision === 'day' ? civilDateText(at) : civilTimeText(at);
};

/** Value with unit and flag, or the conclusion of an examination. */
const conclusion = ({ value, examination }: OrderCheckCandidate, language: CardLanguage): string => {
  if (examination)
    return plainMarkdown(examination.impression === '' ? examination.findings : examination.impression);
  if (!value) return '—';
  const flag = value.flag === null ? '' : FLAG_WORDS[value.flag][language];
  const parts = [value.text === '' ? '—' : value.text, value.unit, flag].filter((part) => part !== '');
  return plainMarkdown(parts.join(' '));
};

const fact = (word: { readonly zh: string; readonly en: string }, text: string, language: CardLanguage) =>
  `- ${word[language]}${language === 'zh' ? '：' : ': '}${text}`;

/** The reasons in one line, each once. */
const whyOf = (reasons: OrderCheckCandidate['reasons'], language: CardLanguage): string[] => {
  const each = [...new Set(reasons.map((reason) => plainMarkdown(reason[language])))];
  return each.length === 0
    ? []
    : [fact(CARD_WORDS.why, each.join(language === 'zh' ? '；' : '; '), language)];
};

/** Where, when, by which mark, until when, why. */
const provenance = (candidate: OrderCheckCandidate, language: CardLanguage): string[] => {
  const { examination, value, mark, until, reasons, grade } = candidate;
  return [
    ...(examination && examination.findings !== '' && examination.impression !== ''
      ? [
          fact(
            CARD_WORDS.findings,
            plainMarkdown(cutTo(examination.findings, FINDINGS_CHARACTERS_MAX)),
            language,
          ),
        ]
      : []),
    ...(value && value.referenceText !== ''
      ? [fact(CARD_WORDS.reference, plainMarkdown(value.referenceText), language)]
      : []),
    fact(CARD_WORDS.where, plainMarkdown(institutionName(candidate, language)), language),
    fact(
      examination ? CARD_WORDS.examined : CARD_WORDS.collected,
      timeOf(candidate.collectedAt, candidate.collectedPrecision, language),
      language,
    ),
    ...(mark === null ? [] : [fact(CARD_WORDS.mark, plainMarkdown(mark), language)]),
    ...(until !== null && grade === 'must-consider'
      ? [fact(CARD_WORDS.until, lastValidText(until), language)]
      : []),
    ...whyOf(reasons, language),
  ];
};

const block = (candidate: OrderCheckCandidate, language: CardLanguage): string =>
  [
    `**${plainMarkdown(itemName(candidate.item, language))}**${language === 'zh' ? '：' : ': '}${conclusion(candidate, language)}`,
    '',
    ...provenance(candidate, language),
  ].join('\n');

const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** What is said of a result in a panel: above the table where all results share it, else in a column. */
const PANEL_PROVENANCE: readonly {
  readonly word: 'where' | 'collected' | 'until' | 'mark';
  readonly of: (candidate: OrderCheckCandidate, language: CardLanguage) => string;
}[] = [
  { word: 'where', of: (candidate, language) => plainMarkdown(institutionName(candidate, language)) },
  {
    word: 'collected',
    of: ({ collectedAt, collectedPrecision }, language) => timeOf(collectedAt, collectedPrecision, language),
  },
  {
    word: 'until',
    of: ({ until, grade }) => (until !== null && grade === 'must-consider' ? lastValidText(until) : '—'),
  },
  { word: 'mark', of: ({ mark }) => (mark === null ? '—' : plainMarkdown(mark)) },
];

/** A panel's results, one row each, under what all of them share: a card is narrow, and mostly one tube gave them all. */
const panelTable = (candidates: readonly OrderCheckCandidate[], language: CardLanguage): string => {
  const columns = PANEL_PROVENANCE.map(({ word, of }) => ({
    word,
    cells: candidates.map((candidate) => of(candidate, language)),
  }));
  const isShared = ({ cells }: (typeof columns)[number]): boolean => new Set(cells).size === 1;
  const own = columns.filter((column) => !isShared(column));
  const heads = [
    CARD_WORDS.item,
    CARD_WORDS.result,
    CARD_WORDS.reference,
    ...own.map(({ word }) => CARD_WORDS[word]),
  ];
  return [
    ...columns
      .filter((column) => isShared(column) && column.cells[0] !== '—')
      .map(({ word, cells }) => fact(CARD_WORDS[word], cells[0] as string, language)),
    '',
    tableRow(heads.map((head) => head[language])),
    tableRow(heads.map(() => '---')),
    ...candidates.map((candidate, row) =>
      tableRow([
        plainMarkdown(itemName(candidate.item, language)),
        conclusion(candidate, language),
        plainMarkdown(candidate.value?.referenceText ?? ''),
        ...own.map(({ cells }) => cells[row] as string),
      ]),
    ),
  ].join('\n');
};

/** The members of a panel without any result, where the headline only counts them. */
const missingOf = ({ panel }: OrderCheckLine, language: CardLanguage): string[] =>
  panel === null || panel.covered === 0 || !countsMissingOnly(panel)
    ? []
    : [
        fact(
          CARD_WORDS.missing,
          plainMarkdown(
            absentMembers(panel)
              .map(({ item }) => itemName(item, language))
              .join(language === 'zh' ? '、' : ', '),
          ),
          language,
        ),
      ];

/** How many results besides the first a card tells of; the card page has them all. */
const OTHERS_MAX = 2;

/** Everything a doctor needs to decide about one line, as GitHub Flavored Markdown. */
export const lineDetail = (line: OrderCheckLine, language: CardLanguage): string => {
  const { candidates, panel } = line;
  const [first, ...others] = candidates;
  const notice = line.notice ? [plainMarkdown(line.notice[language])] : [];
  const parts =
    panel !== null
      ? [
          panelTable(candidates, language),
          ...missingOf(line, language),
          ...whyOf(
            candidates.flatMap(({ reasons }) => reasons),
            language,
          ),
        ]
      : [
          ...(first ? [block(first, language)] : []),
          ...(others.length > 0
            ? [
                `${CARD_WORDS.others[language]}${language === 'zh' ? '：' : ':'}`,
                ...others.slice(0, OTHERS_MAX).map((other) => block(other, language)),
              ]
            : []),
        ];
  return [...notice, ...parts, CARD_WORDS.decides[language]].filter((part) => part !== '').join('\n\n');
};
