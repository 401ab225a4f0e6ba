import type { Bilingual } from '../kernel/bilingual.ts';
import type { OrderCheckLine } from './wire/order-check-answer.ts';

/** How far a panel is covered, as a check answers it. */
export type PanelCover = NonNullable<OrderCheckLine['panel']>;

/** Missing members that a headline names; of more it tells the number, and the list stands below. */
const NAMED_MAX = 3;

/** Members of which no result at all is shown. One past its window is not among them: it stands in the table below. */
export const absentMembers = ({ missing }: PanelCover): PanelCover['missing'] =>
  missing.filter(({ grade }) => grade === null);

/** True when the headline only counts what is missing, so that it must be named elsewhere. */
export const countsMissingOnly = (panel: PanelCover): boolean => absentMembers(panel).length > NAMED_MAX;

const haveOf = ({ covered, mayConsider, total, missing }: PanelCover): Bilingual => {
  const firm = covered - mayConsider;
  const stale = missing.filter(({ grade }) => grade === 'may-consider').length;
  const reference = mayConsider + stale;
  const readOnly = missing.filter(({ grade }) => grade !== null).length - stale;
  const reading = readOnly === 0 ? '' : `，另有 ${readOnly} 项仅供查阅`;
  const readingEn = readOnly === 0 ? '' : `, ${readOnly} more only to be read`;
  if (firm === 0)
    return {
      zh: `${reference === total ? `共 ${total} 项，均仅` : `有 ${reference} 项`}可供参考，由接诊医师判断${reading}`,
      en: `${reference} of ${total} for reference only, the doctor decides${readingEn}`,
    };
  const others = reference === 0 ? '' : `，另有 ${reference} 项可供参考`;
  const othersEn = reference === 0 ? '' : `, ${reference} more for reference only`;
  return firm === total
    ? { zh: `共 ${total} 项，均已有结果`, en: `all ${total} covered` }
    : { zh: `已有 ${firm} 项${others}${reading}`, en: `${firm} covered${othersEn}${readingEn}` };
};

const lackOf = (panel: PanelCover): Bilingual => {
  const { covered, mayConsider } = panel;
  const missing = absentMembers(panel);
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
