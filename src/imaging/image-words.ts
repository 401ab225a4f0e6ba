import table from '../../data/image-words.json' with { type: 'json' };
import { bodyPartsIn, type NamedPart, type Side } from '../catalogue/index.ts';
import type { ContrastUsage, HeaderCode } from './instance.ts';

/** Direction from which a projection was taken; the last two of the breast. */
export type ImageView = 'frontal' | 'lateral' | 'oblique' | 'cranio-caudal' | 'mediolateral-oblique';

/** What a series of magnetic resonance weights: `angio` where it shows vessels. */
export type MrSequence = 't1' | 't2' | 'flair' | 'dwi' | 'swi' | 'angio';

/** Contrast phase of a series; `enhanced` where the words say no more than that there was contrast medium. */
export type ContrastPhase = 'plain' | 'arterial' | 'venous' | 'delayed' | 'enhanced';

const isLatin = (word: string): boolean => /^[\x20-\x7e]+$/.test(word);
const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A text as words are looked for in it: full width to half width, capitals, one blank for what joins two words. */
const folded = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/_|(?<=[A-Z])-(?=[A-Z])/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Finds words of a list in a text: Latin ones only where they stand alone. */
const finder = (words: readonly string[]): RegExp =>
  new RegExp(
    words
      .map(folded)
      .toSorted((one, other) => other.length - one.length)
      .map((word) => (isLatin(word) ? `(?<![A-Z0-9])${escaped(word)}(?![A-Z0-9])` : escaped(word)))
      .join('|'),
    'g',
  );

const findersOf = <Name extends string>(
  groups: Readonly<Partial<Record<Name, readonly string[]>>>,
): readonly (readonly [Name, RegExp])[] =>
  (Object.entries(groups) as [Name, readonly string[]][]).map(([name, words]) => [name, finder(words)]);

const VIEWS = findersOf<ImageView>(table.views);
const BOTH_VIEWS = finder(table.bothViews);
const PHASES = findersOf<ContrastPhase>(table.phases);
const PHASES_WITH_AGENT = findersOf<ContrastPhase>(table.phasesWithAgent);
const EXAMINATIONS = finder(table.examinations);
const NOT_PHASES = finder(table.notPhases);
const WITHOUT_CONTRAST = finder(table.withoutContrast);
const WITH_AND_WITHOUT = finder(table.withAndWithoutContrast);
const IN_DOUBT = finder(table.contrastInDoubt);
const NEGATIONS = finder(table.negations);
const NOT_NEGATIONS = finder(table.notNegations);
const CONTRAST_WORDS = finder(table.contrastWords);
const IMAGE_FILTERS = finder(table.imageFilters);
const IMAGE_FILTER_WORDS = finder(table.imageFilterWords);
const NO_AGENTS = new RegExp(`^(?:${table.noAgents.map((word) => escaped(word)).join('|')})$`);
/** Several agents in one attribute. */
const BETWEEN_AGENTS = /[,;+&、，；]|\bAND\b/;
/** What names a substance has letters. */
const NAMES_SOMETHING = /\p{Letter}{2}|\p{Script=Han}/u;
const NO_VEIN = finder(table.routesBesideVeins);
const VEIN = finder(table.routesByVein);
const LOCALISERS = finder(table.localisers);
const NOT_LOCALISERS = finder(table.notLocalisers);
const SLABS = finder(table.slabs);
const SLAB_WORDS = finder(table.slabWords);
const REFORMATS = finder(table.reformats);
const REFORMAT_WORDS = finder(table.reformatWords);
const AVERAGES = finder(table.averages);
const DOSE_PAGES = finder(table.dosePages);
const SEQUENCES = findersOf<MrSequence>(table.sequences);
const BREAST_VIEWS = findersOf<ImageView>(table.breastViews);
const VIEW_CODES: Readonly<Record<string, string>> = table.viewCodes;
const USAGE_PHASES: Readonly<Record<string, string>> = table.usagePhases;
const REGION_CODES: Readonly<Record<string, string>> = table.regionCodes;

const SECONDARY = finder(['SECONDARY']);
const AXIAL = finder(['AXIAL']);

