import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  memo,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { History, HistoryPoint } from '../../kit/history.ts';
import { momentText } from '../words.ts';
import { SmallCurve } from './small-curve.tsx';
import { isSplitSeries, PrintedValue } from './value.tsx';
import type { ItemRow, Visit } from './visits.ts';

/** A cell by item and column; columns: 0 the item, then the visits shown, then the curve. */
export interface Place {
  readonly code: string;
  readonly column: number;
}

/** What a cell can be asked for. */
export interface GridActs {
  onPlace(place: Place): void;
  onTrend(row: ItemRow): void;
  onReport(point: HistoryPoint): void;
  /** The neighbouring window of visits; false when there is none. */
  onWindow(step: 1 | -1): boolean;
}

type Line =
  | { readonly kind: 'section'; readonly zh: string; readonly en: string }
  | { readonly kind: 'item'; readonly row: ItemRow };

const LINE_HEIGHT = 30;

const linesOf = (rows: readonly ItemRow[]): readonly Line[] => {
  const lines: Line[] = [];
  let section = '';
  for (const row of rows) {
    if (row.section !== section) lines.push({ kind: 'section', ...row.sectionName });
    section = row.section;
    lines.push({ kind: 'item', row });
  }
  return lines;
};

/** The interval and unit that stand for the row: those of the newest value; another one is in the value's own card. */
const newestOf = ({ item }: ItemRow): HistoryPoint | undefined => item.points[0];

const differs = (points: readonly HistoryPoint[], of: (point: HistoryPoint) => string): boolean =>
  new Set(points.map(of)).size > 1;

const ItemLine = memo(
  ({
    row,
    visits,
    history,
    activeColumn,
    acts,
    english,
  }: {
    readonly row: ItemRow;
    readonly visits: readonly Visit[];
    readonly history: History;
    /** Column of the active cell when it is in this line. */
    readonly activeColumn: number | null;
    readonly acts: GridActs;
    readonly english: boolean;
  }) => {
    const { t } = useTranslation();
    const { item, cells } = row;
    const newest = newestOf(row);
    const isSplit = isSplitSeries(item.points);
    const cell = (column: number) => ({
      'data-cell': `${item.code} ${column}`,
      tabIndex: activeColumn === column ? 0 : -1,
      onFocus: () => acts.onPlace({ code: item.code, column }),
      onClick: () => acts.onPlace({ code: item.code, column }),
    });
    return (
      <>
        <div role="rowheader" className="item" {...cell(0)} title={item.code}>
          <span>{english ? item.nameEn : item.nameZh}</span>
          {!item.mapped && <small> {t('未对码')}</small>}
        </div>
        <div role="gridcell" className="plain">
          {newest?.referenceText || '—'}
          {differs(item.points, ({ referenceText }) => referenceText) && (
            <small title={t('各实验室区间不同，见各结果')}>◇</small>
          )}
        </div>
        <div role="gridcell" className="plain">
          {newest?.unit || '—'}
          {differs(item.points, ({ unit }) => unit) && (
            <small title={t('各实验室单位不同，见各结果')}>◇</small>
          )}
        </div>
        {visits.map((visit, index) => {
          const point = cells.get(visit.key);
          const isOwn = history.institutions[visit.institution]?.own;
          return (
            <div
              key={visit.key}
              role="gridcell"
              className={`number ${isOwn ? 'own' : 'outside'}`}
              {...cell(index + 1)}
              onDoubleClick={point && (() => acts.onReport(point))}
            >
              {point ? (
                <PrintedValue point={point} isSplit={isSplit} />
              ) : (
                <span className="none" aria-label={t('未做')}>
                  —
                </span>
              )}
            </div>
          );
        })}
        <div
          role="gridcell"
          className="trend"
          {...cell(visits.length + 1)}
          onDoubleClick={() => acts.onTrend(row)}
        >
          <SmallCurve item={item} history={history} />
        </div>
      </>
    );
  },
);

const VisitHead = ({ visit, history }: { readonly visit: Visit; readonly history: History }) => {
  const { t, i18n } = useTranslation();
  const institution = history.institutions[visit.institution];
  const [day, hour] = momentText(visit.at, visit.precision).split(' ');
  const name = i18n.language === 'en' ? institution?.nameEn : institution?.shortNameZh;
  return (
    <div
      role="columnheader"
      className={`visit ${institution?.own ? 'own' : 'outside'}`}
      title={i18n.language === 'en' ? institution?.nameEn : institution?.nameZh}
    >
      <span className="day">{day}</span>
      <span>
        {hour ?? '—'} <b>{institution?.own ? t('本院') : t('外院')}</b>
      </span>
      <span>{name}</span>
    </div>
  );
};

