import { useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { COLOURS } from '../kit/tokens.ts';
import type { OverviewAnswer } from '../wire/console.ts';
import { clockText, dayText, timeText } from './wording.ts';

const HEIGHT = 110;
const AXIS_Y = 90;
const LEFT = 44;
/** Room that one label of the time axis takes. */
const LABEL_PX = 110;

/** Messages by step of time: taken ones upwards in blue, quarantined ones hatched on top. Numbers in the table below. */
export const TrafficChart = ({ overview }: { readonly overview: OverviewAnswer }) => {
  const { t } = useTranslation();
  const { steps, stepMinutes } = overview;
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(960);
  // The whole time is drawn in the room there is: a chart that must be scrolled first looks empty.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(Math.max(240, element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const highest = Math.max(1, ...steps.map(({ accepted, quarantined }) => accepted + quarantined));
  const step = (width - LEFT) / steps.length;
  const heightOf = (messages: number): number => (messages / highest) * (AXIS_Y - 10);
  const isWeek = steps.length > 60;
  // Days are named where they begin, hours and minutes as often as there is room for.
  const named = steps.flatMap(({ at }, index) => (!isWeek || clockText(at) === '00:00' ? [index] : []));
  const every = Math.ceil((named.length * LABEL_PX) / (width - LEFT));
  const labelled = new Set(named.filter((_, place) => place % every === 0));
  const title = t('每{unit}消息数，最高 {n}', {
    unit: stepMinutes === 1 ? t('分钟') : t('小时'),
    n: highest,
  });
  const busy = steps.filter(
    ({ accepted, quarantined, duplicates }) => accepted + quarantined + duplicates > 0,
  );
  return (
    <figure className="chart">
      <figcaption>
        {title} <span className="key key-accepted" aria-hidden="true" /> {t('已受理')}{' '}
        <span className="key key-quarantined" aria-hidden="true" /> {t('已隔离')}
      </figcaption>
      <div ref={box}>
        <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={title}>
          <defs>
            <pattern
              id="hatch"
              width="4"
              height="4"
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <rect width="4" height="4" fill={COLOURS.errorGround} />
              <rect width="2" height="4" fill={COLOURS.high} />
            </pattern>
          </defs>
          <text x={LEFT - 6} y={16} textAnchor="end" className="axis">
            {highest}
          </text>
          <text x={LEFT - 6} y={AXIS_Y} textAnchor="end" className="axis">
            0
          </text>
          <line x1={LEFT} x2={width} y1={AXIS_Y} y2={AXIS_Y} stroke={COLOURS.line} />
          {steps.map(({ at, accepted, quarantined }, index) => {
            const x = LEFT + index * step;
            const taken = heightOf(accepted);
            const aside = heightOf(quarantined);
            const bar = Math.max(1, step - 1);
            return (
              <g key={at}>
                <rect x={x} y={AXIS_Y - taken} width={bar} height={taken} fill={COLOURS.primary} />
                <rect x={x} y={AXIS_Y - taken - aside} width={bar} height={aside} fill="url(#hatch)" />
                {labelled.has(index) && (steps.length - index) * step >= LABEL_PX / 3 && (
                  <text x={x} y={HEIGHT - 4} className="axis">
                    {isWeek ? dayText(at) : clockText(at)}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      </div>
      <details>
        <summary>{t('以表格查看')}</summary>
        {busy.length === 0 ? (
          <p>{t('所选时段没有消息')}</p>
        ) : (
          <table className="grid cards">
            <thead>
              <tr>
                <th scope="col">{t('起始时间')}</th>
                <th scope="col" className="number">
                  {t('受理')}
                </th>
                <th scope="col" className="number">
                  {t('隔离')}
                </th>
                <th scope="col" className="number">
                  {t('重复')}
                </th>
              </tr>
            </thead>
            <tbody>
              {busy.map(({ at, accepted, quarantined, duplicates }) => (
                <tr key={at}>
                  <th scope="row">{timeText(at)}</th>
                  <td className="number" data-label={t('受理')}>
                    {accepted}
                  </td>
                  <td className="number" data-label={t('隔离')}>
                    {quarantined}
                  </td>
                  <td className="number" data-label={t('重复')}>
                    {duplicates}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </details>
    </figure>
  );
};
