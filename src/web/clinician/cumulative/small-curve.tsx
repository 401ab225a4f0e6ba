import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { History, HistoryItem } from '../../kit/history.ts';
import { COLOURS } from '../../kit/tokens.ts';
import { drawnPoints, sparkline } from './sparkline.ts';

const WIDTH = 100;
const HEIGHT = 20;

/** The curve in a row: interval of each laboratory behind, values out of it larger, lines only where they are true. */
export const SmallCurve = memo(
  ({ item, history }: { readonly item: HistoryItem; readonly history: History }) => {
    const { t } = useTranslation();
    const { points, lines, bands } = sparkline(item, history, WIDTH, HEIGHT);
    if (points.length < 2) return null;
    const numbers = drawnPoints(item, history)
      .slice(-points.length)
      .map(({ point }) => point.text)
      .join('，');
    return (
      <svg width={WIDTH} height={HEIGHT} role="img" aria-label={t('趋势，由旧到新：{numbers}', { numbers })}>
        {bands.map((band) => (
          <rect key={band.x} {...band} fill={COLOURS.band} />
        ))}
        {lines.map((line) => (
          <polyline
            key={`${line[0]?.curve}`}
            points={line.map(({ x, y }) => `${x},${y}`).join(' ')}
            fill="none"
            stroke={COLOURS.soft}
          />
        ))}
        {points.map(({ x, y, curve, isOut }, index) => {
          const size = isOut ? 3 : 2;
          const fill = isOut ? COLOURS.high : COLOURS.ink;
          return (curve ?? 1) % 2 === 0 ? (
            <circle key={index} cx={x} cy={y} r={size} fill={fill} />
          ) : (
            <rect
              key={index}
              x={x - size}
              y={y - size}
              width={size * 2}
              height={size * 2}
              fill={COLOURS.paper}
              stroke={fill}
            />
          );
        })}
      </svg>
    );
  },
);
