import { HOME_INSTITUTION } from '../demonstration/region.ts';
import { localCatalogueOf } from '../demonstration/local-codes.ts';

/** Something the imitated hospital orders and charges for. Prices are invented. */
export interface Chargeable {
  readonly code: string;
  readonly nameZh: string;
  readonly kind: 'laboratory' | 'examination';
  readonly side?: 'left' | 'right';
  /** Whole yuan. */
  readonly priceYuan: number;
}

/** Invented prices of examinations by the first part of their item code. */
const EXAMINATION_YUAN: Readonly<Record<string, number>> = { CT: 280, MR: 560, US: 110, XR: 75, EC: 22 };
const EXAMINATION_YUAN_ELSE = 120;
const PANEL_YUAN_EACH = 6;
const PANEL_YUAN_BASE = 8;

/** What the imitated hospital can order: panels and examinations of the county hospital's own catalogue. */
export const chargeList = (): readonly Chargeable[] => {
  const { panels, examinations } = localCatalogueOf(HOME_INSTITUTION);
  return [
    ...[...panels.values()].map(({ code, nameZh, members }) => ({
      code,
      nameZh,
      kind: 'laboratory' as const,
      priceYuan: PANEL_YUAN_BASE + PANEL_YUAN_EACH * members.length,
    })),
    ...[...examinations.values()].map(({ code, nameZh, item, side }) => ({
      code,
      nameZh,
      kind: 'examination' as const,
      ...(side ? { side } : {}),
      priceYuan: EXAMINATION_YUAN[item.split('-')[0] ?? ''] ?? EXAMINATION_YUAN_ELSE,
    })),
  ];
};
