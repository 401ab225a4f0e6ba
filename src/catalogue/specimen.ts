import type { Bilingual } from '../kernel/bilingual.ts';
import specimenTable from '../../data/specimens.json' with { type: 'json' };
import { foldWords } from './fold-words.ts';
import type { ItemDefinition } from './item.ts';

/** A specimen of `data/specimens.json`. */
export interface SpecimenDefinition {
  readonly zh: string;
  readonly en: string;
  /** Code of the specimen that this one is a kind of; null at the top. */
  readonly broader: string | null;
  /** Codes of HL7 tables 0070 and 0487 that mean it. */
  readonly hl7: readonly string[];
  readonly words: readonly string[];
}

const SPECIMENS: Readonly<Record<string, SpecimenDefinition>> = specimenTable.specimens;
const ACCEPTED: Readonly<Record<string, readonly string[]>> = specimenTable.catalogue;

const SPECIMEN_BY_WORD = new Map<string, string>();
const SPECIMEN_BY_HL7 = new Map<string, string>();
for (const [code, { words, hl7 }] of Object.entries(SPECIMENS)) {
  SPECIMEN_BY_WORD.set(code, code);
  for (const word of words) SPECIMEN_BY_WORD.set(foldWords(word), code);
  for (const table of hl7) SPECIMEN_BY_HL7.set(table, code);
}

/** The definition behind a specimen code, for its names; undefined for an unknown code. */
export const specimenDefinition = (code: string): SpecimenDefinition | undefined =>
  Object.hasOwn(SPECIMENS, code) ? SPECIMENS[code] : undefined;

/** A specimen code in words; one that is not known stays as it is. */
export const specimenWords = (code: string): Bilingual => {
  const { zh, en } = specimenDefinition(code) ?? { zh: code, en: code };
  return { zh, en };
};

const STATE_BY_WORD = new Map<string, string>();
for (const [state, { words, hl7 }] of Object.entries(specimenTable.states)) {
  STATE_BY_WORD.set(state, state);
  for (const word of [...words, ...hl7]) STATE_BY_WORD.set(foldWords(word), state);
}
const SOUND: ReadonlySet<string> = new Set(specimenTable.sound.map(foldWords));

/**
 * Specimen code for what a message says: its text, else its code, as an HL7 code or as a word (many systems put `血清`
 * where a code belongs, and `BLD` whatever was drawn). Null when neither is known, and when the two name different
 * specimens of which neither is a kind of the other.
 */
export const understandSpecimen = (code: string, text: string): string | null => {
  const byText = SPECIMEN_BY_WORD.get(foldWords(text));
  const byCode = SPECIMEN_BY_HL7.get(code.trim().toUpperCase()) ?? SPECIMEN_BY_WORD.get(foldWords(code));
  if (!byText || !byCode || byText === byCode) return byText ?? byCode ?? null;
  return isKindOf(byText, byCode) || isKindOf(byCode, byText) ? byText : null;
};

/** True when the first specimen is the second or a kind of it (heparin plasma is plasma). */
export const isKindOf = (specimen: string, other: string): boolean => {
  for (let code: string | null = specimen; code !== null; code = SPECIMENS[code]?.broader ?? null) {
    if (code === other) return true;
  }
  return false;
};

/** Specimen codes that the catalogue's wording accepts (`血清/血浆`); undefined for a wording the table lacks. */
export const acceptedSpecimens = (wording: string): readonly string[] | undefined =>
  Object.hasOwn(ACCEPTED, wording) ? ACCEPTED[wording] : undefined;

/**
 * Whether a result's specimen is one that the item is measured in. `unclear`: the stated word is too broad to tell
 * (`血液` for an item measured in serum). `not-stated`: the message names none.
 */
export const specimenFit = (
  item: Pick<ItemDefinition, 'specimens'>,
  specimen: string | null,
): 'fits' | 'unfit' | 'unclear' | 'not-stated' => {
  if (item.specimens.length === 0) return 'fits';
  if (specimen === null) return 'not-stated';
  if (item.specimens.includes(specimen)) return 'fits';
  return item.specimens.some((accepted) => isKindOf(accepted, specimen)) ? 'unclear' : 'unfit';
};

/**
 * State codes for the words of a message (`轻度溶血`, `HEM`). Words that say that all is well give nothing; words not
 * understood stay visible as `other:WORD`, for a state may only be overlooked knowingly.
 */
export const understandSpecimenStates = (words: readonly string[]): readonly string[] => {
  const states = new Set<string>();
  for (const word of words.flatMap((one) => one.split(/[,，、;；/]/))) {
    const folded = foldWords(word);
    if (folded === '' || SOUND.has(folded)) continue;
    states.add(STATE_BY_WORD.get(folded) ?? `other:${folded.replaceAll(',', ' ')}`);
  }
  return [...states].toSorted();
};
