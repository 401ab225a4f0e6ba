import { methodWords, specimenWords } from '../catalogue/index.ts';
import type { Bilingual } from '../kernel/bilingual.ts';
import type { ImageShortfall } from '../imaging/index.ts';
import type { JsonValue } from '../kernel/canonical-json.ts';
import { CHINA_ZONE, civilTimeText, throughText } from '../kernel/civil-day.ts';
import { raiser } from '../kernel/fault.ts';
import { instant } from '../kernel/instant.ts';
import type { Assessed, LineDecision, LineOutcome, PartDecision } from './decide.ts';
import type { DisclosedDecision } from './disclose.ts';
import { RECOGNITION_FAULTS } from './faults.ts';
import type { PanelDecision } from './panel-decision.ts';
import { nearMisses } from './reasons.ts';
import { type Rules, shippedSentence } from './rules.ts';
import type { CheckOutcome, Citation, Verdict } from './verdict.ts';

const raise = raiser(RECOGNITION_FAULTS);

type Data = Readonly<Record<string, JsonValue | undefined>>;

const plain = (value: JsonValue | undefined): string =>
  value === null || value === undefined
    ? '—'
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

const named = (
  name: { readonly nameZh: string; readonly nameEn: string } | undefined,
  code: JsonValue | undefined,
): Bilingual =>
  name === undefined ? { zh: plain(code), en: plain(code) } : { zh: name.nameZh, en: name.nameEn };

const both = (text: string): Bilingual => ({ zh: text, en: text });

const joined = (left: Bilingual, right: Bilingual): Bilingual => ({
  zh: left.zh + right.zh,
  en: left.en + right.en,
});

const listed = (
  values: readonly JsonValue[],
  one: (value: JsonValue) => Bilingual,
  between: Bilingual = { zh: '、', en: ', ' },
): Bilingual => {
  const texts = values.map(one);
  return {
    zh: texts.map(({ zh }) => zh).join(between.zh),
    en: texts.map(({ en }) => en).join(between.en),
  };
};

/** The sentence of a key. @throws SENTENCE_MISSING */
export const sentence = (rules: Rules, key: string): Bilingual => {
  const found = rules.sentenceOf(key);
  if (found === undefined) throw raise('SENTENCE_MISSING', { place: key });
  return found;
};

/** A word of the table (`word.side.left`); the code itself where the table has none. */
const word = (rules: Rules, group: string, value: JsonValue | undefined): Bilingual =>
  typeof value === 'string'
    ? (rules.sentenceOf(`word.${group}.${value}`) ?? both(value))
    : both(plain(value));

const windowText = (rules: Rules, value: JsonValue | undefined): Bilingual => {
  const window = value as { readonly unit: 'hours' | 'civilDays'; readonly n: number };
  const key = window.unit === 'hours' ? 'hours' : window.n === 0 ? 'same-day' : 'civil-days';
  return filled(rules, sentence(rules, `word.window.${key}`), { n: window.n });
};

/** Words of the phase, plane, sequence or side in which images lack something. */
const withinWords = (rules: Rules, within: string): Bilingual =>
  ['contrast-phase', 'image-plane', 'mr-sequence', 'side']
    .map((group) => rules.sentenceOf(`word.${group}.${within}`))
    .find((words) => words !== undefined) ?? both(within);

/** Types whose values are written as sentences of their own. */
const SENTENCES: ReadonlySet<string> = new Set(['image-unfit', 'image-not-stated']);

/**
 * How the value of a placeholder is written: `{institution:institution}` names the institution behind a code, `{until:time}`
 * writes a moment by the China clock, `{until:window-end}` the last day of a window, `{window:window}` a reference window; a bare `{name}` is written as it is.
 */
