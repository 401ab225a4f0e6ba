import ucum from '@lhncbc/ucum-lhc';
import conversionTable from '../../data/unit-conversions.json' with { type: 'json' };

/** Shape of `data/unit-conversions.json`; see the text in the file. */
interface ConversionTable {
  readonly molarMass: Readonly<
    Record<string, { readonly formula: string; readonly gramsPerMole: number; readonly source: string }>
  >;
  readonly equivalents: readonly UnitEquivalent[];
  readonly affine: readonly AffineRelation[];
  /** Items for which no molar mass may ever be used, with the reason. */
  readonly never: { readonly massToMole: Readonly<Record<string, string>> };
}

/** One `from` is `factor` times one `to`, for these items only. */
interface UnitEquivalent {
  readonly items: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly factor: number;
  readonly source: string;
}

/** `to = slope * from + intercept`, for these items only. */
interface AffineRelation {
  readonly items: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly slope: number;
  readonly intercept: number;
  readonly source: string;
}

/** How a value goes from one unit to another: `slope * value + intercept`. */
interface Line {
  readonly slope: number;
  readonly intercept: number;
}

const TABLE: ConversionTable = conversionTable;
const REMEMBERED_LIMIT = 4000;
const remembered = new Map<string, Line | null>();

/**
 * Units in brackets whose amount UCUM does not define (`[IU]`, `[AU]`, `[HPF]` …): they convert by their prefixes when
 * the name is the same, and into nothing else. The ones left out are ordinary quantities.
 */
const ARBITRARY = /\[(?!Hg\]|H2O\]|ppth\]|ppm\]|ppb\])[^\]]+\]/g;

/** Kind of amount that one factor of a unit counts in, or undefined for plain quantities such as `mg` and `L`. */
const amountOf = (factor: string): string | undefined => {
  const arbitrary = factor.match(ARBITRARY)?.[0];
  if (arbitrary) return arbitrary;
  if (/^[munk]?U$/.test(factor)) return 'U';
  return /(?:mol|eq|osm|kat)$/.exec(factor)?.[0];
};

/** What must be the same on both sides: kinds of amount, and every annotation in braces (`{FEU}`, `{copies}`). */
const kindOf = (unit: string): string => {
  const parts: string[] = unit.match(/\{[^}]*\}/g) ?? [];
  let divided = false;
  for (const token of unit.replace(/\{[^}]*\}/g, '').split(/([./])/)) {
    if (token === '/' || token === '.') {
      divided = token === '/';
      continue;
    }
    const amount = amountOf(token);
    if (amount) parts.push(divided ? `/${amount}` : amount);
  }
  return parts.toSorted().join(' ');
};

/** The kind of a unit with its moles left out, and how often they stand in it. */
const withoutMoles = (unit: string): { readonly kind: string; readonly moles: number } => {
  const parts = kindOf(unit).split(' ');
  const others = parts.filter((part) => part !== 'mol');
  return { kind: others.join(' '), moles: parts.length - others.length };
};

/** Asks UCUM for the factor; null when it knows of none. Arbitrary units of one name stand in as grams. */
const ucumFactor = (from: string, to: string, gramsPerMole?: number): number | null => {
  const plain = (unit: string): string => unit.replace(ARBITRARY, 'g');
  const outcome = ucum.UcumLhcUtils.getInstance().convertUnitTo(
    plain(from),
    1,
    plain(to),
    gramsPerMole === undefined ? {} : { molecularWeight: gramsPerMole },
  );
  return outcome.status === 'succeeded' && typeof outcome.toVal === 'number' ? outcome.toVal : null;
};

const scale = (factor: number | null): Line | null =>
  factor === null ? null : { slope: factor, intercept: 0 };

/** The relation between two units of one item by the tables of `data/unit-conversions.json`, or null. */
const tabledLine = (from: string, to: string, item: string): Line | null => {
  for (const relation of TABLE.affine) {
    if (!relation.items.includes(item)) continue;
    if (relation.from === from && relation.to === to)
      return { slope: relation.slope, intercept: relation.intercept };
    if (relation.from === to && relation.to === from) {
      return { slope: 1 / relation.slope, intercept: -relation.intercept / relation.slope };
    }
  }
  for (const { items, from: one, to: other, factor } of TABLE.equivalents) {
    if (!items.includes(item)) continue;
    const forwards = sameKindFactor(from, one);
    const onwards = forwards === null ? null : sameKindFactor(other, to);
    if (forwards !== null && onwards !== null) return scale(forwards * factor * onwards);
    const backwards = sameKindFactor(from, other);
    const home = backwards === null ? null : sameKindFactor(one, to);
    if (backwards !== null && home !== null) return scale((backwards / factor) * home);
  }
  return null;
};

const sameKindFactor = (from: string, to: string): number | null => {
  if (from === to) return 1;
  return kindOf(from) === kindOf(to) ? ucumFactor(from, to) : null;
};

const findLine = (from: string, to: string, item: string): Line | null => {
  const direct = sameKindFactor(from, to);
  if (direct !== null) return scale(direct);
  const tabled = tabledLine(from, to, item);
  if (tabled) return tabled;
  const mass = TABLE.molarMass[item];
  if (!mass || Object.hasOwn(TABLE.never.massToMole, item)) return null;
  const [left, right] = [withoutMoles(from), withoutMoles(to)];
  if (left.kind !== right.kind || left.moles + right.moles !== 1) return null;
  return scale(ucumFactor(from, to, mass.gramsPerMole));
};

const lineBetween = (from: string, to: string, item: string): Line | null => {
  const key = `${item} ${from} ${to}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const line = findLine(from, to, item);
  if (remembered.size < REMEMBERED_LIMIT) remembered.set(key, line);
  return line;
};

/**
 * Converts a value of one item between two UCUM units; null when that cannot be done with certainty. Refused, whatever
 * UCUM says: FEU into DDU, mass into international units, urea into urea nitrogen, percent into mmol/mol (but for HbA1c,
 * by its master equation), and anything whose annotations differ.
 *
 * @param item code of the item, for molar mass and the relations that hold for it alone
 */
export const convertValue = (value: number, from: string, to: string, item: string): number | null => {
  const line = lineBetween(from, to, item);
  return line && line.slope * value + line.intercept;
};

/** True when every value of the item in the one unit has exactly one in the other. */
export const areConvertible = (from: string, to: string, item: string): boolean =>
  lineBetween(from, to, item) !== null;
