import type { ItemCode } from '../../catalogue/index.ts';
import type { Instant } from '../../kernel/instant.ts';
import { isoInstant } from '../../kernel/instant.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import type { Rules } from '../../recognition/index.ts';
import { type OrderCheckCandidate, PRINTED_FLAGS } from '../../web/wire/order-check-answer.ts';

type InstitutionAnswer = OrderCheckCandidate['institution'];

/** An institution as every answer names it. One that has left the directory keeps its code. */
export const institutionAnswer = (rules: Rules, code: InstitutionCode): InstitutionAnswer => {
  const institution = rules.institutionOf(code);
  if (!institution) return { code, nameZh: code, shortNameZh: code, nameEn: code, tierZh: '' };
  const { nameZh, shortNameZh, nameEn, tier, grade } = institution;
  const tierZh = tier === '未定级' ? tier : grade === '未定等' ? tier : `${tier}${grade}`;
  return { code, nameZh, shortNameZh, nameEn, tierZh };
};

/** An item as every answer names it. One that has left the catalogue keeps its code. */
export const itemAnswer = (rules: Rules, code: ItemCode | string): OrderCheckCandidate['item'] => {
  const item = rules.itemOf(code as ItemCode)?.item;
  return { code, nameZh: item?.nameZh ?? code, nameEn: item?.nameEn ?? code };
};

/** A moment on the wire, or null. */
export const momentAnswer = (at: number | null | undefined): string | null =>
  at === null || at === undefined ? null : isoInstant(at as Instant);

const FLAGS: ReadonlySet<string> = new Set(PRINTED_FLAGS);

/** The flag to print: in the words of the wire; null for one they do not have. */
export const flagAnswer = (flag: string | null): NonNullable<OrderCheckCandidate['value']>['flag'] =>
  flag !== null && FLAGS.has(flag) ? (flag as (typeof PRINTED_FLAGS)[number]) : null;