const written = (rules: Rules, type: string, value: JsonValue | undefined): Bilingual => {
  if (Array.isArray(value))
    return listed(
      value as readonly JsonValue[],
      (one) => written(rules, type, one),
      SENTENCES.has(type) ? { zh: '；', en: '; ' } : undefined,
    );
  if (value === null || value === undefined) return sentence(rules, 'word.not-stated');
  switch (type) {
    case '':
      return both(plain(value));
    case 'time':
      return both(civilTimeText(instant(value as number), CHINA_ZONE));
    case 'window-end':
      return both(throughText(instant(value as number), CHINA_ZONE));
    case 'window':
      return windowText(rules, value);
    case 'institution':
      return named(rules.institutionOf(value as string), value);
    case 'item':
      return named(rules.itemOf(value as string)?.item, value);
    case 'specimen':
      return specimenWords(value as string);
    case 'method':
      return { zh: methodWords(value as string), en: plain(value) };
    case 'zone':
      return named(rules.zoneOf(value as string), value);
    case 'image-unfit':
    case 'image-not-stated': {
      const shortfall = value as unknown as ImageShortfall;
      const isUnnamedSide =
        type === 'image-not-stated' && shortfall.kind === 'side' && shortfall.found === null;
      const kind = isUnnamedSide ? 'no-side' : shortfall.kind;
      const lack = say(rules, `word.${type}.${kind}`, shortfall as unknown as Data);
      if (shortfall.within === undefined) return lack;
      const within = withinWords(rules, shortfall.within);
      const pattern = sentence(rules, 'word.image-within');
      const fill = (language: 'zh' | 'en'): string =>
        pattern[language].replace('{within}', within[language]).replace('{lack}', lack[language]);
      return { zh: fill('zh'), en: fill('en') };
    }
    case 'suitable-study':
      return say(rules, 'word.suitable-study', value as unknown as Data);
    default:
      return word(rules, type, value);
  }
};

const PLACEHOLDER = /\{(\w+)(?::([\w-]+))?\}/g;

/** Fills the placeholders of a sentence, in each language with the words of that language. */
const filled = (rules: Rules, template: Bilingual, data: Data): Bilingual => {
  const fill = (language: 'zh' | 'en'): string =>
    template[language].replace(
      PLACEHOLDER,
      (_, name: string, type: string | undefined) => written(rules, type ?? '', data[name])[language],
    );
  return { zh: fill('zh'), en: fill('en') };
};

/** Whether a sentence names a value that is not there. */
const asksInVain = ({ zh, en }: Bilingual, data: Data): boolean =>
  [zh, en].some((text) => [...text.matchAll(PLACEHOLDER)].some(([, name]) => !((name as string) in data)));

/**
 * The sentence of a key with its placeholders filled. A sentence of a published list that names a value which findings no
 * longer bring was written for an older program: the program's own stands for it.
 *
 * @throws SENTENCE_MISSING
 */
export const say = (rules: Rules, key: string, data: Data = {}): Bilingual => {
  const own = sentence(rules, key);
  const shipped = shippedSentence(key);
  const isOutdated =
    shipped !== undefined && own !== shipped && asksInVain(own, data) && !asksInVain(shipped, data);
  return filled(rules, isOutdated ? shipped : own, data);
};

/** One thing that a check rests on, apart from the row of it, so that many checks can refer to the same. */
export interface CitedSource {
  /** A list with its version, or an instrument with its article. */
  readonly text: Bilingual;
  /** Row of the list; null where the whole is meant. */
  readonly row: string | null;
}

const instrumentSource = (
  { titleZh, number, article }: NonNullable<Citation['instrument']>,
  rules: Rules,
): CitedSource => ({
  text: say(rules, article === undefined ? 'citation.instrument' : 'citation.article', {
    titleZh,
    number,
    article,
  }),
  row: null,
});

/**
 * What a check rests on: the list with version and row, the instrument that publishes it, and the articles that the check
 * carries out; each once.
 *
 * @throws SENTENCE_MISSING
 */
export const citedSources = (
  check: string,
  citation: Citation | null,
  rules: Rules,
): readonly CitedSource[] => {
  const { list, instrument } = citation ?? {};
  const sources = [
    ...(list === undefined
      ? []
      : [
          {
            text: say(rules, 'citation.list', { kind: list.kind, code: list.code, version: list.version }),
            row: list.row ?? null,
          },
        ]),
    ...(instrument === undefined ? [] : [instrumentSource(instrument, rules)]),
    ...rules.legalBasesOf(check).map((basis) => instrumentSource(basis, rules)),
  ];
  return [...new Map(sources.map((source) => [source.text.zh, source])).values()];
};