const has = (pattern: RegExp, text: string): boolean => text.search(pattern) >= 0;

/** The side of a DICOM code (`L`, `R`, `B`); null for `U`, nothing, and what is no code. */
export const sideOfCode = (code: string | null): Side | null =>
  code === 'L' ? 'left' : code === 'R' ? 'right' : code === 'B' ? 'both' : null;

/** Views that a text or View Position names. */
export const viewsIn = (text: string): readonly ImageView[] => {
  const words = folded(text);
  const ofBreast = BREAST_VIEWS.flatMap(([view, pattern]) => (has(pattern, words) ? [view] : []));
  if (ofBreast.length > 0) return ofBreast;
  if (has(BOTH_VIEWS, words)) return ['frontal', 'lateral'];
  return VIEWS.flatMap(([view, pattern]) => (has(pattern, words) ? [view] : []));
};

/** Views that a code of View Code Sequence stands for, by its number or else by its words. */
export const viewOfCode = ({ value, meaning }: HeaderCode): readonly ImageView[] => {
  const view = VIEW_CODES[value];
  return view === undefined ? viewsIn(meaning) : [view as ImageView];
};

/** Sequences of magnetic resonance that the words of a series or protocol name. */
export const sequencesIn = (text: string): readonly MrSequence[] => {
  const words = folded(text);
  return SEQUENCES.flatMap(([sequence, pattern]) => (has(pattern, words) ? [sequence] : []));
};

/** The phase in which a frame was taken by what it states of the contrast medium. */
export const phaseOfUsage = ({ isAdministered, phase }: ContrastUsage): ContrastPhase | null => {
  const named = phase === null ? undefined : (USAGE_PHASES[phase] as ContrastPhase | undefined);
  if (isAdministered === false) return named === undefined || named === 'plain' ? 'plain' : null;
  // A phase before the medium and a medium that was given: which of the two is not known.
  if (isAdministered) return named === 'plain' ? null : (named ?? 'enhanced');
  return named ?? null;
};

const phasesIn = (groups: typeof PHASES, words: string): readonly ContrastPhase[] =>
  groups.flatMap(([phase, pattern]) => (has(pattern, words) ? [phase] : []));

/** True where words deny what they say of contrast, or say that it is only planned: `NON CE`, 拒绝增强, 拟增强. */
const deniesContrast = (words: string): boolean =>
  has(CONTRAST_WORDS, words) && has(NEGATIONS, words.replace(NOT_NEGATIONS, ' '));

/** A text without the words for contrast that speak of the picture: `EDGE ENHANCED`, 边缘增强. */
const withoutFilters = (words: string): string =>
  has(IMAGE_FILTERS, words) ? words.replace(IMAGE_FILTER_WORDS, ' ') : words;

/**
 * The contrast phase that the description of a series names; of several words the most telling. A series without contrast
 * medium (`NON CONTRAST`, 未增强) is plain. `AP`, `VP` and `POST` are phases only beside a stated agent, or beside another word
 * for contrast: alone they may as well be a projection, a shunt or an operation. null: none, words that contradict each other
 * (平扫+增强 is two series, and nobody knows which this is), or a denial that may mean more than one thing.
 *
 * @param hasAgent whether the header states that a contrast medium was given into a vein
 */
export const phaseIn = (text: string, hasAgent: boolean): ContrastPhase | null => {
  const all = folded(text).replace(NOT_PHASES, ' ');
  if (has(WITH_AND_WITHOUT, all)) return null;
  const rest = all.replace(WITHOUT_CONTRAST, ' ');
  const words = hasAgent ? rest : withoutFilters(rest);
  const certain = phasesIn(PHASES, words);
  const isPlain = certain.length > 0 && certain.every((phase) => phase === 'plain');
  if (rest !== all) return certain.length === 0 || isPlain ? 'plain' : null;
  if (isPlain) return 'plain';
  if (certain.includes('plain') || deniesContrast(words)) return null;
  const named =
    hasAgent || certain.length > 0 ? [...certain, ...phasesIn(PHASES_WITH_AGENT, words)] : certain;
  return named.find((phase) => phase !== 'enhanced') ?? named.find((phase) => phase === 'enhanced') ?? null;
};

