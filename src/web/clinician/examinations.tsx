import { useTranslation } from 'react-i18next';
import { Button } from 'antd';
import { Nothing } from '../kit/states.tsx';
import type { HistoryExamination, HistoryReport } from '../wire/result-history.ts';
import type { History } from '../kit/history.ts';
import { ReportImages } from '../kit/report-images.tsx';
import { collectedText, institutionOf, isGone, standingText } from './words.ts';

const SIDE_WORDS = { left: '左侧', right: '右侧', both: '双侧' } as const;

const Examination = ({
  examination,
  history,
  onReport,
}: {
  readonly examination: HistoryExamination;
  readonly history: History;
  readonly onReport: (report: string) => void;
}) => {
  const { t, i18n } = useTranslation();
  const report = history.reports[examination.report] as HistoryReport;
  const institution = institutionOf(history, report);
  const name = i18n.language === 'en' ? examination.nameEn : examination.nameZh;
  return (
    <article className={`examination ${institution.own ? 'own' : 'outside'}`}>
      <h2>
        {isGone(examination) || report.disputed ? <s>{name}</s> : name}
        {examination.side && ` ${t(SIDE_WORDS[examination.side])}`}
        {examination.standing !== 'final' && (
          <span className="state"> {standingText(t, examination.standing)}</span>
        )}
        {report.disputed && <span className="state"> {t('归属核实中')}</span>}
      </h2>
      <p className="sub">
        {collectedText(t, report)}　<b>{institution.own ? t('本院') : t('外院')}</b>{' '}
        {i18n.language === 'en' ? institution.nameEn : institution.nameZh}　{examination.marks.join('、')}
      </p>
      <dl>
        <dt>{t('检查所见')}</dt>
        <dd>{examination.findings ?? t('未提供')}</dd>
        <dt>{t('诊断意见')}</dt>
        <dd>{examination.impression ?? t('未提供')}</dd>
      </dl>
      <p className="acts">
        <Button onClick={() => onReport(report.id)}>
          {t('看原报告')}
          <span className="unseen">：{name}</span>
        </Button>
        {(report.images || examination.list === 'imaging' || examination.list === 'electrocardiogram') && (
          <ReportImages
            images={report.images ?? null}
            href={`/reports/${report.id}/images`}
            of={name}
            window="new"
          />
        )}
      </p>
    </article>
  );
};

/** Reports with words instead of values, the newest first; findings apart from the impression. */
export const Examinations = ({
  list,
  history,
  onReport,
}: {
  readonly list: HistoryExamination['list'];
  readonly history: History;
  readonly onReport: (report: string) => void;
}) => {
  const { t } = useTranslation();
  const found = history.examinations.filter((each) => each.list === list);
  if (found.length === 0) return <Nothing what={t('没有可向您显示的此类报告')} />;
  return (
    <div className="examinations">
      {found.map((each) => (
        <Examination
          key={`${each.report} ${each.ordinal}`}
          examination={each}
          history={history}
          onReport={onReport}
        />
      ))}
    </div>
  );
};
