import { bodyPartsIn, bodyRegionsOf, type NamedPart } from '../catalogue/index.ts';
import { partOfCode } from './image-words.ts';
import type { InstanceHeader } from './instance.ts';

/** What images state themselves of the part of the body that they show: not what their examination is called as a whole. */
export interface PartStatement {
  /** Regions in which their code and their words agree; of those that contradict each other all that they name. Empty: not stated. */
  readonly regions: readonly string[];
  /** Only where code and words have no region in common, as where a device kept the code of the patient before. */
  readonly isContradicted?: true;
  /** Only where all that is named shows a part of its region: which (`orbit`); `unclear` where code and words name unlike ones. */
  readonly narrow?: readonly string[];
  /** Only where a code states it. */
  readonly isCoded?: true;
  /** Only where words of the series or of its protocol state it. */
  readonly isWorded?: true;
}

/** The examined part as statements are held against it. */
export interface SoughtPart {
  readonly regions: ReadonlySet<string>;
  readonly narrow: readonly string[];
}

/**
 * Whether images show a part: `shows`, another one (`other`), perhaps (`doubtful`: code and words contradict each other, or they name a
 * narrower part than was examined), or nothing is stated.
 */
export type Showing = 'shows' | 'other' | 'doubtful' | 'not-stated';

const sorted = (values: Iterable<string>): readonly string[] => [...new Set(values)].toSorted();

const inCommon = (sets: readonly (readonly string[])[]): readonly string[] =>
  (sets[0] ?? []).filter((one) => sets.every((set) => set.includes(one)));

const regionsOf = (parts: readonly NamedPart[]): readonly string[] =>
  sorted(parts.flatMap(({ regions }) => [...regions]));

const partsIn = (texts: readonly (string | null)[]): readonly NamedPart[] =>
  [...new Set(texts)].flatMap((text) => (text === null ? [] : bodyPartsIn(text)));

/** What the images of one series, or one image, state of the part that they show. */
export const statedPart = (images: readonly InstanceHeader[]): PartStatement => {
  const codes = [
    partsIn(images.map(({ anatomy }) => anatomy.bodyPartExamined)),
    images.flatMap(({ anatomy }) => (anatomy.anatomicRegion ? partOfCode(anatomy.anatomicRegion) : [])),
  ].filter((parts) => parts.length > 0);
  const words = [
    partsIn(images.map(({ descriptions }) => descriptions.series)),
    partsIn(images.map(({ acquisition }) => acquisition.protocolName)),
  ].filter((parts) => parts.length > 0);
  const sources = [...codes, ...words];
  const agreed = inCommon(sources.map(regionsOf));
  const isContradicted = sources.length > 0 && agreed.length === 0;
  const narrow = sources
    .filter((parts) => parts.every((part) => part.narrow.length > 0))
    .map((parts) => parts.flatMap((part) => part.narrow));
  const narrowest = sorted(inCommon(narrow));
  return {
    regions: isContradicted ? regionsOf(sources.flat()) : sorted(agreed),
    ...(isContradicted ? { isContradicted } : {}),
    ...(narrow.length > 0 ? { narrow: narrowest.length > 0 ? narrowest : ['unclear'] } : {}),
    ...(codes.length > 0 ? { isCoded: true as const } : {}),
    ...(words.length > 0 ? { isWorded: true as const } : {}),
  };
};

/**
 * Regions of each part that anything of a study names, the words of its examination too: one entry a part (`abdomen+pelvis`).
 */
export const partsNamed = (images: readonly InstanceHeader[]): readonly string[] => {
  const texts = new Set(
    images.flatMap(({ anatomy, descriptions, acquisition }) => [
      anatomy.bodyPartExamined,
      descriptions.series,
      acquisition.protocolName,
      descriptions.study,
      descriptions.requestedProcedure,
      descriptions.performedProcedure,
    ]),
  );
  const coded = images.flatMap(({ anatomy }) =>
    anatomy.anatomicRegion ? partOfCode(anatomy.anatomicRegion) : [],
  );
  return sorted([...partsIn([...texts]), ...coded].map((part) => sorted(part.regions).join('+')));
};

/** A part as the catalogue words it. */
export const soughtPart = (bodyPartZh: string | null): SoughtPart => ({
  regions: bodyPartZh === null ? new Set() : bodyRegionsOf(bodyPartZh),
  narrow: bodyPartZh === null ? [] : bodyPartsIn(bodyPartZh).flatMap(({ narrow }) => narrow),
});

/** Holds what images state against the part that was examined. */
export const showingOf = (
  { regions, isContradicted, narrow }: PartStatement,
  sought: SoughtPart,
): Showing => {
  if (regions.length === 0) return 'not-stated';
  if (!regions.some((region) => sought.regions.has(region))) return 'other';
  if (isContradicted && !regions.every((region) => sought.regions.has(region))) return 'doubtful';
  return narrow === undefined || narrow.some((part) => sought.narrow.includes(part)) ? 'shows' : 'doubtful';
};

/** True where something of a study names a part that lies in no region of the examined one. @param named of `partsNamed` */
export const namesAnother = (named: readonly string[], sought: SoughtPart): boolean =>
  named.some((part) => !part.split('+').some((region) => sought.regions.has(region)));