/** All that a check rests on in one sentence; null when nothing is cited. @throws SENTENCE_MISSING */
export const explainCitation = (check: string, citation: Citation | null, rules: Rules): Bilingual | null => {
  const texts = citedSources(check, citation, rules).map(({ text, row }) =>
    row === null ? text : joined(text, say(rules, 'citation.row', { row })),
  );
  return texts.length === 0
    ? null
    : { zh: texts.map(({ zh }) => zh).join('；'), en: texts.map(({ en }) => en).join('; ') };
};

/** One check of a verdict in words. */
export interface ExplainedCheck {
  readonly check: string;
  readonly outcome: CheckOutcome['outcome'];
  readonly finding: string;
  /** The question the check asks. */
  readonly name: Bilingual;
  readonly text: Bilingual;
  readonly data: readonly ExplainedDatum[];
  readonly citation: Bilingual | null;
  /** What the citation is made of. */
  readonly sources: readonly CitedSource[];
}

/** One piece of data that a check used. */
export interface ExplainedDatum {
  readonly name: string;
  /** As it is kept: codes and moments. */
  readonly text: string;
  /** In words; null where it was not known. */
  readonly words: Bilingual | null;
}

const MOMENTS = new Set(['anchoredAt', 'until', 'performedAt', 'receivedAt', 'intervenedAt']);

const dataText = (name: string, value: JsonValue): string =>
  MOMENTS.has(name) && typeof value === 'number' ? civilTimeText(instant(value), CHINA_ZONE) : plain(value);

/** How data that stands as a code is written in words: the type of a placeholder, by the name of the data or by check and name. */
const DATUM_TYPES: Readonly<Record<string, string>> = {
  accepted: 'specimen',
  basis: 'basis',
  examined: 'side',
  failures: 'image-unfit',
  suitable: 'suitable-study',
  institution: 'institution',
  intervention: 'intervention',
  item: 'item',
  kind: 'list-kind',
  'method-comparable.asked': 'method',
  'method-comparable.method': 'method',
  notStated: 'image-not-stated',
  ordered: 'item',
  precision: 'precision',
  preconditions: 'intervention',
  resulted: 'item',
  'same-side-and-body-part.ordered': 'side',
  source: 'institution',
  specimen: 'specimen',
  states: 'state',
  target: 'institution',
  window: 'window',
  zone: 'zone',
  zones: 'zone',
};

const isUnknown = (value: JsonValue): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);

const explainDatum = (check: string, name: string, value: JsonValue, rules: Rules): ExplainedDatum => {
  const text = dataText(name, value);
  const type = MOMENTS.has(name) ? undefined : (DATUM_TYPES[`${check}.${name}`] ?? DATUM_TYPES[name]);
  const words = type === undefined && !Array.isArray(value) ? both(text) : written(rules, type ?? '', value);
  return { name, text, words: isUnknown(value) ? null : words };
};

/** Renders one check by the sentence table. @throws SENTENCE_MISSING */
export const explainCheck = (outcome: CheckOutcome, rules: Rules): ExplainedCheck => ({
  check: outcome.check,
  outcome: outcome.outcome,
  finding: outcome.finding,
  name: sentence(rules, `check.${outcome.check}`),
  text: say(rules, `finding.${outcome.finding}`, outcome.data),
  data: Object.entries(outcome.data).map(([name, value]) => explainDatum(outcome.check, name, value, rules)),
  citation: explainCitation(outcome.check, outcome.citation, rules),
  sources: citedSources(outcome.check, outcome.citation, rules),
});

/** A verdict in words: the grade, the row of the fold that decided, every check. */
export interface ExplainedVerdict {
  readonly grade: Bilingual;
  readonly row: Bilingual;
  readonly zone: Bilingual | null;
  readonly until: Bilingual | null;
  readonly checks: readonly ExplainedCheck[];
}

/** One condition that a result would have had to meet, and how it is instead. */
export interface MissingCondition {
  readonly check: string;
  readonly outcome: 'fail' | 'unknown';
  readonly text: Bilingual;
}

/** What would have made a result one to recognise. */
export interface ExplainedMissing {
  readonly heading: Bilingual;
  readonly conditions: readonly MissingCondition[];
  /** Said where no common zone lists the item: what its list would ask for besides could not be checked. */
  readonly remainder: Bilingual | null;
}

/**
 * What would have made a result of another institution one that must be considered: every check that failed or could not
 * be made, as the condition it stands for and how it is instead. null where nothing is missing, where the result is
 * excluded (of another person's result there is no almost), and for own results, which are never recognised.
 *
 * @throws SENTENCE_MISSING
 */
