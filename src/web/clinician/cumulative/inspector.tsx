import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { HistoryReport } from '../../wire/result-history.ts';
import type { History, HistoryPoint } from '../../kit/history.ts';
import {
  collectedText,
  FINDING_WORDS,
  institutionOf,
  momentText,
  recordSentence,
  shortNumber,
  standingText,
} from '../words.ts';
import { Change, DraftNote, isDraftClaim } from './change.tsx';
import { PrintedValue } from './value.tsx';
import type { ItemRow } from './visits.ts';

const Fact = ({ name, children }: { readonly name: string; readonly children: React.ReactNode }) =>
  children ? (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  ) : null;

/** Everything known about the value in the active cell, and what can be done with it. */
export const Inspector = ({
  row,
  point,
  history,
  onTrend,
  onReport,
}: {
  readonly row: ItemRow | undefined;
  readonly point: HistoryPoint | undefined;
  readonly history: History;
  readonly onTrend: () => void;
  readonly onReport: () => void;
}) => {
  const { t, i18n } = useTranslation();
  const { message } = App.useApp();
  if (!row || !point)
    return (
      <section className="inspector empty" aria-label={t('所选结果')}>
        <p className="sub">{t('选中一个结果，可见其方法、标本、互认标识和变化。')}</p>
      </section>
    );
  const report = history.reports[point.report] as HistoryReport;
  const institution = institutionOf(history, report);
  const performer = point.performer === null ? null : history.institutions[point.performer];
  const copy = (): void => {
    const text = recordSentence(history, row.item.nameZh, point);
    navigator.clipboard.writeText(text).then(
      () => void message.success(t('已复制，可粘贴到病历')),
      () => void message.error(t('浏览器不允许复制，请手工选取：{text}', { text })),
    );
  };
  const english = i18n.language === 'en';
  return (
    <section className="inspector" aria-label={t('所选结果')}>
      <h2>
        {english ? row.item.nameEn : row.item.nameZh} <PrintedValue point={point} isSplit={false} />{' '}
        {point.unit}
      </h2>
      <dl>
        <Fact name={t('机构')}>
          {english ? institution.nameEn : institution.nameZh}（{institution.own ? t('本院') : t('外院')}
          {!english && institution.tierZh && `，${institution.tierZh}`}）
        </Fact>
        <Fact name={t('检测机构')}>{performer && (english ? performer.nameEn : performer.nameZh)}</Fact>
        <Fact name={t('采样时间')}>{collectedText(t, report)}</Fact>
        <Fact name={t('报告时间')}>{momentText(report.reportedAt)}</Fact>
        <Fact name={t('参考区间')}>{point.referenceText || '—'}</Fact>
        <Fact name={t('标本')}>{point.specimen && (english ? point.specimen.en : point.specimen.zh)}</Fact>
        <Fact name={t('方法')}>{point.method ?? t('未注明')}</Fact>
        <Fact name={t('互认标识')}>{point.marks.join('、') || t('采样时无')}</Fact>
        <Fact name={t('换算')}>
          {point.converted && point.value !== null
            ? `${point.text} ${point.unit} ≈ ${shortNumber(point.value)} ${row.item.unit}`
            : null}
        </Fact>
        <Fact name={t('变化')}>{point.change && <Change point={point} />}</Fact>
        <Fact name={t('可比性')}>{t(FINDING_WORDS[point.finding])}</Fact>
        <Fact name={t('状态')}>
          {report.disputed
            ? t('归属核实中')
            : point.standing === 'final'
              ? null
              : standingText(t, point.standing)}
        </Fact>
        <Fact name={t('更正前')}>{point.previous}</Fact>
        <Fact name={t('身份')}>{report.identity === 'weak' ? t('与本患者的关联未经核实') : null}</Fact>
      </dl>
      {isDraftClaim(point) && <DraftNote />}
      <div className="acts">
        <Button onClick={onReport}>{t('看原报告')} (V)</Button>
        <Button onClick={onTrend}>{t('趋势图')} (Enter)</Button>
        <Button onClick={copy}>{t('引用')}</Button>
        <a href={`/reports/${report.id}/correction?ordinal=${point.ordinal}`}>{t('报告有误？')}</a>
      </div>
    </section>
  );
};
