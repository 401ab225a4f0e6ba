import { CsvError, parse } from 'csv-parse/sync';
import { loincProblem } from '../kernel/check-digits.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { ZoneCode } from '../organisation/index.ts';
import {
  type Catalogue,
  type ComparabilityClass,
  ITEM_CATEGORIES,
  type ItemCategory,
  type ItemCode,
  type ItemDefinition,
} from './item.ts';
import type { ItemList, ItemListRow, QualityBasisKind } from './lists.ts';
import { acceptedSpecimens } from './specimen.ts';
import { understandUnit } from './units.ts';
import { chinaDays, hours, type InterventionKind, type ReferenceWindow } from './window.ts';

/** A row of `data/catalogue-draft.csv`: the item, and what the draft says about its window. */
export interface DraftRow {
  readonly item: ItemDefinition;
  /** null: the draft sets none, so the item is never proposed by itself. */
  readonly window: ReferenceWindow | null;
  /** Where the window comes from: a published list, or an assumption that needs sign-off. */
  readonly windowBasis: 'source' | 'assumption' | 'n/a';
  /** Window by the alternative published rule (新疆兵团), counted while nothing has been done to the patient. */
  readonly xpccWindow: ReferenceWindow | null;
}

/** Why the draft cannot be taken. `row` counts data rows from 1; `code` is the item code as far as it could be read. */
export interface DraftProblem {
  readonly row: number;
  readonly code: string;
  readonly column: string;
  readonly problem: 'missing' | 'unknown' | 'repeated' | 'check-digit' | 'not-a-number' | 'unreadable';
}

const CATEGORIES: ReadonlySet<string> = new Set(ITEM_CATEGORIES);

/** Splits the notes at semicolons, but not at those inside brackets. */
const splitNotes = (notes: string): readonly string[] =>
  notes
    .split(/;(?![^()]*\))/)
    .map((note) => note.trim())
    .filter((note) => note !== '');

/**
 * Marks of an item out of its notes: lower case, words joined by hyphens, remarks left out; `neg:a/b` gives `neg:a` and `neg:b`. Windows
 * and the comparability class stand elsewhere; of `win:` only the basis is kept.
 */
const tagsOf = (notes: readonly string[], confidence: string): readonly string[] => {
  const tags = new Set<string>([`confidence:${confidence}`]);
  for (const note of notes) {
    if (note.startsWith('cmp:') || note.startsWith('XPCC:')) continue;
    const window = /^win:(source|assumption|n\/a)/.exec(note);
    const words = window ? [`win:${window[1]}`] : note.startsWith('neg:') ? negativeTags(note) : [note];
    for (const word of words) tags.add(markOf(word));
  }
  return [...tags];
};

