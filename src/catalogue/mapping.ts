import { pinyin } from 'pinyin-pro';
import aliasTable from '../../data/item-aliases.json' with { type: 'json' };
import { foldWords } from './fold-words.ts';
import type { Catalogue, ItemDefinition } from './item.ts';
import { specimenFit, understandSpecimen } from './specimen.ts';
import { areConvertible } from './unit-conversion.ts';
import { understandUnit } from './units.ts';

/** A local code that waits for its mapping, with what is known of it. Empty strings where nothing is. */
export interface LocalCode {
  readonly localCode: string;
  readonly localName: string;
  readonly unit: string;
  /** Word or code of the specimen, as sent. */
  readonly specimen: string;
  /** LOINC code that the sender states beside its own. */
  readonly loinc: string;
}

/** Why an item is suggested or marked down. */
export type SuggestionGround =
  | 'loinc'
  | 'name'
  | 'abbreviation'
  | 'similar-name'
  | 'pinyin-initials'
  | 'unit-fits'
  | 'unit-unfit'
  | 'specimen-fits'
  | 'specimen-unfit'
  | 'words-differ';

/** An item that may be meant. A person confirms; nothing is mapped by a score. */
export interface Suggestion {
  readonly item: ItemDefinition;
  /** Only its order means something; higher is likelier. */
  readonly score: number;
  readonly why: readonly SuggestionGround[];
}

/** An item prepared for comparison. */
interface Prepared {
  readonly item: ItemDefinition;
  readonly names: readonly string[];
  readonly initials: ReadonlySet<string>;
  readonly marks: ReadonlySet<string>;
}

const ALIASES: Readonly<Record<string, readonly string[]>> = aliasTable.aliases;

/** Words that tell two items of nearly one name apart: when only one side has them, it is probably another item. */
const TELLING_WORDS: readonly (readonly [mark: string, pattern: RegExp])[] = [
  ['urine', /尿(?!素|酸)|^u-/],
  ['stool', /粪|大便|便常规/],
  ['csf', /脑脊液/],
  ['free', /游离/],
  ['direct', /直接|间接/],
  ['antibody', /抗体|ab$|^抗-/],
  ['antigen', /抗原|ag$/],
  ['igm', /igm/],
  ['igg', /igg(?!4)/],
  ['iga', /iga/],
  ['receptor', /受体/],
  ['nucleic', /dna|rna|核酸|基因/],
  ['quantitative', /定量/],
  ['share', /%|百分|比率/],
  ['absolute', /#|绝对|细胞数$|细胞计数/],
  ['high-sensitivity', /超敏|高敏|^hs/],
  ['fasting', /空腹/],
  ['two-hours', /2小时|餐后|2h/],
  ['day', /24小时|24h/],
  ['contrast', /增强|造影/],
  ['angiography', /cta|mra|血管/],
  ['low-dose', /低剂量/],
  ['bedside', /床旁|床边/],
  ['precursor', /前体|^前|肽原|钙素原|蛋白原|凝血酶原/],
  ['culture', /培养/],
];

/** Words of every laboratory's naming that tell nothing. */
const fold = (text: string): string =>
  foldWords(text)
    .replace(/磁共振成像|磁共振|核磁|mri/g, 'mr')
    .replace(/彩色多普勒超声|彩超|b超/g, '超声')
    .replace(/头颅/g, '颅脑')
    .replace(/乙型肝炎/g, '乙肝')
    .replace(/丙型肝炎/g, '丙肝')
    .replace(/糖类抗原/g, '糖链抗原')
    .replace(/ⅲ/g, 'iii')
    .replace(/检测|测定|检查|试验项目/g, '')
    .replace(/[-‐·.,]/g, '');

/** Name without the specimen that some laboratories put before it, and without the side. */
const bare = (folded: string): string =>
  folded.replace(/^(?:血清|血浆|全血)(?=.)/, '').replace(/^(?:左侧|右侧|双侧|左|右|双)/, '');

const BRACKETS = /[([【][^)\]】]*[)\]】]/g;

/** What stands outside and inside the brackets of a name. */
const partsOf = (name: string): { readonly outside: string; readonly inside: readonly string[] } => {
  const normal = name.normalize('NFKC');
  return {
    outside: normal.replace(BRACKETS, ''),
    inside: [...normal.matchAll(BRACKETS)].map(([bracket]) => bracket.slice(1, -1)),
  };
};

/** The whole name with its brackets opened, and with their content in front: 血糖(空腹) is 空腹血糖. */
const wholesOf = (name: string): readonly string[] => {
  const { outside, inside } = partsOf(name);
  const wholes = [name.normalize('NFKC').replace(/[()[\]【】]/g, ''), `${inside.join('')}${outside}`].map(
    fold,
  );
  return [...new Set(wholes.flatMap((whole) => [whole, bare(whole)]))];
};

/** The forms of a name: whole, without brackets, and each bracket's content alone. */
const formsOf = (name: string): readonly string[] => {
  const { outside, inside } = partsOf(name);
  const parts = [outside, ...inside].map(fold);
  return [...new Set([...wholesOf(name), ...parts.flatMap((form) => [form, bare(form)])])].filter(
    (form) => form !== '',
  );
};

const marksOf = (text: string): ReadonlySet<string> => {
  const folded = foldWords(text);
  return new Set(TELLING_WORDS.filter(([, pattern]) => pattern.test(folded)).map(([mark]) => mark));
};

const initialsOf = (name: string): string =>
  pinyin(name.normalize('NFKC').replace(/[^\p{Script=Han}A-Za-z0-9]/gu, ''), {
    pattern: 'first',
    toneType: 'none',
    type: 'array',
    nonZh: 'consecutive',
  })
    .join('')
    .toLowerCase();