export const explainMissing = (
  { verdict, own }: Pick<Assessed, 'verdict' | 'own'>,
  rules: Rules,
): ExplainedMissing | null => {
  const missing = own ? [] : nearMisses(verdict);
  if (missing.length === 0) return null;
  const conditions = missing.map(({ check, outcome, finding, data }): MissingCondition => {
    const would = sentence(rules, `would.${check}`);
    const found = say(rules, `finding.${finding}`, data);
    const { zh, en } = sentence(rules, 'missing.condition');
    return {
      check,
      outcome: outcome as MissingCondition['outcome'],
      text: {
        zh: zh.replace('{would}', () => would.zh).replace('{found}', () => found.zh),
        en: en.replace('{would}', () => would.en).replace('{found}', () => found.en),
      },
    };
  });
  const noZone = missing.some(({ check }) => check === 'common-zone-lists-item');
  return {
    heading: sentence(rules, 'missing.heading'),
    conditions,
    remainder: noZone ? sentence(rules, 'missing.zone-not-checked') : null,
  };
};

/** Renders a verdict by the sentence table. @throws SENTENCE_MISSING */
export const explainVerdict = (verdict: Verdict, rules: Rules): ExplainedVerdict => ({
  grade: sentence(rules, `grade.${verdict.grade}`),
  row: sentence(rules, `row.${verdict.row}`),
  zone: verdict.zone === null ? null : say(rules, 'verdict.zone', { zone: verdict.zone }),
  until: verdict.until === null ? null : say(rules, 'verdict.until', { until: verdict.until }),
  checks: verdict.checks.map((check) => explainCheck(check, rules)),
});

/**
 * The short reasons shown beside a result: why it is worth less than a result that must be considered, or, where it is
 * one, that it has all that is asked for. @throws SENTENCE_MISSING
 */
export const shortReasons = (verdict: Verdict, rules: Rules): readonly Bilingual[] => {
  const against = verdict.checks.filter(({ outcome }) => outcome === 'fail' || outcome === 'unknown');
  const telling = against.length > 0 ? against : verdict.checks.filter(({ check }) => REASSURING.has(check));
  return telling.map(({ finding, data }) => say(rules, `finding.${finding}`, data));
};

const REASSURING = new Set(['common-zone-lists-item', 'within-window', 'quality-basis']);

const isFirm = ({ outcome, chosen }: PartDecision): boolean =>
  outcome === 'own-recent' || (outcome === 'recognisable' && chosen?.verdict.grade === 'must-consider');

/**
 * What is said in one sentence of a line, or of one item of it. What the doctor may take or leave (可供参考) is never told
 * as 可互认: that word is kept for what has all that is asked for.
 *
 * @param parts the items that the outcome is of
 * @throws SENTENCE_MISSING
 */
export const outcomeText = (
  outcome: LineOutcome,
  parts: readonly PartDecision[],
  rules: Rules,
): Bilingual => {
  const isOffer = outcome === 'recognisable' || outcome === 'partly-recognisable';
  const recognised = parts.filter((part) => part.outcome === 'recognisable' && isFirm(part));
  return sentence(rules, `outcome.${isOffer && recognised.length === 0 ? 'reference-only' : outcome}`);
};

/** How many of a panel's required members are covered, have a result only to be read, have none. */
const countMembers = ({ missing, covered }: PanelDecision, parts: readonly PartDecision[]) => {
  const itemsOf = (some: readonly PartDecision[]) => new Set(some.map(({ part }) => part.order.item));
  const firmItems = itemsOf(parts.filter(isFirm));
  const readItems = itemsOf(parts.filter(({ chosen }) => chosen !== null));
  const firm = covered.filter((item) => firmItems.has(item)).length;
  const absent = missing.filter(({ item }) => !readItems.has(item)).length;
  return { firm, absent, reading: covered.length + missing.length - firm - absent };
};

