import unitTable from '../../data/units.json' with { type: 'json' };

/** A unit as UCUM code; '' where the sender wrote that there is none (`-`, `无`). */
export interface UnderstoodUnit {
  readonly unit: string;
}

/** Shape of `data/units.json`: spellings in folded form by UCUM code, words for "no unit", refused ambiguities. */
interface UnitTable {
  readonly none: readonly string[];
  readonly refused: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, readonly string[]>>;
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/**
 * Folded form in which spellings are compared: superscripts written as `^n` before NFKC would merge them into the
 * digits (`×10⁹` must not become `×109`), full width to half width, both micro signs and `mc` apart, powers of ten in
 * one way, no white space, lower case.
 */
export const foldUnit = (text: string): string =>
  text
    .replace(
      /[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g,
      (digits) => `^${[...digits].map((digit) => SUPERSCRIPTS.indexOf(digit)).join('')}`,
    )
    .normalize('NFKC')
    .replace(/[\s\u200b\ufeff]+/g, '')
    .replace(/[µμ]/g, 'u')
    .replace(/[∕⁄]/g, '/')
    .replace(/[·•⋅∙・]/g, '.')
    .toLowerCase()
    .replace(/^[×x✕*.]?10(?:\^|\*\*|\*|e\+?|<sup>)0?(\d{1,2})(?:<\/sup>)?(?=\/)/, '10^$1')
    .replace(/^[×x✕*]10(3|6|9|12)(?=\/)/, '10^$1');

/** Index of one unit table, made once per table. */
const indexOf = (table: UnitTable): ReadonlyMap<string, UnderstoodUnit> => {
  const index = new Map<string, UnderstoodUnit>();
  for (const spelling of table.none) index.set(foldUnit(spelling), { unit: '' });
  for (const [unit, spellings] of Object.entries(table.units)) {
    for (const spelling of spellings) index.set(spelling, { unit });
  }
  return index;
};

const TABLE: UnitTable = unitTable;
const INDEX = indexOf(TABLE);
const UCUM_CODES: ReadonlySet<string> = new Set(Object.keys(TABLE.units));
const REMEMBERED_LIMIT = 2000;
const remembered = new Map<string, UnderstoodUnit | null>();

const read = (text: string): UnderstoodUnit | null => {
  const trimmed = text.trim();
  if (trimmed === '') return { unit: '' };
  if (UCUM_CODES.has(trimmed)) return { unit: trimmed };
  if (Object.hasOwn(TABLE.refused, trimmed)) return null;
  return INDEX.get(foldUnit(trimmed)) ?? null;
};

/**
 * Understands a unit as a laboratory wrote it (`μmol/L`, `×10⁹/L`, `IU/L`, `℃`, `个/μl`, `mg/L FEU`). What the table
 * does not list is not understood: null, never a guess. Answers are remembered, up to a bound, because a region uses a
 * few hundred spellings over and over.
 */
export const understandUnit = (text: string): UnderstoodUnit | null => {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const understood = read(text);
  if (remembered.size < REMEMBERED_LIMIT && text.length <= 60) remembered.set(text, understood);
  return understood;
};
