import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { History, HistoryItem, HistoryPoint } from '../kit/history.ts';
import { FLAG_WORDS, STANDING_WORDS, timeText } from '../words.ts';
import { numberLine } from './number-line.ts';

/** Where a value stands, in words that claim nothing more than the laboratory printed. */
const POSITION_WORDS = {
  below: '低于参考区间',
  within: '在参考区间内',
  above: '高于参考区间',
} as const;

/** The flag as a word with an arrow; empty where the laboratory printed none. */
export const flagWords = (t: TFunction, { flag }: Pick<HistoryPoint, 'flag'>): string =>
  flag === null || FLAG_WORDS[flag] === '' ? '' : t(FLAG_WORDS[flag]);

/** True for what counts no more: shown, but struck out. */
export const isGone = ({ standing }: Pick<HistoryPoint, 'standing'>): boolean =>
  standing === 'withdrawn' || standing === 'cancelled' || standing === 'entered-in-error';

/** A value beside the interval of its own laboratory. */
export const NumberLineFigure = ({ point }: { readonly point: HistoryPoint }) => {
  const { t } = useTranslation();
  const line = numberLine(point);
  if (!line) return null;
  const label = `${t('您的结果')} ${point.text} ${point.unit}，${t('参考区间')} ${point.referenceText}，${t(POSITION_WORDS[line.position])}`;
  return (
    <svg
      className="number-line"
      viewBox="0 0 100 16"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line x1="0" x2="100" y1="9" y2="9" className="axis" />
      <rect x={line.from} width={line.to - line.from} y="5" height="8" className="band" />
      {line.low !== null && <line x1={line.from} x2={line.from} y1="3" y2="15" className="limit" />}
      {line.high !== null && <line x1={line.to} x2={line.to} y1="3" y2="15" className="limit" />}
      <path
        d={`M${line.at} 15 l-1.8 -14 h3.6 z`}
        className={line.position === 'within' ? 'mark' : 'mark out'}
      />
    </svg>
  );
};

/** What was found the last time before, and whether the two may be compared at all. */
const LastTime = ({
  history,
  item,
  place,
}: {
  readonly history: History;
  readonly item: HistoryItem;
  readonly place: number;
}) => {
  const { t } = useTranslation();
  const point = item.points[place] as HistoryPoint;
  const before = item.points.slice(place + 1).find((each) => each.report !== point.report && !isGone(each));
  const report = before && history.reports[before.report];
  if (!before || !report) return <p className="soft">{t('这里没有更早的结果')}</p>;
  const comparable = before.curve !== null && before.curve === point.curve;
  return (
    <p className="soft">
      {t('上次')} {timeText(report.collectedAt ?? report.anchorAt, 'day')} {before.text} {before.unit}{' '}
      <span className="nowrap">{flagWords(t, before)}</span>{' '}
      {history.institutions[report.institution]?.shortNameZh}
      {!comparable && <> · {t('两次的方法或单位不同，不能直接比较')}</>}
    </p>
  );
};

/** One value of one's own in plain words: name, value, where it stands, the last time, what to do when it is wrong. */
export const ValueLine = ({
  history,
  item,
  place,
  onTrend,
}: {
  readonly history: History;
  readonly item: HistoryItem;
  /** Place of the value in the item's points. */
  readonly place: number;
  readonly onTrend: (() => void) | null;
}) => {
  const { t, i18n } = useTranslation();
  const point = item.points[place] as HistoryPoint;
  const report = history.reports[point.report];
  const gone = isGone(point);
  const flag = flagWords(t, point);
  const text = point.text === '' ? t(STANDING_WORDS[point.standing]) : point.text;
  return (
    <article className={flag === '' ? 'value' : 'value marked'}>
      <h3>{i18n.language === 'en' ? item.nameEn : item.nameZh}</h3>
      <p className="reading">
        {gone ? <s>{text}</s> : <b>{text}</b>} <span className="unit">{point.unit}</span>{' '}
        {flag !== '' && <span className={`flag ${point.flag}`}>{flag}</span>}
        {point.standing !== 'final' && point.text !== '' && (
          <span className="standing">{t(STANDING_WORDS[point.standing])}</span>
        )}
        {point.disputed && <span className="standing">{t('核实中')}</span>}
      </p>
      {!gone && !point.disputed && <NumberLineFigure point={point} />}
      <p className="soft">
        {t('参考区间')} {point.referenceText || t('报告未注明')}
        {point.method && (
          <>
            {' '}
            · {t('方法')} {point.method}
          </>
        )}
      </p>
      {point.previous !== null && (
        <p className="soft">
          {t('更正前为')} {point.previous}
        </p>
      )}
      <LastTime history={history} item={item} place={place} />
      <p className="acts">
        {onTrend && item.points.length > 1 && (
          <button type="button" className="link" onClick={onTrend}>
            {t('历次结果')}
            <span className="unseen">：{item.nameZh}</span>
          </button>
        )}
        {report && (
          <Link to="/me/feedback" search={{ report: report.id, ordinal: point.ordinal }}>
            {t('有误？')}
            <span className="unseen">{item.nameZh}</span>
          </Link>
        )}
      </p>
    </article>
  );
};
