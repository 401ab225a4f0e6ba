import {
  conflictsOfHold,
  type HeldConflict,
  type UnreadableInstance,
  unreadableOfHold,
} from '../../../adapters/postgres/imaging-conflicts.ts';
import {
  instancesOfSeries,
  seriesOfStudy,
  studyAt,
  type StudyReading,
} from '../../../adapters/postgres/imaging-reading.ts';
import { studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import { type ImageHold, stepsOfHold } from '../../../adapters/postgres/image-holds.ts';
import { type CorrectionKind, deadlinesOf, dueNext, ticketNumber } from '../../../correction/index.ts';
import {
  answersTo,
  compareHeaders,
  type HoldReason,
  isOfStudy,
  isWaiting,
  type StudyFacts,
} from '../../../imaging/index.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import type { Rules } from '../../../recognition/index.ts';
import type { ImageHoldAnswer, ImageHoldCase } from '../../../web/wire/image-hold.ts';
import { type HeldContent, readHeld } from './held-content.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { readManifest } from './series-contents.ts';
import { studiedAt } from './study-time.ts';

/** Instances of a case that are laid side by side. */
const SHOWN_MAX = 20;
/** Characters of a digest by which a person tells two objects apart. */
const DIGEST_SHOWN = 12;

/** As what kind of reported error the office's clock counts a case. */
const CLOCK_KINDS: Readonly<Record<HoldReason, CorrectionKind>> = {
  'other-content': 'quality',
  'other-series': 'quality',
  'two-patients': 'wrong-person',
  unreadable: 'image-missing',
  'wrong-side': 'quality',
  'side-not-ordered': 'quality',
};

const dueOf = (hold: ImageHold, rules: Rules, at: Instant): ImageHoldAnswer['due'] => {
  if (!isWaiting(hold.state)) return null;
  const { content } = rules.correctionRules;
  const deadlines = deadlinesOf(content, CLOCK_KINDS[hold.reason], hold.openedAt);
  const due = dueNext('accepted', deadlines, content.calendar, at);
  return due && { by: isoInstant(due.by), overdue: due.isOverdue };
};

const studyAnswer = (study: StudyReading): ImageHoldAnswer['study'] => ({
  id: study.publicId,
  description: study.description,
  modalities: [...study.modalities],
  studiedAt: studiedAt(study),
  accession: study.accession,
  instances: study.instanceCount,
});

/** Where the study of a case lies; null for a case of no study. */
export const studyPlaceOf = ({
  personId,
  studyId,
}: ImageHold): { readonly personId: string; readonly studyId: string } | null =>
  personId === null || studyId === null ? null : { personId, studyId };

/** A case as its institution's list shows it. Names nobody. */
export const holdAnswer = async (
  { database }: ImagingDependencies,
  hold: ImageHold,
  rules: Rules,
  at: Instant,
): Promise<ImageHoldAnswer> => {
  const place = studyPlaceOf(hold);
  const study = place && (await studyAt(database, place));
  return {
    id: hold.publicId,
    ticket: ticketNumber(hold.openedAt, hold.publicId, 'YX'),
    reason: hold.reason,
    detail: hold.detail,
    state: hold.state,
    sender: hold.sender,
    instances: hold.instances,
    openedAt: isoInstant(hold.openedAt),
    lastAt: isoInstant(hold.lastAt),
    due: dueOf(hold, rules, at),
    study: study ? studyAnswer(study) : null,
  };
};

/** An object of the study that is shown, for comparison with one of another patient. */
const anyShown = async (
  dependencies: ImagingDependencies,
  place: { readonly personId: string; readonly studyId: string },
): Promise<string | null> => {
  for (const series of await seriesOfStudy(dependencies.database, place)) {
    const [row] = await instancesOfSeries(dependencies.database, series);
    if (row) return row.content;
    const [listed] =
      series.manifest === null ? [] : (await readManifest(dependencies, series.manifest)).instances;
    if (listed) return listed.content;
  }
  return null;
};

const contentAnswer = (
  content: string,
  held: HeldContent | null,
): ImageHoldCase['conflicts'][number]['first'] =>
  content === '' ? null : { content: content.slice(0, DIGEST_SHOWN), sizeBytes: held?.size ?? 0 };

const conflictAnswer = async (
  dependencies: ImagingDependencies,
  conflict: HeldConflict,
  firstContent: string | null,
  charset: string | null,
): Promise<{
  readonly answer: ImageHoldCase['conflicts'][number];
  readonly second: HeldContent | null;
}> => {
  const isCompared = conflict.keptContent !== '';
  const read = (content: string | null) =>
    content === null || content === ''
      ? Promise.resolve(null)
      : readHeld(dependencies, content, charset, isCompared);
  const [first, second] = await Promise.all([read(firstContent), read(conflict.otherContent)]);
  return {
    second,
    answer: {
      sopInstanceUid: conflict.sopInstanceUid,
      sender: conflict.sender,
      foundAt: isoInstant(conflict.foundAt),
      state: conflict.state,
      first: contentAnswer(conflict.keptContent, first),
      second: contentAnswer(conflict.otherContent, second),
      samePixels: first?.pixels && second?.pixels ? first.pixels === second.pixels : null,
      facts: [...compareHeaders(first?.read.header ?? null, second?.read.header ?? null)],
    },
  };
};

const unreadableAnswer = (one: UnreadableInstance): ImageHoldCase['unreadable'][number] => ({
  sopClassUid: one.sopClassUid,
  sopInstanceUid: one.sopInstanceUid,
  transferSyntaxUid: one.transferSyntaxUid,
  content: one.content.slice(0, DIGEST_SHOWN),
  sizeBytes: one.size,
  arrivals: one.arrivals,
  receivedAt: isoInstant(one.receivedAt),
  lastReceivedAt: isoInstant(one.lastReceivedAt),
});

const sidedSeries = (facts: StudyFacts): ImageHoldCase['series'] =>
  facts.series
    .filter(({ isAuxiliary }) => !isAuxiliary)
    .map(({ description, modality, instances, side }) => ({ description, modality, instances, side }));

/** A case with what it is about, and the headers of what is hidden, so that those they name find it in their log. */
export interface PresentedCase {
  readonly answer: ImageHoldCase;
  readonly hidden: readonly HeldContent[];
}

/** Lays a case out: what came, when, from which device, why it is held, and the facts of both side by side. */
export const presentHold = async (
  dependencies: ImagingDependencies,
  hold: ImageHold,
  rules: Rules,
  at: Instant,
): Promise<PresentedCase> => {
  const { database } = dependencies;
  const place = studyPlaceOf(hold);
  const study = place && (await studyAt(database, place));
  const conflicts = place
    ? await conflictsOfHold(database, place.personId, hold.publicId, SHOWN_MAX + 1)
    : [];
  const unreadable =
    hold.reason === 'unreadable' ? await unreadableOfHold(database, hold.publicId, SHOWN_MAX + 1) : [];
  const charset = place ? (await studyUidOf(database, place)).charsetDerived : null;
  const beside = place && hold.reason === 'two-patients' ? await anyShown(dependencies, place) : null;
  const laid = await Promise.all(
    conflicts
      .slice(0, SHOWN_MAX)
      .map((conflict) =>
        conflictAnswer(
          dependencies,
          conflict,
          conflict.keptContent === '' ? beside : conflict.keptContent,
          charset,
        ),
      ),
  );
  const steps = await stepsOfHold(database, hold.publicId);
  const facts = isOfStudy(hold.reason) && study?.facts ? (JSON.parse(study.facts) as StudyFacts) : null;
  return {
    hidden: laid.flatMap(({ second }) => second ?? []),
    answer: {
      hold: await holdAnswer(dependencies, hold, rules, at),
      conflicts: laid.map(({ answer }) => answer),
      unreadable: unreadable.slice(0, SHOWN_MAX).map(unreadableAnswer),
      series: facts ? sidedSeries(facts) : [],
      truncated: conflicts.length > SHOWN_MAX || unreadable.length > SHOWN_MAX,
      answers: isWaiting(hold.state) ? [...answersTo(hold.reason)] : [],
      canUndo: hold.state === 'answered',
      steps: steps.map(({ takenAt, ...step }) => ({ ...step, at: isoInstant(takenAt) })),
    },
  };
};
