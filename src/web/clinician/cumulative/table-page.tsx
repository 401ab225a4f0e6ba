import { Button, Checkbox, Input, type InputRef, Modal, Segmented } from 'antd';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { Loading, Nothing } from '../../kit/states.tsx';
import type { History } from '../../kit/history.ts';
import { isTyping } from '../keys.ts';
import { CumulativeGrid, type GridActs, type Place } from './grid.tsx';
import { Inspector } from './inspector.tsx';
import { PrintSheet } from './print-sheet.tsx';
import { cumulativeTable, filterRows, visitsOf } from './visits.ts';

const Trend = lazy(() => import('../trend/trend.tsx'));

/** Visits shown at once. */
const WINDOW = 12;

/** True while the browser makes a print of the page. */
const usePrinting = (): boolean => {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    // The print is made right after the event, so the whole table must be there when it returns.
    const before = () => flushSync(() => setPrinting(true));
    const after = () => setPrinting(false);
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, []);
  return isPrinting;
};

/** The cumulative table with its filters, the card of the active value and the large chart. */
export const CumulativePage = ({
  history,
  ordered,
  trendItem,
  onTrend,
  onReport,
}: {
  readonly history: History;
  /** Items of the order the doctor comes from; null when he comes from none. */
  readonly ordered: ReadonlySet<string> | null;
  readonly trendItem: string | undefined;
  readonly onTrend: (item: string | undefined) => void;
  readonly onReport: (report: string) => void;
}) => {
  const { t, i18n } = useTranslation();
  const search = useRef<InputRef>(null);
  const [typed, setTyped] = useState('');
  const [onlyAbnormal, setOnlyAbnormal] = useState(false);
  const [onlyOrdered, setOnlyOrdered] = useState(false);
  const [isNewestFirst, setNewestFirst] = useState(true);
  const [first, setFirst] = useState(0);
  const [place, setPlace] = useState<Place | null>(null);
  const isPrinting = usePrinting();
  const table = useMemo(() => cumulativeTable(history), [history]);
  const rows = useMemo(
    () => filterRows(table.rows, { typed, onlyAbnormal, ordered: onlyOrdered ? ordered : null }),
    [table, typed, onlyAbnormal, onlyOrdered, ordered],
  );
  const visits = useMemo(() => {
    const newestFirst = visitsOf(table.visits, rows);
    return isNewestFirst ? newestFirst : [...newestFirst].reverse();
  }, [table, rows, isNewestFirst]);
  const start = Math.min(first, Math.max(0, visits.length - 1));
  const shown = useMemo(() => visits.slice(start, start + WINDOW), [visits, start]);

  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (isTyping(event)) return;
      const key = event.key.toLowerCase();
      if (key === '/') search.current?.focus();
      else if (key === 'a') setOnlyAbnormal((before) => !before);
      else if (key === 'o' && ordered) setOnlyOrdered((before) => !before);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [ordered]);

  const move = (step: 1 | -1): boolean => {
    const next = start + step * WINDOW;
    if (next >= visits.length || (step < 0 && start === 0)) return false;
    setFirst(Math.max(0, next));
    return true;
  };
  const acts: GridActs = useMemo(
    () => ({
      onPlace: setPlace,
      onTrend: (row) => onTrend(row.item.code),
      onReport: (point) => onReport(history.reports[point.report]?.id ?? ''),
      onWindow: move,
    }),
    // The window moves with the visits; everything else stays.
    [history, start, visits.length],
  );
  const row = rows.find(({ item }) => item.code === place?.code);
  const point = row?.cells.get(shown[(place?.column ?? 0) - 1]?.key ?? '');
  const trend = table.rows.find(({ item }) => item.code === trendItem)?.item;
  const last = Math.min(start + WINDOW, visits.length);

  if (table.rows.length === 0) return <Nothing what={t('没有可向您显示的检验结果')} />;
  return (
    <>
      <div className="tools">
        <Input
          type="search"
          ref={search}
          className="find"
          aria-label={t('找项目（拼音首字母、代码、中文）')}
          placeholder={t('找项目：拼音首字母、代码、中文 (/)')}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={(event) => event.key === 'Escape' && setTyped('')}
        />
        <Checkbox checked={onlyAbnormal} onChange={({ target }) => setOnlyAbnormal(target.checked)}>
          {t('只看异常')} (A)
        </Checkbox>
        {ordered && (
          <Checkbox checked={onlyOrdered} onChange={({ target }) => setOnlyOrdered(target.checked)}>
            {t('只看本次申请的项目')} (O)
          </Checkbox>
        )}
        <Segmented
          aria-label={t('就诊次序')}
          value={isNewestFirst ? 'newest' : 'oldest'}
          options={[
            { value: 'newest', label: t('新→旧') },
            { value: 'oldest', label: t('旧→新') },
          ]}
          onChange={(value) => {
            setNewestFirst(value === 'newest');
            setFirst(0);
          }}
        />
        <span className="count">
          {t('{rows} 项，第 {from}–{to} 次就诊，共 {visits} 次', {
            rows: rows.length,
            from: visits.length === 0 ? 0 : start + 1,
            to: last,
            visits: visits.length,
          })}
        </span>
        <Button disabled={start === 0} onClick={() => move(-1)} aria-label={t('前一组就诊')}>
          ←
        </Button>
        <Button disabled={last >= visits.length} onClick={() => move(1)} aria-label={t('后一组就诊')}>
          →
        </Button>
        <Button onClick={() => window.print()}>{t('打印')}</Button>
      </div>
      {rows.length === 0 ? (
        <Nothing what={t('没有符合筛选的项目')} whatToDo={<p>{t('结果仍在，请放宽筛选。')}</p>} />
      ) : (
        <CumulativeGrid
          rows={rows}
          visits={shown}
          history={history}
          place={place}
          isTall={point === undefined}
          acts={acts}
        />
      )}
      <Inspector
        row={row}
        point={point}
        history={history}
        onTrend={() => row && onTrend(row.item.code)}
        onReport={() => point && acts.onReport(point)}
      />
      {isPrinting && <PrintSheet rows={rows} visits={visits} history={history} />}
      <Modal
        open={trend !== undefined}
        onCancel={() => onTrend(undefined)}
        footer={null}
        width={980}
        style={{ top: 24 }}
        destroyOnHidden
        title={trend && `${t('趋势')}　${i18n.language === 'en' ? trend.nameEn : trend.nameZh}`}
      >
        {trend && (
          <Suspense fallback={<Loading what={t('正在载入趋势图')} />}>
            <Trend item={trend} history={history} />
          </Suspense>
        )}
      </Modal>
    </>
  );
};
