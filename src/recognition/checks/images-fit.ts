import type { Side } from '../../catalogue/index.ts';
import {
  type ExaminedPart,
  type ImageAsks,
  type ImageFacts,
  imagesKnown,
  judgeImages,
  judgeImages2,
  judgeImages3,
  judgeImages4,
  missingImages,
  type ReportJudgement,
} from '../../imaging/index.ts';
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

type Finding =
  | 'images-present'
  | 'images-present-in-studies'
  | 'images-not-asked'
  | 'images-uploading'
  | 'images-unknown'
  | 'images-not-stated'
  | 'images-absent'
  | 'images-incomplete'
  | 'images-none-but-documents'
  | 'images-unfit';

/** Judges images by rows of requirements. */
type Judge = (facts: ImageFacts, part: ExaminedPart, asks: readonly ImageAsks[]) => ReportJudgement;

/** The images that are there, measured against what the item asks of them. */
const measured = (facts: ZoneFacts, imaging: ImageFacts, judge: Judge): Look<Finding> => {
  const { order, candidate, defined, listed, zoneRules } = facts;
  const side: Side | null = defined.item.hasSide ? candidate.side : null;
  const part: ExaminedPart = { bodyPartZh: defined.item.bodyPartZh ?? null, side };
  const rulings = zoneRules.imageRequirements(order.item).filter((ruling) => concerns(ruling, order));
  const judged = judge(
    imaging,
    part,
    rulings.map(({ row }) => row.asks),
  );
  const { received, missing, studies } = judged;
  if (missing > 0) return found('images-incomplete', { missing, received }, listed.citation);
  if (judged.isWithoutImages)
    return found(
      listed.row.imagesRequired ? 'images-none-but-documents' : 'images-not-asked',
      undefined,
      listed.citation,
    );
  const { failures, notStated, failedRow, notStatedRow } = judged.judgement;
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
  if (studies === null) return found('images-present', { received }, citationOf(0));
  const suitable = studies.map((study) => ({ modalities: study.modalities, received: imagesKnown(study) }));
  return found(
    'images-present-in-studies',
    { suitable, studies: imaging.studies?.length ?? 1 },
    citationOf(0),
  );
};

/** As versions before 5 asked: what was still coming counted for nothing. */
const uploadingOf4 = ({ candidate: { imaging }, listed }: ZoneFacts): Look<Finding> =>
  listed.row.imagesRequired
    ? found(
        'images-uploading',
        imaging === null ? undefined : { progress: progressOf(imaging) },
        listed.citation,
      )
    : found('images-not-asked', undefined, listed.citation);

/** What has come, without what is still to come: that it lacks is no fault of it. */
const withoutCounts = (imaging: ImageFacts): ImageFacts => {
  const none = { announced: null, missing: 0 } as const;
  const { studies } = imaging;
  return {
    ...imaging,
    ...none,
    ...(studies ? { studies: studies.map((study) => ({ ...study, ...none })) } : {}),
  };
};

/**
 * Images that are still coming leave the question open, asked for or not. What has come is judged as it is: what was refused is not
 * recognisable again because one more image comes.
 */
const uploadingBy =
  (judge: Judge) =>
  (facts: ZoneFacts): Look<Finding> => {
    const { candidate, listed } = facts;
    const { imaging } = candidate;
    if (imaging === null) return found('images-uploading', undefined, listed.citation);
    // Nothing has been read of a study before its first series is closed.
    const soFar = imaging.frames > 0 ? measured(facts, withoutCounts(imaging), judge) : null;
    return soFar?.finding === 'images-unfit'
      ? soFar
      : found('images-uploading', { progress: progressOf(imaging) }, listed.citation);
  };

/**
 * Are the images there, complete, and fit for what is ordered, where the item is an examination with images? Still
 * uploading (影像上传中) is not the same as missing (影像缺失): it leaves the question open. Images that are there and wrong
 * count against the result even where nobody asks for images.
 */
const imagesFitBy = (judge: Judge, uploading: (facts: ZoneFacts) => Look<Finding>) =>
  defineCheck<ZoneFacts, Finding>({
    code: 'images-fit',
    findings: {
      'images-present': 'pass',
      'images-present-in-studies': 'pass',
      'images-not-asked': 'pass',
      'images-uploading': 'unknown',
      'images-unknown': 'unknown',
      'images-not-stated': 'unknown',
      'images-absent': 'fail',
      'images-incomplete': 'fail',
      'images-none-but-documents': 'fail',
      'images-unfit': 'fail',
    },
    look: (facts) => {
      const { candidate, defined, listed, rules } = facts;
      const { images, imaging } = candidate;
      const { citation } = listed;
      const asked = listed.row.imagesRequired;
      switch (images) {
        case 'present':
          return imaging === null
            ? found('images-present', undefined, citation)
            : measured(facts, imaging, judge);
        case 'incomplete':
          return found('images-incomplete', undefined, citation);
        case 'unfit':
          return found('images-unfit', undefined, citation);
        case 'absent':
          return found(asked ? 'images-absent' : 'images-not-asked', undefined, citation);
        case 'uploading':
          return uploading(facts);
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

/** As the evaluator asks now: each series by the part that it shows, and what is still coming by what has come. */
export const imagesFit = imagesFitBy(judgeImages, uploadingBy(judgeImages));

/**
 * As version 4 of the evaluator asked: documents are no images, slices with gaps and reformats no thin ones, and what no header states
 * of the side is told.
 */
export const imagesFit4 = imagesFitBy(judgeImages4, uploadingOf4);

/** As version 3 of the evaluator asked: each study of a report apart, and each phase, plane and sequence of a series of its own. */
export const imagesFit3 = imagesFitBy(judgeImages3, uploadingOf4);

/** As version 2 of the evaluator asked: the largest study of a report, and several phases or planes of the study as a whole. */
export const imagesFit2 = imagesFitBy(
  (imaging, part, asks) => ({
    judgement: judgeImages2(imaging, part, asks),
    received: imaging.received,
    isWithoutImages: false,
    missing: missingImages(imaging),
    studies: null,
  }),
  uploadingOf4,
);
