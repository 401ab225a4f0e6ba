import { useTranslation } from 'react-i18next';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { STANDING_WORDS, timeText } from '../words.ts';

/** The report of the examination, beside its pictures. */
export const ReportBeside = ({ study }: { readonly study: ViewedStudy }) => {
  const { t } = useTranslation();
  const { report, reportHref } = study;
  if (!report)
    return (
      <section className="report-beside" aria-label={t('报告')}>
        <h2>{t('报告')}</h2>
        <p>{t('这次检查的报告还没有收到，或与图像尚未关联。')}</p>
      </section>
    );
  return (
    <section className="report-beside" aria-label={t('报告')}>
      <h2>
        {report.title} <span className="standing">{t(STANDING_WORDS[report.standing])}</span>
      </h2>
      {report.disputed && <p className="alert">{t('核实中：有人反映该结果不属于本人')}</p>}
      <h3>{t('检查所见')}</h3>
      <p className="body">{report.findings ?? t('未提供')}</p>
      <h3>{t('诊断意见')}</h3>
      <p className="body">{report.impression ?? t('未提供')}</p>
      <dl>
        <dt>{t('报告医师')}</dt>
        <dd>{report.reporter ?? t('未注明')}</dd>
        <dt>{t('审核医师')}</dt>
        <dd>{report.verifier ?? t('未注明')}</dd>
        <dt>{t('报告时间')}</dt>
        <dd>{timeText(report.reportedAt)}</dd>
      </dl>
      <p className="soft">
        {study.audience === 'staff'
          ? t('互认的是检查本身；诊断意见由出具医师负责，接诊医师可另行判读。')
          : t('结果的含义请咨询医生。')}
      </p>
      {reportHref !== null && (
        <p>
          <a href={reportHref}>{t('看完整报告')}</a>
        </p>
      )}
    </section>
  );
};
