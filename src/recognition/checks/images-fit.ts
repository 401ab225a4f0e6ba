import type { Side } from '../../catalogue/index.ts';
import { type ExaminedPart, type ImageFacts, judgeImages } from '../../imaging/index.ts';
import type { JsonValue } from '../../kernel/canonical-json.ts';
import type { OrderFacts } from '../facts.ts';
import type { ImageRuling } from '../rules.ts';
import { defineCheck, found, type Look, type ZoneFacts } from './check.ts';

const startsWithOne = (text: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => text.startsWith(prefix));

/** True where a row of requirements is meant for this order: each without a case, or a case that the order shows. */
const concerns = ({ row: { when } }: ImageRuling, { diagnoses, purpose }: OrderFacts): boolean =>
  when === undefined ||
  (when.purposes?.includes(purpose) ?? false) ||
  diagnoses.some((diagnosis) => startsWithOne(diagnosis, when.diagnosisPrefixes ?? []));

/** How many images have come, of how many that were announced: `120/300`. */
const progressOf = ({ received, announced }: ImageFacts): string =>
  announced === null ? String(received) : `${received}/${announced}`;

/** Images that gaps show to be missing, or that were announced and have not come. */
const missingOf = ({ missing, announced, received }: ImageFacts): number =>
  Math.max(missing, (announced ?? 0) - received);

type Finding =
  | 'images-present'
  | 'images-not-asked'
  | 'images-uploading'
  | 'images-unknown'
  | 'images-not-stated'
  | 'images-absent'
  | 'images-incomplete'
  | 'images-unfit';

/** The images that are there, measured against what the item asks of them. */
const measured = (facts: ZoneFacts, imaging: ImageFacts): Look<Finding> => {
  const { order, candidate, defined, listed, zoneRules } = facts;
  const missing = missingOf(imaging);
  if (missing > 0)
    return found('images-incomplete', { missing, received: imaging.received }, listed.citation);
  const side: Side | null = defined.item.hasSide ? candidate.side : null;
  const part: ExaminedPart = { bodyPartZh: defined.item.bodyPartZh ?? null, side };
  const rulings = zoneRules.imageRequirements(order.item).filter((ruling) => concerns(ruling, order));
  const judgement = judgeImages(
    imaging,
    part,
    rulings.map(({ row }) => row.asks),
  );
  const { failures, notStated, failedRow, notStatedRow } = judgement;
  const citationOf = (row: number | null) =>
    (row === null ? undefined : rulings[row]?.citation) ?? listed.citation;
  if (failures.length > 0)
    return found('images-unfit', { failures: failures as unknown as JsonValue }, citationOf(failedRow));
  if (notStated.length > 0)
    return found(
      'images-not-stated',
      { notStated: notStated as unknown as JsonValue },
      citationOf(notStatedRow),
    );
  return found('images-present', { received: imaging.received }, citationOf(0));
};

/**
 * Are the images there, complete, and fit for what is ordered, where the item is an examination with images? Still
 * uploading (影像上传中) is not the same as missing (影像缺失): it leaves the question open. Images that are there and wrong
 * count against the result even where nobody asks for images.
 */
export const imagesFit = defineCheck<ZoneFacts, Finding>({
  code: 'images-fit',
  findings: {
    'images-present': 'pass',
    'images-not-asked': 'pass',
    'images-uploading': 'unknown',
    'images-unknown': 'unknown',
    'images-not-stated': 'unknown',
    'images-absent': 'fail',
    'images-incomplete': 'fail',
    'images-unfit': 'fail',
  },
  look: (facts) => {
    const { candidate, defined, listed, rules } = facts;
    const { images, imaging } = candidate;
    const { citation } = listed;
    const asked = listed.row.imagesRequired;
    switch (images) {
      case 'present':
        return imaging === null ? found('images-present', undefined, citation) : measured(facts, imaging);
      case 'incomplete':
        return found('images-incomplete', undefined, citation);
      case 'unfit':
        return found('images-unfit', undefined, citation);
      case 'absent':
        return found(asked ? 'images-absent' : 'images-not-asked', undefined, citation);
      case 'uploading':
        return asked
          ? found(
              'images-uploading',
              imaging === null ? undefined : { progress: progressOf(imaging) },
              citation,
            )
          : found('images-not-asked', undefined, citation);
      case 'unknown': {
        if (!asked) return found('images-not-asked', undefined, citation);
        const { performer, collectedAt } = candidate;
        const isExpected = collectedAt !== null && collectedAt >= rules.imagesExpectedFrom(performer);
        return found(isExpected ? 'images-absent' : 'images-unknown', undefined, citation);
      }
      case 'not-applicable':
        return asked && defined.item.category.startsWith('img-')
          ? found('images-unknown', undefined, citation)
          : found('images-not-asked', undefined, citation);
    }
  },
});
