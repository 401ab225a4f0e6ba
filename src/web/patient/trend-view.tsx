import Button from 'antd-mobile/es/components/button';
import { useTranslation } from 'react-i18next';
import type { History, HistoryItem } from '../kit/history.ts';
import { STANDING_WORDS, timeText } from '../words.ts';
import { TREND_SIZE, type Trend, trendOf } from './trend.ts';
import { flagWords, isGone } from './value-line.tsx';

/** Four digits are enough beside a chart; what was printed stands in the table. */
const shortNumber = (value: number): string => String(Number(value.toPrecision(4)));

const Chart = ({ trend, label }: { readonly trend: Trend; readonly label: string }) => (
  <svg
    className="trend"
    viewBox={`0 0 ${TREND_SIZE.width} ${TREND_SIZE.height}`}
    role="img"
    aria-label={label}
  >
    {trend.bands.map(({ x, width, top, bottom }) => (
      <rect key={x} x={x} width={width} y={top} height={Math.max(0, bottom - top)} className="band" />
    ))}
    {trend.lines.map((line) => (
      <path key={line} d={line} className="line" />
    ))}
    {trend.marks.map(({ x, y, place, isMarked }) =>
      isMarked ? (
        <rect key={place} x={x - 4.5} y={y - 4.5} width="9" height="9" className="mark out" />
      ) : (
        <circle key={place} cx={x} cy={y} r="3.5" className="mark" />
      ),
    )}
  </svg>
);

/** The same test over time: a chart, and the same as a table, which says all that the chart cannot. */
export const TrendView = ({
  history,
  item,
  onClose,
}: {
  readonly history: History;
  readonly item: HistoryItem;
  readonly onClose: () => void;
}) => {
  const { t, i18n } = useTranslation();
  const trend = trendOf(history, item);
  const name = i18n.language === 'en' ? item.nameEn : item.nameZh;
  return (
    <section aria-labelledby="trend-title">
      <Button onClick={onClose}>{t('返回')}</Button>
      <h1 id="trend-title">
        {name} {t('历次结果')}
      </h1>
      {trend ? (
        <figure>
          <p className="soft">
            {t('最高')} {shortNumber(trend.highest)} {item.unit}
          </p>
          <Chart
            trend={trend}
            label={`${name} ${t('历次结果')}，${t('共 {n} 次', { n: trend.marks.length })}，${t('详见下表')}`}
          />
          <p className="ends soft">
            <span>{timeText(trend.from, 'day')}</span>
            <span>
              {t('最低')} {shortNumber(trend.lowest)} {item.unit}
            </span>
            <span>{timeText(trend.to, 'day')}</span>
          </p>
          <figcaption className="soft">
            {t(
              '绿色是各医院自己的参考区间，方块是医院提示的结果。方法或单位不同的结果不连线，不能直接比较。',
            )}
            {trend.left > 0 && t('另有 {n} 次只列在表中。', { n: trend.left })}
          </figcaption>
        </figure>
      ) : (
        <p className="note">{t('能画在一张图上的结果不足两次，请看下表。')}</p>
      )}
      <div className="scrolls" tabIndex={0} role="region" aria-label={t('历次结果表')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('日期')}</th>
              <th scope="col">{t('结果')}</th>
              <th scope="col">{t('参考区间')}</th>
              <th scope="col">{t('医院')}</th>
            </tr>
          </thead>
          <tbody>
            {item.points.map((point) => {
              const report = history.reports[point.report];
              return (
                <tr key={`${point.report}/${point.ordinal}`}>
                  <th scope="row" className="nowrap">
                    {timeText(report?.collectedAt ?? report?.anchorAt ?? null, 'day')}
                  </th>
                  <td data-label={t('结果')}>
                    {isGone(point) ? <s>{point.text}</s> : <b>{point.text}</b>}{' '}
                    <span className="nowrap">
                      {point.unit} {flagWords(t, point)}
                    </span>
                    {point.standing !== 'final' && ` ${t(STANDING_WORDS[point.standing])}`}
                  </td>
                  <td data-label={t('参考区间')}>{point.referenceText || '—'}</td>
                  <td data-label={t('医院')}>
                    {history.institutions[report?.institution ?? -1]?.shortNameZh}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
};