/** The same of a protocol, which a series shares with others: what names the whole examination names no phase of one. */
export const phaseInProtocol = (text: string, hasAgent: boolean): ContrastPhase | null =>
  phaseIn(folded(text).replace(EXAMINATIONS, ' '), hasAgent);

/**
 * True where a text denies contrast, leaves it open or may deny it, or names plain images and enhanced ones alike: then an agent that the
 * header states proves nothing of the series.
 */
export const doubtsContrast = (text: string): boolean => {
  const words = folded(text);
  if ([WITHOUT_CONTRAST, WITH_AND_WITHOUT, IN_DOUBT].some((pattern) => has(pattern, words))) return true;
  return deniesContrast(words) || phasesIn(PHASES, words.replace(NOT_PHASES, ' ')).includes('plain');
};

/**
 * What a header states of the contrast medium: that one was given into a vein (`given`), that none was (`NONE`, 未使用), one by another
 * way only (`elsewhere`: by mouth), or nothing that names one.
 */
export type AgentStatement = 'given' | 'denied' | 'elsewhere' | 'not-stated';

/** Reads Contrast/Bolus Agent (0018,0010) and Route (0018,1040). What denies nothing and names nothing (`/`, `*`, `370`) states nothing. */
export const agentStatement = (agent: string | null, route: string | null): AgentStatement => {
  const words = folded(agent ?? '');
  if (words === '') return 'not-stated';
  const named = words.split(BETWEEN_AGENTS).map((part) => part.trim());
  if (named.every((part) => part === '' || NO_AGENTS.test(part))) return 'denied';
  if (has(WITHOUT_CONTRAST, words) || has(NEGATIONS, words.replace(NOT_NEGATIONS, ' '))) return 'denied';
  if (!NAMES_SOMETHING.test(words)) return 'not-stated';
  const given = `${words} ${folded(route ?? '')}`;
  return has(VEIN, given) || !has(NO_VEIN, given) ? 'given' : 'elsewhere';
};

/** Whether a header states that a contrast medium was given into a vein. */
export const statesAgent = (agent: string | null, route: string | null): boolean =>
  agentStatement(agent, route) === 'given';

/** True when words say that a series only served to plan the others. */
export const namesLocaliser = (text: string): boolean =>
  has(LOCALISERS, folded(text).replace(NOT_LOCALISERS, ' '));

/** True when words say that a picture of the console is a page about the dose. */
export const namesDosePage = (text: string): boolean => has(DOSE_PAGES, folded(text));

/**
 * Slices that were computed of others: a `slab` shows the brightest, the darkest or a surface of many slices at once, a `reformat` lays
 * new slices through old ones.
 */
export type Derivation = 'slab' | 'reformat';

/**
 * What Image Type (0008,0008), or the words of a series, say of how its slices were computed; null: nothing. A derived
 * secondary image of computed tomography that is not called axial is taken for a reformat.
 *
 * @param series Series Description
 */
export const derivationOf = (
  imageType: readonly string[],
  series: string,
  modality: string | null,
): Derivation | null => {
  const types = folded(imageType.join(' '));
  const isDerived = imageType[0]?.toUpperCase() === 'DERIVED';
  const words = folded(series);
  if (has(SLABS, types) || has(SLAB_WORDS, words)) return 'slab';
  // A sender that rewrites Image Type calls everything original; the words of the series say what it is.
  if (has(REFORMATS, types) || has(REFORMAT_WORDS, words)) return 'reformat';
  if (!isDerived) return null;
  const isComputed = modality === 'CT' && (has(AVERAGES, types) || has(SECONDARY, types));
  return isComputed && !(has(AXIAL, types) && !has(AVERAGES, types)) ? 'reformat' : null;
};

/** Parts of the body that a code of an anatomic region stands for, by its number or else by its words. */
export const partOfCode = ({ value, meaning }: HeaderCode): readonly NamedPart[] =>
  bodyPartsIn(REGION_CODES[value] ?? meaning);

/** Regions of the body in which they lie. */
export const regionsOfCode = (code: HeaderCode): ReadonlySet<string> =>
  new Set(partOfCode(code).flatMap(({ regions }) => [...regions]));
