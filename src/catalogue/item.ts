import type { Brand } from '../kernel/brand.ts';

/** Stable mnemonic of a catalogue item, e.g. `LC-K`. Never reused; retired instead. */
export type ItemCode = Brand<string, 'ItemCode'>;

/** Category codes of the shipped catalogue. `img-*` are examinations with images. */
export const ITEM_CATEGORIES = [
  'lab-chem',
  'lab-haem',
  'lab-coag',
  'lab-immuno',
  'lab-urine',
  'lab-micro',
  'lab-molecular',
  'img-xray',
  'img-ct',
  'img-mr',
  'img-us',
  'img-nm',
  'ecg',
  'function',
  'endoscopy',
  'pathology',
] as const;

/** One of `ITEM_CATEGORIES`. */
export type ItemCategory = (typeof ITEM_CATEGORIES)[number];

/**
 * How far values of the item can be compared between laboratories: A standardised, everywhere; B inside an
 * EQA-harmonised group; C depends on the platform, never across methods (U5).
 */
export type ComparabilityClass = 'A' | 'B' | 'C';

/** Side of the body, where the item has one. */
export type Side = 'left' | 'right' | 'both';

/** An item of the catalogue (检查检验项目). */
export interface ItemDefinition {
  readonly code: ItemCode;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly category: ItemCategory;
  /** `analyte` (one value), `procedure` (one examination) or `panel` (a set of analytes with fixed members). */
  readonly grain: 'analyte' | 'procedure' | 'panel';
  /** Specimen codes that fit (see `specimen.ts`), for laboratory items; empty when any. */
  readonly specimens: readonly string[];
  readonly specimenZh?: string;
  /** Body part as the catalogue words it, for examinations. */
  readonly bodyPartZh?: string;
  readonly method?: string;
  /** UCUM unit in which values of this item are compared. */
  readonly unit?: string;
  readonly loinc?: string;
  readonly comparability?: ComparabilityClass;
  /** True where left and right are different examinations. */
  readonly hasSide: boolean;
  /** Machine-readable marks of the draft: `acute`, `genetic`, `calculated`, `dynamic-test`, `fast-changing` … */
  readonly tags: readonly string[];
}

/** Content of list kind `catalogue`: the item definitions of one edition. */
export interface Catalogue {
  readonly items: readonly ItemDefinition[];
}
