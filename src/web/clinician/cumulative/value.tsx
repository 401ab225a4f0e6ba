import { useTranslation } from 'react-i18next';
import { flagClass } from '../../kit/flag-class.ts';
import type { HistoryPoint } from '../../kit/history.ts';
import { flagText, isGone, printedText } from '../words.ts';

/** Letters for curves that must not be compared; the first is `a`. */
export const curveLetter = (curve: number): string => String.fromCodePoint(97 + (curve % 26));

/**
 * One value as its laboratory printed it: flag as word and arrow, `*` for a corrected one, struck out when withdrawn or in dispute, `≈`
 * when the curve shows it converted, and a letter where the item has values that are not comparable with each other.
 */
export const PrintedValue = ({
  point,
  isSplit,
}: {
  readonly point: HistoryPoint;
  readonly isSplit: boolean;
}) => {
  const { t } = useTranslation();
  const text = printedText(t, point);
  const flag = flagText(t, point);
  const isStruck = isGone(point) || point.disputed;
  const worded = point.value === null && !/\d/.test(point.text);
  return (
    <span className={`value ${flagClass(point)} ${worded ? 'chip' : ''} ${isStruck ? 'struck' : ''}`}>
      {isStruck ? <s>{text}</s> : text}
      {flag && <b className="flag">{flag}</b>}
      {point.previous !== null && (
        <sup title={t('已更正')}>
          *<span className="unseen">{t('已更正')}</span>
        </sup>
      )}
      {point.standing === 'preliminary' && <small className="state">{t('初步')}</small>}
      {point.disputed && <small className="state">{t('核实中')}</small>}
      {isGone(point) && point.text !== '' && <small className="state">{t('已撤回')}</small>}
      {point.converted && <small title={t('曲线上按换算值显示')}>≈</small>}
      {isSplit && point.curve !== null && (
        <sup className="curve" title={t('字母不同的结果不可比')}>
          {curveLetter(point.curve)}
        </sup>
      )}
    </span>
  );
};

/** True when an item has values on several curves, or some on a curve and others beside it. */
export const isSplitSeries = (points: readonly HistoryPoint[]): boolean =>
  new Set(points.flatMap(({ curve }) => (curve === null ? [] : [curve]))).size > 1;
