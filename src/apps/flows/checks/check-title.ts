import type { Bilingual } from '../../../kernel/bilingual.ts';
import type { LineDecision, LineOutcome } from '../../../recognition/index.ts';
import type { OrderCheckLine } from '../../../web/wire/order-check-answer.ts';

/** What a title has to know of one line. */
export interface TitledLine extends Pick<LineDecision, 'outcome' | 'quiet'> {
  /** The best that was found for it, as the line itself says. */
  readonly shown: OrderCheckLine['outcome'];
}

const isUnchecked = ({ outcome }: TitledLine): boolean => outcome === 'unmapped' || outcome === 'not-checked';

const isAsked = ({ outcome }: TitledLine): boolean =>
  outcome === 'recognisable' || outcome === 'partly-recognisable';

/** Outcomes that stand for the whole order when every line has the same one. */
const SAID_AS_ONE: ReadonlySet<LineOutcome> = new Set(['own-recent', 'silent', 'not-disclosed']);

/** How many lines of a check came to what. */
interface Tally {
  /** Lines with a result that may be recognised by the rule (可互认). */
  readonly found: number;
  /** Lines whose results are only for reference (可供参考). */
  readonly toConsider: number;
  readonly unchecked: number;
  /** Lines with a result that may be read once the patient has agreed. */
  readonly consentNeeded: number;
}

const tallyOf = (lines: readonly TitledLine[]): Tally => ({
  found: lines.filter(({ shown }) => shown === 'must-consider').length,
  toConsider: lines.filter(({ shown }) => shown === 'may-consider').length,
  unchecked: lines.filter(isUnchecked).length,
  consentNeeded: lines.filter(({ shown }) => shown === 'consent-needed').length,
});

/** Keys of the sentences, the first of which says what matters most. */
const titleKeys = (
  lines: readonly TitledLine[],
  interrupts: boolean,
  { found, toConsider, unchecked, consentNeeded }: Tally,
): readonly string[] => {
  if (unchecked === lines.length) return ['title.not-checked'];
  if (lines.some(isAsked)) {
    // Who is not to be interrupted is not asked to confirm.
    const quiet = interrupts || unchecked > 0 ? undefined : lines.find((line) => line.quiet !== null)?.quiet;
    if (quiet) return [`quiet.${quiet}`];
    const also = consentNeeded > 0 ? ['title.also-consent-needed'] : [];
    if (found === 0)
      return [unchecked > 0 ? 'title.may-consider-partly-checked' : 'title.may-consider', ...also];
    return [
      unchecked > 0 ? 'title.found-partly-checked' : 'title.found',
      ...(toConsider > 0 ? ['title.also-may-consider'] : []),
      ...also,
    ];
  }
  if (consentNeeded > 0)
    return [unchecked > 0 ? 'title.consent-needed-partly-checked' : 'title.consent-needed'];
  if (unchecked > 0) return ['title.partly-checked'];
  const [first] = lines;
  if (first && lines.every(({ outcome }) => outcome === first.outcome) && SAID_AS_ONE.has(first.outcome))
    return [`outcome.${first.outcome}`];
  return [
    lines.some(({ outcome }) => outcome === 'reference-only')
      ? 'title.reference-only'
      : 'title.nothing-found',
  ];
};

/**
 * The sentence above all lines. Only what may be recognised by the rule is counted as 可互认; what is only for reference
 * is told apart, and whatever was not checked is always said: it is never "nothing found".
 */
export const checkTitle = (
  lines: readonly TitledLine[],
  interrupts: boolean,
  sentenceOf: (key: string) => Bilingual,
): Bilingual => {
  const tally = tallyOf(lines);
  const sentences = titleKeys(lines, interrupts, tally).map(sentenceOf);
  const filled = (text: string): string =>
    text
      .replace('{n}', String(tally.found))
      .replace('{m}', String(tally.unchecked))
      .replace('{r}', String(tally.toConsider))
      .replace('{c}', String(tally.consentNeeded));
  return {
    zh: sentences.map(({ zh }) => filled(zh)).join('；'),
    en: sentences.map(({ en }) => filled(en)).join('; '),
  };
};
