import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { Button, Checkbox } from 'antd';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HistoryReport } from '../../wire/result-history.ts';
import type { History, HistoryItem } from '../../kit/history.ts';
import { Change, DraftNote, isDraftClaim } from '../cumulative/change.tsx';
import { curveLetter, PrintedValue } from '../cumulative/value.tsx';
import { collectedText, FINDING_WORDS, institutionOf, shortNumber } from '../words.ts';
import { spansDecades, trendOption, trendPoints } from './trend-option.ts';
import { Scrolls } from '../scrolls.tsx';

use([CustomChart, LineChart, ScatterChart, GridComponent, LegendComponent, SVGRenderer]);

/** The large chart of one item with the table of its values beside it. Loaded when it is first asked for. */
const Trend = ({ item, history }: { readonly item: HistoryItem; readonly history: History }) => {
  const { t, i18n } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const points = useMemo(() => trendPoints(item, history), [item, history]);
  const [chosen, choose] = useState(points.length - 1);
  const [isLogarithmic, setLogarithmic] = useState(() => spansDecades(points));
  const isLogarithmPossible = points.every(({ value }) => value > 0);

  useEffect(() => {
    if (!box.current) return undefined;
    const made = init(box.current, undefined, { renderer: 'svg' });
    chart.current = made;
    const watcher = new ResizeObserver(() => made.resize());
    watcher.observe(box.current);
    return () => {
      watcher.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    const nameOfCurve = (curve: number | null): string =>
      curve === null
        ? t('不连线的结果')
        : `${curveLetter(curve)} ${points.find(({ point }) => point.curve === curve)?.point.method ?? t('可比的结果')}`;
    chart.current?.setOption(
      trendOption(points, { unit: item.unit, isLogarithmic, chosen, nameOfCurve }),
      true,
    );
  }, [points, item.unit, isLogarithmic, chosen, t]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(points.length - 1, chosen + step)));
  };
  const here = points[chosen];
  const hereReport = here && history.reports[here.point.report];
  const isSplit = new Set(points.map(({ point }) => point.curve)).size > 1;
  return (
    <div className="trend-view">
      {points.length === 0 ? (
        <p>{t('没有可以画在同一坐标轴上的数值，见下表。')}</p>
      ) : (
        <>
          <div
            ref={box}
            className="trend-chart"
            role="application"
            tabIndex={0}
            aria-label={t('趋势图，用左右方向键逐点查看')}
            onKeyDown={onKeyDown}
          />
          <p className="trend-reading" role="status">
            {here && hereReport && (
              <>
                {collectedText(t, hereReport)}
                {'　'}
                {i18n.language === 'en'
                  ? institutionOf(history, hereReport).nameEn
                  : institutionOf(history, hereReport).nameZh}
                {'　'}
                <b>
                  {here.point.text} {here.point.unit}
                </b>
                {here.point.converted && ` ≈ ${shortNumber(here.value)} ${item.unit}`}
                {'　'}
                <Change point={here.point} />
              </>
            )}
          </p>
          <p className="sub">
            <Button disabled={chosen <= 0} onClick={() => choose(chosen - 1)} aria-label={t('前一个')}>
              ←
            </Button>{' '}
            <Button
              disabled={chosen >= points.length - 1}
              onClick={() => choose(chosen + 1)}
              aria-label={t('后一个')}
            >
              →
            </Button>{' '}
            <Checkbox
              checked={isLogarithmic}
              disabled={!isLogarithmPossible}
              onChange={({ target }) => setLogarithmic(target.checked)}
            >
              {t('对数坐标')}
            </Checkbox>{' '}
            {t('实心为本院，空心为外院；绿带为各实验室自己的参考区间。')}
            {isSplit && t('不同曲线的结果不可比，不相连。')}
          </p>
        </>
      )}
      {item.points.some(isDraftClaim) && <DraftNote />}
      <Scrolls label={t('各次结果')}>
        <table className="plain-table">
          <caption className="unseen">{t('各次结果')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('采样时间')}</th>
              <th scope="col">{t('机构')}</th>
              <th scope="col">{t('结果')}</th>
              <th scope="col">{t('单位')}</th>
              <th scope="col">{t('参考区间')}</th>
              <th scope="col">{t('换算')}</th>
              <th scope="col">{t('方法')}</th>
              <th scope="col">{t('可比性')}</th>
              <th scope="col">{t('变化')}</th>
            </tr>
          </thead>
          <tbody>
            {item.points.map((point) => {
              const report = history.reports[point.report] as HistoryReport;
              return (
                <tr key={`${point.report} ${point.ordinal}`}>
                  <th scope="row" className="kept">
                    {collectedText(t, report)}
                  </th>
                  {i18n.language === 'en' ? (
                    <td>{institutionOf(history, report).nameEn}</td>
                  ) : (
                    <td className="kept">{institutionOf(history, report).shortNameZh}</td>
                  )}
                  <td className="number">
                    <PrintedValue point={point} isSplit={isSplit} />
                  </td>
                  <td>{point.unit || '—'}</td>
                  <td className="kept">{point.referenceText || '—'}</td>
                  <td>
                    {point.converted && point.value !== null
                      ? `${shortNumber(point.value)} ${item.unit}`
                      : '—'}
                  </td>
                  <td>{point.method ?? t('未注明')}</td>
                  <td>{t(FINDING_WORDS[point.finding])}</td>
                  <td>
                    <Change point={point} none="—" />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scrolls>
    </div>
  );
};

export default Trend;
