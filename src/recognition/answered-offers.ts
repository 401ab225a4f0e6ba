import type { ItemCode } from '../catalogue/index.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { LineDecision, PartDecision } from './decide.ts';
import type { OrderPurpose } from './facts.ts';
import type { VerdictGrade } from './verdict.ts';

/**
 * One result that was on offer for one item when the doctor answered. The same offer for the same purpose is not put to
 * him again in that order session; anything else is a new question.
 */
export interface AnsweredOffer {
  readonly item: ItemCode;
  readonly purpose: OrderPurpose;
  readonly report: PublicId;
  readonly ordinal: number;
  readonly reportVersion: number;
  readonly grade: VerdictGrade;
}

/** The outcomes of an item that a doctor is asked about. */
export const asksAbout = (outcome: LineDecision['outcome']): boolean =>
  outcome === 'recognisable' ||
  outcome === 'partly-recognisable' ||
  outcome === 'own-recent' ||
  outcome === 'consent-needed';

type Offering = Pick<PartDecision, 'part' | 'outcome' | 'chosen'>;

const offerOn = ({ part, outcome, chosen }: Offering): AnsweredOffer | null => {
  if (chosen === null || !asksAbout(outcome)) return null;
  const { item, purpose } = part.order;
  const { report, ordinal, reportVersion } = chosen.candidate;
  return { item, purpose, report, ordinal, reportVersion, grade: chosen.verdict.grade };
};

/** What is on offer on a line: of each item that is asked about the result that carries the question. */
export const offersOn = ({ parts }: Pick<LineDecision, 'parts'>): readonly AnsweredOffer[] =>
  parts.flatMap((part) => offerOn(part) ?? []);

const sameOffer = (left: AnsweredOffer, right: AnsweredOffer): boolean =>
  left.item === right.item &&
  left.purpose === right.purpose &&
  left.report === right.report &&
  left.ordinal === right.ordinal &&
  left.reportVersion === right.reportVersion &&
  left.grade === right.grade;

/**
 * True when everything that a line would ask about has been answered already: each item with the very result, report
 * version, grade and purpose that are at issue now. By item, so that ordering it by another code, or in a panel, asks
 * nothing twice either.
 */
export const isAnswered = (
  line: Pick<LineDecision, 'parts'>,
  answered: readonly AnsweredOffer[],
): boolean => {
  if (answered.length === 0) return false;
  const offers = offersOn(line);
  return offers.length > 0 && offers.every((offer) => answered.some((before) => sameOffer(offer, before)));
};

type WrittenOffer = readonly [
  item: ItemCode,
  purpose: OrderPurpose,
  report: PublicId,
  ordinal: number,
  reportVersion: number,
  grade: VerdictGrade,
];

/** Offers as they are kept with the answer. */
export const offersText = (offers: readonly AnsweredOffer[]): string =>
  canonicalJson(
    offers.map(
      ({ item, purpose, report, ordinal, reportVersion, grade }): WrittenOffer => [
        item,
        purpose,
        report,
        ordinal,
        reportVersion,
        grade,
      ],
    ),
  );

/** Reads offers back as `offersText` wrote them. */
export const readOffers = (text: string): readonly AnsweredOffer[] =>
  (JSON.parse(text) as readonly WrittenOffer[]).map(
    ([item, purpose, report, ordinal, reportVersion, grade]) => ({
      item,
      purpose,
      report,
      ordinal,
      reportVersion,
      grade,
    }),
  );