const MOVES: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
};

/**
 * Brings a cell into view, and hides whole whatever would then stand partly behind the fixed column: of an interval
 * 3.50-9.50 that is cut off, ".50-9.50" is left to be misread.
 */
const reveal = (box: HTMLElement, cell: HTMLElement): void => {
  cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const [fixed, ...columns] = box.querySelectorAll<HTMLElement>('.head > div');
  if (!fixed) return;
  const edge = fixed.getBoundingClientRect().right;
  const cut = columns
    .map((column) => column.getBoundingClientRect())
    .find(({ left, right }) => left < edge - 1 && right > edge + 1);
  if (cut) box.scrollLeft += cut.right - edge;
};

/** Narrowest column that holds a value with its flag, or an interval such as 120-160. */
const NARROWEST_PX = 96;
/**
 * One that holds a critical value with its word and arrow, and what stands behind it: `*`, a curve's letter, a state; also
 * the heads of visits in English.
 */
const NARROWEST_WITH_MARKS_PX = 132;

/** True where a value needs more room than others: an arrow that is cut off is a flag that is not there. */
const isLong = (point: HistoryPoint, isSplit: boolean): boolean =>
  point.flag !== null &&
  point.flag !== 'normal' &&
  (point.flag.startsWith('critical') || isSplit || point.standing !== 'final' || point.converted);

const narrowestPxFor = (rows: readonly ItemRow[], visits: readonly Visit[]): number =>
  rows.some(({ item, cells }) => {
    const isSplit = isSplitSeries(item.points);
    return visits.some(({ key }) => {
      const point = cells.get(key);
      return point !== undefined && isLong(point, isSplit);
    });
  })
    ? NARROWEST_WITH_MARKS_PX
    : NARROWEST_PX;

/** Reference interval and unit: where no more than these fit, the table opens at the first visit behind them. */
const COLUMNS_BEFORE_VISITS = 2;

/**
 * Width of every column between the item and the curve, so that a whole number of them fills the room there is: half a
 * column that stands behind the curve hides the last digits of a value.
 */
const useColumnWidthPx = (
  box: RefObject<HTMLDivElement | null>,
  visits: readonly Visit[],
  narrowestPx: number,
): number => {
  const [{ widthPx, fitting }, setFit] = useState({
    widthPx: narrowestPx,
    fitting: Number.POSITIVE_INFINITY,
  });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const fit = (): void => {
      const fixedPx = [...element.querySelectorAll<HTMLElement>('.head > .item, .head > .trend')]
        .filter((column) => getComputedStyle(column).position === 'sticky')
        .reduce((sum, column) => sum + column.offsetWidth, 0);
      const roomPx = element.clientWidth - fixedPx;
      const columns = Math.max(1, Math.floor(roomPx / narrowestPx));
      setFit({ widthPx: Math.max(narrowestPx, roomPx / columns), fitting: columns });
    };
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, narrowestPx]);
  useLayoutEffect(() => {
    // Other visits, by a filter say, are read from their first: where the table stood says nothing of them.
    if (box.current && visits.length > 0 && fitting <= COLUMNS_BEFORE_VISITS)
      box.current.scrollLeft = COLUMNS_BEFORE_VISITS * widthPx;
  }, [box, fitting, widthPx, visits]);
  return widthPx;
};

