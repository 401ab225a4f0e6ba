import {
  type ExaminedPart,
  type ImageFacts,
  type ImageShortfall,
  type StudyImages,
  together,
} from './fitness.ts';
import { type JudgeImages, judgeImages4, type ReportJudgement } from './judge-images.ts';
import { sorted } from './study-facts.ts';
import {
  namesAnother,
  type PartStatement,
  type Showing,
  showingOf,
  type SoughtPart,
  soughtPart,
} from './shown-part.ts';

type Group = StudyImages & { readonly shows: PartStatement };

/** What of one study counts for an examination. */
interface Counted {
  /** Those of its images that show the examined part; where none do, all of them, as what they state. null: all are in doubt. */
  readonly own: StudyImages | null;
  /** These and those that may show it; null: none are in doubt. */
  readonly withDoubtful: StudyImages | null;
}

const groupsOf = (study: StudyImages): readonly Group[] =>
  (study.parts ?? [study]).filter((part): part is Group => part.shows !== undefined);

/**
 * A code that every series of an examination of several parts carries may be the one that the device was left at, unless it names these
 * parts itself (`CHESTABDOMEN`).
 */
const restsOnLeftCode = (
  { shows }: Group,
  groups: readonly Group[],
  named: readonly string[],
  sought: SoughtPart,
): boolean =>
  shows.isWorded === undefined &&
  namesAnother(named, { ...sought, regions: new Set([...sought.regions, ...shows.regions]) }) &&
  !groups.some((other) => other.shows.isCoded && showingOf(other.shows, sought) === 'other');

const showings = (study: StudyImages, groups: readonly Group[], sought: SoughtPart): readonly Showing[] => {
  const { named = [] } = study;
  const mayBeAnother = namesAnother(named, sought);
  return groups.map((group): Showing => {
    const showing = showingOf(group.shows, sought);
    if (!mayBeAnother || showing === 'other') return showing;
    return showing === 'not-stated' || restsOnLeftCode(group, groups, named, sought) ? 'doubtful' : showing;
  });
};

/** Some of the images of a study. What came of it, and what lacks, stays what it is of the whole. */
const only = (study: StudyImages, some: readonly Group[]): StudyImages => {
  if (some.length === groupsOf(study).length) return study;
  const { received, announced, missing, beside, documents } = study;
  return {
    ...together(some),
    received,
    announced,
    missing,
    ...(beside === undefined ? {} : { beside }),
    ...(documents === undefined ? {} : { documents }),
  };
};

/**
 * Which images of a study count for a part. A series counts that states the part itself, or states none where nothing of the study
 * names another one. One whose code and words contradict each other, that names a narrower part, or that states none in a study of
 * several parts, is in doubt.
 */
const countedOf = (study: StudyImages, sought: SoughtPart): Counted => {
  const groups = groupsOf(study);
  if (groups.length === 0 || sought.regions.size === 0) return { own: study, withDoubtful: null };
  const showing = showings(study, groups, sought);
  const own = groups.filter((_, at) => showing[at] === 'shows' || showing[at] === 'not-stated');
  const doubtful = groups.filter((_, at) => showing[at] === 'doubtful');
  if (own.length + doubtful.length === 0)
    // The examination may be called what was asked; its images say what they show.
    return {
      own: { ...study, regions: sorted(groups.flatMap(({ shows }) => shows.regions)) },
      withDoubtful: null,
    };
  return {
    own: own.length === 0 ? null : only(study, own),
    withDoubtful: doubtful.length === 0 ? null : only(study, [...own, ...doubtful]),
  };
};

const asFacts = ({ hasOtherPatient, studies }: ImageFacts, counted: readonly StudyImages[]): ImageFacts => ({
  ...together(counted),
  ...(hasOtherPatient ? { hasOtherPatient } : {}),
  ...(studies ? { studies: counted } : {}),
});

const isSound = ({ judgement, missing, isWithoutImages }: ReportJudgement): boolean =>
  judgement.failures.length === 0 && missing === 0 && !isWithoutImages;

/** The judgement, and that nobody can tell whether the images are of the part. */
const inDoubt = (judged: ReportJudgement, { bodyPartZh }: ExaminedPart): ReportJudgement => {
  const { judgement } = judged;
  const part: ImageShortfall = { kind: 'region', found: null, asked: bodyPartZh };
  const others = judgement.notStated.filter(({ kind }) => kind !== 'region');
  return { ...judged, judgement: { ...judgement, notStated: [part, ...others] } };
};

/**
 * Judges images by what the examination is and by every row of requirements that applies, each series by the part that it shows: thin
 * slices of the head say nothing of a chest. Where only images suffice of which nobody can tell whether they show the part, it is not
 * stated.
 */
export const judgeImages: JudgeImages = (facts, examined, requirements) => {
  const sought = soughtPart(examined.bodyPartZh);
  const counted = (facts.studies ?? [facts]).map((study) => countedOf(study, sought));
  const own = counted.flatMap((study) => study.own ?? []);
  const sure = own.length === 0 ? null : judgeImages4(asFacts(facts, own), examined, requirements);
  if (sure && (isSound(sure) || counted.every(({ withDoubtful }) => withDoubtful === null))) return sure;
  const wide = judgeImages4(
    asFacts(
      facts,
      counted.flatMap((study) => study.withDoubtful ?? study.own ?? []),
    ),
    examined,
    requirements,
  );
  return sure && !isSound(wide) ? sure : inDoubt(wide, examined);
};
