import type { Bilingual } from '../kernel/bilingual.ts';
import type { OrderCheckLine } from './wire/order-check-answer.ts';

/** How far a panel is covered, as a check answers it. */
export type PanelCover = NonNullable<OrderCheckLine['panel']>;

/** Missing members that a headline names; of more it tells the number, and the list stands below. */
const NAMED_MAX = 3;

/** True when the headline only counts what is missing, so that it must be named elsewhere. */
export const countsMissingOnly = ({ missing }: PanelCover): boolean => missing.length > NAMED_MAX;

const haveOf = ({ covered, mayConsider, total, missing }: PanelCover): Bilingual => {
  const firm = covered - mayConsider;
  const isWhole = missing.length === 0;
  if (firm === 0)
    return {
      zh: `${isWhole ? `共 ${total} 项，均仅` : `有 ${mayConsider} 项`}可供参考，由接诊医师判断`,
      en: `${mayConsider} of ${total} for reference only, the doctor decides`,
    };
  const others = mayConsider === 0 ? '' : `，另有 ${mayConsider} 项可供参考`;
  const othersEn = mayConsider === 0 ? '' : `, ${mayConsider} more for reference only`;
  return isWhole && mayConsider === 0
    ? { zh: `共 ${total} 项，均已有结果`, en: `all ${total} covered` }
    : { zh: `已有 ${firm} 项${others}`, en: `${firm} covered${othersEn}` };
};

const lackOf = (panel: PanelCover): Bilingual => {
  const { missing, covered, mayConsider } = panel;
  if (missing.length === 0) return { zh: '', en: '' };
  const comma = covered === mayConsider ? '；' : '，';
  if (countsMissingOnly(panel))
    return { zh: `${comma}缺 ${missing.length} 项`, en: `, ${missing.length} missing` };
  return {
    zh: `${comma}缺${missing.map(({ item }) => `“${item.nameZh}”`).join('')}`,
    en: `, missing ${missing.map(({ item }) => item.nameEn).join(', ')}`,
  };
};

/**
 * How far earlier results cover a panel, in a line. What is only for reference (可供参考) is never counted among what it
 * already has (已有): a doctor reads that as recognisable.
 *
 * @param panel one of which at least one member is covered
 * @param name of the panel in the ordering institution's words
 */
export const panelHeadline = (panel: PanelCover, name: string): Bilingual => {
  const have = haveOf(panel);
  const lack = lackOf(panel);
  return { zh: `${name} ${have.zh}${lack.zh}`, en: `${name}: ${have.en}${lack.en}` };
};