/** The cumulative table: fixed item column, one column a visit, curve at the end; only the lines in view are drawn. */
export const CumulativeGrid = ({
  rows,
  visits,
  history,
  place,
  isTall,
  acts,
}: {
  readonly rows: readonly ItemRow[];
  readonly visits: readonly Visit[];
  readonly history: History;
  readonly place: Place | null;
  /** Nothing is shown below it, so it may use that room. */
  readonly isTall: boolean;
  readonly acts: GridActs;
}) => {
  const { t, i18n } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const moved = useRef(false);
  const lines = useMemo(() => linesOf(rows), [rows]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 8,
    initialRect: { width: 1000, height: 600 },
  });
  const at = place ? rows.findIndex(({ item }) => item.code === place.code) : -1;
  const here = at < 0 && rows[0] ? { code: rows[0].item.code, column: 1 } : place;

  const goTo = (row: number, column: number): void => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, row))];
    if (!target) return;
    moved.current = true;
    // The line that has the focus may leave the document before the next one enters it; keys pressed meanwhile count too.
    box.current?.focus({ preventScroll: true });
    virtual.scrollToIndex(lines.findIndex((line) => line.kind === 'item' && line.row === target));
    acts.onPlace({ code: target.item.code, column: Math.max(0, Math.min(visits.length + 1, column)) });
  };

  useEffect(() => {
    if (!moved.current || !place) return;
    const cell = box.current?.querySelector<HTMLElement>(
      `[data-cell="${CSS.escape(`${place.code} ${place.column}`)}"]`,
    );
    if (!cell) return;
    moved.current = false;
    cell.focus({ preventScroll: true });
    reveal(box.current as HTMLElement, cell);
  });

  // The card that opens below takes room: what was chosen may not end up behind it.
  useEffect(() => {
    if (isTall) return;
    const cell = document.activeElement?.closest<HTMLElement>('[data-cell]');
    if (box.current && cell) reveal(box.current, cell);
  }, [isTall]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[Math.max(0, at)];
    const move = MOVES[event.key];
    if (move) {
      event.preventDefault();
      const column = here.column + move[1];
      if (column > visits.length && move[1] > 0 && here.column === visits.length && acts.onWindow(1))
        goTo(at, 1);
      else if (here.column === 1 && move[1] < 0 && acts.onWindow(-1)) goTo(at, visits.length);
      else goTo(Math.max(0, at) + move[0], column);
    } else if (event.key === 'Home' || event.key === 'End') {
      // The browser's own meaning would scroll the line, and with it the focus, away.
      event.preventDefault();
      goTo(Math.max(0, at), event.key === 'Home' ? 0 : visits.length);
    } else if (event.key === 'Enter' && row) {
      event.preventDefault();
      acts.onTrend(row);
    } else if (event.key.toLowerCase() === 'v' && row) {
      const point = row.cells.get(visits[here.column - 1]?.key ?? '');
      if (point) acts.onReport(point);
    }
  };

  const isEnglish = i18n.language === 'en';
  const narrowestPx = useMemo(
    () => (isEnglish ? NARROWEST_WITH_MARKS_PX : narrowestPxFor(rows, visits)),
    [rows, visits, isEnglish],
  );
  const widthPx = useColumnWidthPx(box, visits, narrowestPx);
  const columns = `var(--item) repeat(${visits.length + COLUMNS_BEFORE_VISITS}, ${widthPx}px) var(--trend)`;
  return (
    <div
      ref={box}
      tabIndex={-1}
      className={isTall ? 'cumulative tall' : 'cumulative'}
      role="grid"
      aria-label={t('累积检验结果')}
      aria-rowcount={lines.length + 1}
      aria-colcount={visits.length + 4}
      onKeyDown={onKeyDown}
    >
      <div className="sheet" style={{ gridTemplateColumns: columns }} role="rowgroup">
        <div className="line head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: columns }}>
          <div role="columnheader" className="item">
            {t('项目')}
          </div>
          <div role="columnheader">{t('参考区间')}</div>
          <div role="columnheader">{t('单位')}</div>
          {visits.map((visit) => (
            <VisitHead key={visit.key} visit={visit} history={history} />
          ))}
          <div role="columnheader" className="trend">
            {t('趋势')}
          </div>
        </div>
      </div>
      <div role="rowgroup" className="sheet" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index] as Line;
          const style = { transform: `translateY(${start}px)`, gridTemplateColumns: columns };
          return line.kind === 'section' ? (
            <div key={index} role="row" aria-rowindex={index + 2} className="line section" style={style}>
              <div role="rowheader" className="item">
                {i18n.language === 'en' ? line.en : line.zh}
              </div>
            </div>
          ) : (
            <div key={index} role="row" aria-rowindex={index + 2} className="line" style={style}>
              <ItemLine
                row={line.row}
                visits={visits}
                history={history}
                activeColumn={here?.code === line.row.item.code ? here.column : null}
                acts={acts}
                english={i18n.language === 'en'}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
};