const prepared = new WeakMap<Catalogue, readonly Prepared[]>();

const prepare = (catalogue: Catalogue): readonly Prepared[] => {
  const known = prepared.get(catalogue);
  if (known) return known;
  const made = catalogue.items.map((item): Prepared => {
    const all = [item.nameZh, ...(ALIASES[item.code] ?? [])];
    return {
      item,
      names: [
        ...new Set(all.flatMap((name) => [fold(name), bare(fold(name)), fold(name.replace(BRACKETS, ''))])),
      ],
      initials: new Set(all.map(initialsOf)),
      marks: marksOf(item.nameZh),
    };
  });
  prepared.set(catalogue, made);
  return made;
};

/** Share of common character pairs (Sørensen–Dice), 0 to 1. */
const similarity = (left: string, right: string): number => {
  if (left === right) return 1;
  if (left.length < 2 || right.length < 2) return 0;
  const pairs = new Map<string, number>();
  for (let index = 0; index < left.length - 1; index++) {
    const pair = left.slice(index, index + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  let common = 0;
  for (let index = 0; index < right.length - 1; index++) {
    const pair = right.slice(index, index + 2);
    const left = pairs.get(pair) ?? 0;
    if (left > 0) {
      common += 1;
      pairs.set(pair, left - 1);
    }
  }
  return (2 * common) / (left.length + right.length - 2);
};

/** What is compared of the local code, made once per call. */
interface Asked {
  readonly forms: readonly string[];
  /** Those of the forms that leave nothing out but a specimen or a side. */
  readonly wholes: readonly string[];
  readonly code: string;
  readonly marks: ReadonlySet<string>;
  readonly unit: string | null;
  readonly specimen: string | null;
  readonly loinc: string;
}

const scoreName = (
  asked: Asked,
  { names, initials }: Prepared,
): readonly [number, SuggestionGround] | null => {
  if (asked.forms.some((form) => names.includes(form))) return [0.8, 'name'];
  let best = 0;
  for (const form of asked.forms) for (const name of names) best = Math.max(best, similarity(form, name));
  if (asked.code.length >= 2 && names.includes(fold(asked.code))) {
    return [Math.max(0.6, 0.4 + 0.4 * best), 'abbreviation'];
  }
  if (asked.code.length >= 3 && initials.has(asked.code))
    return [Math.max(0.5, 0.35 + 0.4 * best), 'pinyin-initials'];
  return best >= 0.35 ? [0.7 * best, 'similar-name'] : null;
};

const scoreUnit = (unit: string | null, item: ItemDefinition): readonly [number, SuggestionGround] | null => {
  if (unit === null || unit === '') return null;
  if (!item.unit) return item.category.startsWith('lab-') ? [-0.1, 'unit-unfit'] : [-0.4, 'unit-unfit'];
  return areConvertible(unit, item.unit, item.code) ? [0.1, 'unit-fits'] : [-0.35, 'unit-unfit'];
};

const scoreSpecimen = (
  specimen: string | null,
  item: ItemDefinition,
): readonly [number, SuggestionGround] | null => {
  if (specimen === null || item.specimens.length === 0) return null;
  const fit = specimenFit(item, specimen);
  if (fit === 'unfit') return [-0.3, 'specimen-unfit'];
  return fit === 'fits' ? [0.1, 'specimen-fits'] : null;
};

const score = (asked: Asked, candidate: Prepared): Suggestion | null => {
  const { item } = candidate;
  const why: SuggestionGround[] = [];
  let total = 0;
  const add = (part: readonly [number, SuggestionGround] | null): void => {
    if (!part) return;
    total += part[0];
    why.push(part[1]);
  };
  if (asked.loinc !== '' && asked.loinc === item.loinc) add([0.9, 'loinc']);
  add(scoreName(asked, candidate));
  if (why.length === 0) return null;
  const differing =
    [...asked.marks].filter((mark) => !candidate.marks.has(mark)).length +
    [...candidate.marks].filter((mark) => !asked.marks.has(mark)).length;
  if (differing > 0 && asked.forms.length > 0 && !asked.wholes.some((form) => candidate.names.includes(form)))
    add([-0.1 * differing, 'words-differ']);
  add(scoreUnit(asked.unit, item));
  add(scoreSpecimen(asked.specimen, item));
  return { item, score: Math.round(total * 1000) / 1000, why };
};

const SUGGESTED_MOST = 5;
const SUGGESTED_LEAST_SCORE = 0.25;

/**
 * Ranks the items that a local code may mean, likeliest first, at most five. It weighs LOINC, names and their aliases,
 * abbreviations, pinyin initials, unit and specimen. A suggestion saves a person searching; it never maps by itself.
 */
export const suggestItems = (local: LocalCode, catalogue: Catalogue): readonly Suggestion[] => {
  const unit = local.unit === '' ? null : understandUnit(local.unit);
  const asked: Asked = {
    forms: formsOf(local.localName),
    wholes: wholesOf(local.localName),
    code: foldWords(local.localCode),
    marks: marksOf(local.localName),
    unit: unit?.unit ?? null,
    specimen: local.specimen === '' ? null : understandSpecimen(local.specimen, local.specimen),
    loinc: local.loinc.trim(),
  };
  return prepare(catalogue)
    .flatMap((candidate) => score(asked, candidate) ?? [])
    .filter((suggestion) => suggestion.score >= SUGGESTED_LEAST_SCORE)
    .toSorted((left, right) => right.score - left.score || (left.item.code < right.item.code ? -1 : 1))
    .slice(0, SUGGESTED_MOST);
};
