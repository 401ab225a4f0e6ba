import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ImageDetails } from '../kit/image-details.tsx';
import { OpinionForm, Opinions } from '../kit/opinions.tsx';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { STANDING_WORDS, timeText } from '../words.ts';

type GivenOpinions = NonNullable<ViewedStudy['report']>['opinions'];

const ReportOf = ({
  study,
  changed,
  onChanged,
}: {
  readonly study: ViewedStudy;
  /** Opinions as they stand since one was added or withdrawn here; null where none was. */
  readonly changed: GivenOpinions | null;
  readonly onChanged: (opinions: GivenOpinions) => void;
}) => {
  const { t } = useTranslation();
  const { report, reportHref } = study;
  const details = study.studies && (
    <>
      <h3>{t('影像参数')}</h3>
      <ImageDetails images={study} />
    </>
  );
  if (!report)
    return (
      <>
        <h2>{t('报告')}</h2>
        <p>
          {/* Stays true when a report comes: it is no part of what was shared, and whether it came is not theirs to know. */}
          {study.audience === 'guest'
            ? t('分享时还没有收到这次检查的报告；这次分享只有影像，不含报告。')
            : t('这次检查的报告还没有收到，或与图像尚未关联。')}
        </p>
        {details}
      </>
    );
  return (
    <>
      <h2>
        {report.title} <span className="standing">{t(STANDING_WORDS[report.standing])}</span>
      </h2>
      {report.disputed && <p className="alert">{t('核实中：有人反映该结果不属于本人')}</p>}
      <h3>{t('检查所见')}</h3>
      <p className="body">{report.findings ?? t('未提供')}</p>
      <h3>{t('诊断意见')}</h3>
      <p className="body">{report.impression ?? t('未提供')}</p>
      {details}
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
      <Opinions
        opinions={changed ?? report.opinions}
        version={report.version}
        report={study.audience === 'staff' ? report.id : null}
        onChanged={onChanged}
      />
      {/* Who came by a pass has no session to sign with. */}
      {report.takesOpinion && reportHref !== null && study.audience === 'staff' && (
        <OpinionForm report={report.id} onKept={onChanged} />
      )}
      {reportHref !== null && (
        <p>
          <a href={reportHref}>{t('看完整报告')}</a>
        </p>
      )}
    </>
  );
};

/** The report of the examination beside its pictures, and that of the one it is compared with. */
export const ReportBeside = ({
  study,
  prior,
}: {
  readonly study: ViewedStudy;
  readonly prior: ViewedStudy | null;
}) => {
  const { t } = useTranslation();
  const [isPrior, setPrior] = useState(false);
  const [changed, setChanged] = useState<ReadonlyMap<string, GivenOpinions>>(new Map());
  const shown = prior && isPrior ? prior : study;
  return (
    <section className="report-beside" aria-label={t('报告')}>
      {prior && (
        <div className="report-choice">
          {([false, true] as const).map((each) => (
            <button
              key={String(each)}
              type="button"
              aria-pressed={isPrior === each}
              onClick={() => setPrior(each)}
            >
              {each ? t('对比报告') : t('本次报告')}
            </button>
          ))}
        </div>
      )}
      <ReportOf
        key={shown.id}
        study={shown}
        changed={changed.get(shown.id) ?? null}
        onChanged={(opinions) => setChanged((now) => new Map([...now, [shown.id, opinions]]))}
      />
    </section>
  );
};
