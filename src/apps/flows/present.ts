import type { Instant } from '../../kernel/instant.ts';
import { isoInstant } from '../../kernel/instant.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import type { Rules } from '../../recognition/index.ts';
import type { OrderCheckCandidate } from '../../web/wire/order-check-answer.ts';

type InstitutionAnswer = OrderCheckCandidate['institution'];

/** An institution as every answer names it. One that has left the directory keeps its code. */
export const institutionAnswer = (rules: Rules, code: InstitutionCode): InstitutionAnswer => {
  const institution = rules.institutionOf(code);
  if (!institution) return { code, nameZh: code, shortNameZh: code, nameEn: code, tierZh: '' };
  const { nameZh, shortNameZh, nameEn, tier, grade } = institution;
  const tierZh = tier === '未定级' ? tier : grade === '未定等' ? tier : `${tier}${grade}`;
  return { code, nameZh, shortNameZh, nameEn, tierZh };
};

/** A moment on the wire, or null. */
export const momentAnswer = (at: number | null | undefined): string | null =>
  at === null || at === undefined ? null : isoInstant(at as Instant);

const FLAG_WORDS: Readonly<Record<string, NonNullable<OrderCheckCandidate['value']>['flag']>> = {
  H: 'high',
  HH: 'critical-high',
  L: 'low',
  LL: 'critical-low',
  A: 'abnormal',
  AA: 'critical',
  POS: 'positive',
  N: 'normal',
};

/** The flag to print: direction as the laboratory sent it where it did, else the normalised word. */
export const flagAnswer = (
  flag: string | null,
  stated: readonly string[] = [],
): NonNullable<OrderCheckCandidate['value']>['flag'] => {
  for (const one of stated) {
    const word = FLAG_WORDS[one.toUpperCase()];
    if (word) return word;
  }
  return flag === 'normal' || flag === 'abnormal' || flag === 'positive' || flag === 'critical' ? flag : null;
};