/** `genetic - once in a lifetime` and `per pregnancy (remark)` without what is said only for readers. */
const markOf = (note: string): string =>
  note
    .replace(/ - .*$/, '')
    .replace(/\s*[(（].*$/, '')
    .toLowerCase()
    .replace(/\s+/g, '-');

const negativeTags = (note: string): readonly string[] =>
  note
    .slice('neg:'.length)
    .split('/')
    .map((trigger) => `neg:${trigger.trim()}`);

/**
 * The draft's window. Days are civil days in China, 0 being the day of collection: the Civil Code counts days so, the
 * screens name a last day (参考时限至), and a time stated only by its day stays decidable.
 */
const draftWindow = (days: string): ReferenceWindow | null | undefined => {
  if (days === '') return null;
  return /^\d+$/.test(days) ? chinaDays(Number(days)) : undefined;
};

/** `XPCC:6h`, `XPCC:3d`: hours stay hours. */
const xpccWindow = (notes: readonly string[]): ReferenceWindow | null => {
  const match = notes.map((note) => /^XPCC:(\d+)([hd])$/.exec(note)).find((found) => found !== null);
  if (!match) return null;
  return match[2] === 'h' ? hours(Number(match[1])) : chinaDays(Number(match[1]));
};

type Cells = Readonly<Record<string, string>>;

/** Reads one row, handing each problem to `complain` with the column it is in. */
const readRow = (
  cells: Cells,
  complain: (column: string, problem: DraftProblem['problem']) => void,
): DraftRow => {
  const cell = (column: string): string => cells[column]?.trim() ?? '';
  for (const column of ['item_code', 'name_zh', 'name_en'])
    if (cell(column) === '') complain(column, 'missing');
  const category = cell('category');
  if (!CATEGORIES.has(category)) complain('category', 'unknown');
  const isLaboratory = category.startsWith('lab-');
  const place = cell('specimen_or_body_part');
  const specimens = isLaboratory ? acceptedSpecimens(place) : [];
  if (!specimens) complain('specimen_or_body_part', 'unknown');
  const unit = understandUnit(cell('unit_ucum'));
  if (!unit) complain('unit_ucum', 'unknown');
  const loinc = cell('loinc_code_if_sure');
  if (loinc !== '' && loincProblem(loinc) !== null) complain('loinc_code_if_sure', 'check-digit');
  const notes = splitNotes(cell('notes'));
  const comparability = notes.find((note) => note.startsWith('cmp:'))?.slice('cmp:'.length);
  if (comparability !== undefined && !/^[ABC]$/.test(comparability)) complain('notes', 'unknown');
  const window = draftWindow(cell('default_validity_days'));
  if (window === undefined) complain('default_validity_days', 'not-a-number');
  const tags = tagsOf(notes, cell('confidence'));
  const basis = tags.find((tag) => tag.startsWith('win:'))?.slice('win:'.length);
  if (basis !== 'source' && basis !== 'assumption' && basis !== 'n/a') complain('notes', 'missing');
  const method = cell('method_or_modality');
  const item: ItemDefinition = {
    code: cell('item_code') as ItemCode,
    nameZh: cell('name_zh'),
    nameEn: cell('name_en'),
    category: category as ItemCategory,
    grain: !isLaboratory ? 'procedure' : tags.includes('panel') ? 'panel' : 'analyte',
    specimens: specimens ?? [],
    ...(isLaboratory ? { specimenZh: place } : { bodyPartZh: place }),
    ...(method === '' ? {} : { method }),
    ...(unit && unit.unit !== '' ? { unit: unit.unit } : {}),
    ...(loinc === '' ? {} : { loinc }),
    ...(comparability === undefined ? {} : { comparability: comparability as ComparabilityClass }),
    hasSide: tags.includes('laterality'),
    tags,
  };
  const windowBasis = basis === 'source' || basis === 'assumption' ? basis : 'n/a';
  return { item, window: window ?? null, windowBasis, xpccWindow: xpccWindow(notes) };
};

/**
 * Reads the catalogue draft out of its CSV text. All problems are named at once; with any of them nothing is taken,
 * for an item left out silently would look like one that is not recognised.
 */
export const readDraftCatalogue = (csv: string): Result<readonly DraftRow[], readonly DraftProblem[]> => {
  let records: readonly Cells[];
  try {
    records = parse(csv, { columns: true, bom: true, skip_empty_lines: true });
  } catch (error) {
    const row = error instanceof CsvError && typeof error['records'] === 'number' ? error['records'] + 1 : 0;
    return fail([{ row, code: '', column: '', problem: 'unreadable' }]);
  }
  const problems: DraftProblem[] = [];
  const seen = new Set<string>();
  const rows = records.map((cells, index) => {
    const code = cells['item_code']?.trim() ?? '';
    const complain = (column: string, problem: DraftProblem['problem']): void =>
      void problems.push({ row: index + 1, code, column, problem });
    if (seen.has(code)) complain('item_code', 'repeated');
    seen.add(code);
    return readRow(cells, complain);
  });
  return problems.length > 0 ? fail(problems) : ok(rows);
};

/** Content of list kind `catalogue`. */
export const draftCatalogue = (rows: readonly DraftRow[]): Catalogue => ({
  items: rows.map(({ item }) => item),
});

/** States that make a result of the item doubtful, as far as the draft's marks and the kind of specimen say. */
const unfitStates = ({ category, tags }: ItemDefinition): readonly string[] => [
  ...(tags.includes('haemolysis') ? ['haemolysed'] : []),
  ...(category === 'lab-haem' || category === 'lab-coag' ? ['clotted', 'insufficient'] : []),
];

const listRow = (
  item: ItemDefinition,
  window: ReferenceWindow | null,
  preconditions: readonly InterventionKind[],
): ItemListRow => ({
  item: item.code,
  window,
  preconditions,
  receivedTimeAllowed: false,
  imagesRequired: false,
  reasonRequired: false,
  unfitSpecimenStates: unfitStates(item),
  fastingRequired: item.tags.includes('fasting'),
  pointOfCareAccepted: false,
});

/** Content of list kind `item-list` with the draft's own windows. Strict where the draft says nothing. */
export const draftItemList = (
  rows: readonly DraftRow[],
  zone: ZoneCode,
  qualityBases: readonly QualityBasisKind[],
): ItemList => ({
  zone,
  qualityBases,
  coverage: 'listed',
  rows: rows.map(({ item, window }) => listRow(item, window, [])),
});

/**
 * Content of list kind `item-list` with the windows published in 新疆兵团: hours for blood and urine, and only while
 * nothing has been done to the patient since collection (未经医学干预). Items that the rule does not name are not in it.
 */
export const xpccItemList = (
  rows: readonly DraftRow[],
  zone: ZoneCode,
  qualityBases: readonly QualityBasisKind[],
): ItemList => ({
  zone,
  qualityBases,
  coverage: 'listed',
  rows: rows.flatMap(({ item, xpccWindow: window }) =>
    window ? [listRow(item, window, ['any-treatment'])] : [],
  ),
});

/** The envelope of a draft list; the shape of the documents that `recognition` compiles. */
export interface DraftDocument<Kind extends 'catalogue' | 'item-list', Content> {
  readonly kind: Kind;
  readonly code: string;
  readonly version: string;
  readonly status: 'draft';
  readonly jurisdiction: string;
  readonly authorityZh: string;
  readonly drill: boolean;
  readonly effectiveFrom: string;
  readonly content: Content;
}

/** Who issues a draft and since when: no authority has published it, so it says so. */
export interface DraftIssue {
  readonly code: string;
  readonly version: string;
  readonly jurisdiction: string;
  /** Civil day in China. */
  readonly effectiveFrom: string;
}

const DRAFT_AUTHORITY_ZH = '目录草案（未经主管部门发布）';

/** Wraps content as a draft list: whatever rests on it is capped at "may consider". */
export const draftDocument = <Kind extends 'catalogue' | 'item-list', Content>(
  kind: Kind,
  content: Content,
  issue: DraftIssue,
): DraftDocument<Kind, Content> => ({
  kind,
  ...issue,
  status: 'draft',
  authorityZh: DRAFT_AUTHORITY_ZH,
  drill: false,
  content,
});