/** What is said of a panel: how much there is, what is missing, what to order; null when nothing of it is covered. */
export const panelText = (line: LineDecision, rules: Rules): Bilingual | null => {
  const { panel } = line;
  if (panel === null || panel.covered.length === 0) return null;
  const counted = countMembers(panel, line.parts);
  // A decision of before is told in the sentences of its own time, which may lack this one.
  if (counted.reading > 0 && rules.sentenceOf('panel.counted') !== undefined)
    return say(rules, 'panel.counted', {
      ...counted,
      panel: panel.definition.nameZh,
      required: panel.required,
    });
  const data = {
    panel: panel.definition.nameZh,
    covered: panel.covered.length,
    required: panel.required,
    missing: panel.missing.map(({ item }) => item),
    singles: panel.missing.flatMap(({ single }) => (single === null ? [] : [single])),
  };
  return say(rules, `panel.${panel.advice}`, data);
};

const resultLine = (assessed: Assessed, rules: Rules): Bilingual => {
  const { candidate, verdict } = assessed;
  const { zh, en } = sentence(rules, `grade.${verdict.grade}`);
  const line = say(rules, 'line.result', {
    institution: candidate.reporter,
    collected: candidate.collectedAt,
    item: candidate.item,
  });
  return { zh: `${line.zh}：${zh}`, en: `${line.en}: ${en}` };
};

/** What is said of a line besides its results: what was found for it, how far a panel is covered, why it is told quietly. */
export interface ExplainedLine {
  readonly outcome: Bilingual;
  readonly panel: Bilingual | null;
  readonly quiet: Bilingual | null;
}

/** Renders what is said of a line by the sentence table. @throws SENTENCE_MISSING */
export const explainLine = (line: LineDecision, rules: Rules): ExplainedLine => ({
  outcome: outcomeText(line.outcome, line.parts, rules),
  panel: panelText(line, rules),
  quiet: line.quiet === null ? null : sentence(rules, `quiet.${line.quiet}`),
});

const indented = (text: Bilingual, depth: number): Bilingual => ({
  zh: `${'  '.repeat(depth)}${text.zh}`,
  en: `${'  '.repeat(depth)}${text.en}`,
});

const MARK = { pass: '✓', fail: '✗', unknown: '?', 'assumed-by-policy': '~' } as const;

const checkLine = (check: ExplainedCheck): Bilingual => ({
  zh: `${MARK[check.outcome]} ${check.name.zh}：${check.text.zh}${check.citation === null ? '' : `（${check.citation.zh}）`}`,
  en: `${MARK[check.outcome]} ${check.name.en}: ${check.text.en}${check.citation === null ? '' : ` (${check.citation.en})`}`,
});

const partLines = (part: PartDecision, rules: Rules): readonly Bilingual[] => {
  const item = named(rules.itemOf(part.part.order.item)?.item, part.part.order.item);
  const outcome = outcomeText(part.outcome, [part], rules);
  const lines = [indented({ zh: `${item.zh}：${outcome.zh}`, en: `${item.en}: ${outcome.en}` }, 1)];
  for (const assessed of part.assessed) {
    lines.push(indented(resultLine(assessed, rules), 2));
    const explained = explainVerdict(assessed.verdict, rules);
    lines.push(indented(explained.row, 3));
    if (explained.zone !== null) lines.push(indented(explained.zone, 3));
    if (explained.until !== null) lines.push(indented(explained.until, 3));
    const missing = explainMissing(assessed, rules);
    if (missing !== null) {
      lines.push(indented(missing.heading, 3));
      for (const { text } of missing.conditions) lines.push(indented(text, 4));
      if (missing.remainder !== null) lines.push(indented(missing.remainder, 4));
    }
    for (const check of explained.checks) lines.push(indented(checkLine(check), 3));
  }
  return lines;
};

/**
 * A disclosed decision in words, line by line: what was found for each ordered item, every earlier result with its
 * verdict, every check with what it found and rests on. @throws SENTENCE_MISSING
 */
export const explainDecision = (decision: DisclosedDecision, rules: Rules): readonly Bilingual[] =>
  decision.lines.flatMap((line, index) => {
    const { outcome, panel, quiet } = explainLine(line, rules);
    const head = say(rules, 'line.heading', { line: index + 1 });
    return [
      { zh: `${head.zh}${outcome.zh}`, en: `${head.en}${outcome.en}` },
      ...(panel === null ? [] : [indented(panel, 1)]),
      ...(quiet === null ? [] : [indented(quiet, 1)]),
      ...line.parts.flatMap((part) => partLines(part, rules)),
    ];
  });
