import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Drawer, Tag } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, fetchDocument } from '../kit/calls.ts';
import { OpinionForm, Opinions } from '../kit/opinions.tsx';
import { ImageDetails } from '../kit/image-details.tsx';
import { ReportImages } from '../kit/report-images.tsx';
import { CouldNotLoad, Loading } from '../kit/states.tsx';
import type { ReportAnswer } from '../wire/order-check-answer.ts';
import { flagClass } from '../kit/flag-class.ts';
import { VERSION_FIELD_WORDS } from '../words.ts';
import { flagText, momentText, standingText } from './words.ts';
import { Scrolls } from './scrolls.tsx';

const Observations = ({ report }: { readonly report: ReportAnswer }) => {
  const { t } = useTranslation();
  return (
    <Scrolls label={t('报告内容')}>
      <table className="plain-table">
        <caption className="unseen">{t('报告内容')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('项目')}</th>
            <th scope="col">{t('结果')}</th>
            <th scope="col">{t('提示')}</th>
            <th scope="col">{t('单位')}</th>
            <th scope="col">{t('参考区间')}</th>
            <th scope="col">{t('方法')}</th>
          </tr>
        </thead>
        <tbody>
          {report.observations.map((line) => {
            const isGone = line.standing === 'withdrawn' || line.standing === 'entered-in-error';
            return (
              <tr key={line.ordinal}>
                <th scope="row">
                  {line.name}{' '}
                  {line.standing !== report.standing && <Tag>{standingText(t, line.standing)}</Tag>}
                </th>
                <td className="number">
                  <span className={`value ${flagClass(line.value)}`}>
                    {isGone ? <s>{line.value.text}</s> : line.value.text || '—'}
                  </span>
                </td>
                <td className="kept">{flagText(t, line.value)}</td>
                <td>{line.value.unit || '—'}</td>
                <td className="kept">{line.value.referenceText || '—'}</td>
                <td>{line.method ?? '—'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scrolls>
  );
};

const Versions = ({ report }: { readonly report: ReportAnswer }) => {
  const { t } = useTranslation();
  if (report.versions.length < 2) return null;
  return (
    <section>
      <h3>{t('各版本')}</h3>
      <ol className="versions" reversed start={report.versions[0]?.version}>
        {report.versions.map((version) => (
          <li key={version.version}>
            <b>{standingText(t, version.standing)}</b>　{momentText(version.statedAt)}
            {version.changes.length > 0 && (
              <ul>
                {version.changes.map(({ ordinal, name, field, from, to }) => (
                  <li key={`${ordinal} ${field}`}>
                    {name} {t(VERSION_FIELD_WORDS[field])}：
                    <s>{field === 'standing' && from ? standingWord(t, from) : (from ?? '—')}</s> →{' '}
                    <b>{field === 'standing' && to ? standingWord(t, to) : (to ?? '—')}</b>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
};

const standingWord = (t: Parameters<typeof standingText>[0], standing: string): string =>
  standingText(t, standing as ReportAnswer['standing']);

/** A document of the report: fetched with the session, shown from memory, so that it can run nothing. */
const Attachment = ({
  report,
  n,
  mediaType,
}: {
  readonly report: string;
  readonly n: number;
  readonly mediaType: string;
}) => {
  const { t } = useTranslation();
  const [address, setAddress] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => () => (address === null ? undefined : URL.revokeObjectURL(address)), [address]);
  const open = async (): Promise<void> => {
    try {
      setAddress(URL.createObjectURL(await fetchDocument(`/api/reports/${report}/attachments/${n}`)));
    } catch (failure) {
      setError(failure);
    }
  };
  if (error) return <CouldNotLoad error={error} retry={() => void open()} />;
  if (address === null)
    return (
      <Button onClick={() => void open()}>
        {t('打开附件 {n}', { n })}（{mediaType === 'application/pdf' ? 'PDF' : mediaType}）
      </Button>
    );
  return mediaType.startsWith('image/') ? (
    <img className="attachment" src={address} alt={t('报告附件 {n}', { n })} />
  ) : (
    <iframe className="attachment" src={address} title={t('报告附件 {n}', { n })} />
  );
};

const Fact = ({ name, children }: { readonly name: string; readonly children: React.ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Report = ({
  report,
  onOpinion,
}: {
  readonly report: ReportAnswer;
  readonly onOpinion: (opinions: ReportAnswer['opinions']) => void;
}) => {
  const { t, i18n } = useTranslation();
  const isExamination = report.findings !== null || report.impression !== null;
  const isGone = report.standing === 'withdrawn' || report.standing === 'entered-in-error';
  return (
    <article className="report">
      {report.marks.length > 0 && <p className="marks">{report.marks.join('　')}</p>}
      <p>
        <b>{i18n.language === 'en' ? report.institution.nameEn : report.institution.nameZh}</b>
        {i18n.language !== 'en' && report.institution.tierZh && `（${report.institution.tierZh}）`}　
        {t('报告单号')} {report.reportNumber}　{t('第 {n} 版', { n: report.version })}
      </p>
      {isGone && <Alert type="error" showIcon title={t('报告已撤回，不得作为依据')} />}
      {report.standing === 'corrected' && (
        <Alert type="warning" showIcon title={t('报告已更正，改动见各版本')} />
      )}
      {report.standing === 'preliminary' && (
        <Alert type="info" showIcon title={t('初步报告，结果可能变化')} />
      )}
      {report.disputed && <Alert type="warning" showIcon title={t('有人反映此报告不属于本患者，核实中')} />}
      {isExamination && (
        <section className="examination">
          <h3>{t('检查所见')}</h3>
          <p>{report.findings ?? t('未提供')}</p>
          <h3>{t('诊断意见')}</h3>
          <p>{report.impression ?? t('未提供')}</p>
          <p className="sub">{t('互认的是检查本身；诊断意见由出具医师负责，接诊医师可另行判读。')}</p>
        </section>
      )}
      {(report.images || report.kind === 'imaging' || report.kind === 'electrocardiogram') && (
        <>
          <p>
            <ReportImages
              images={report.images}
              href={`/reports/${report.id}/images`}
              of={report.title}
              window="new"
            />
          </p>
          <ImageDetails images={report.images} />
        </>
      )}
      <Opinions
        opinions={report.opinions}
        version={report.version}
        report={report.id}
        onChanged={onOpinion}
      />
      {report.takesOpinion && <OpinionForm report={report.id} onKept={onOpinion} />}
      {report.observations.length > 0 && !isExamination && <Observations report={report} />}
      {report.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      <dl className="facts">
        <Fact name={t('标本')}>{report.specimen ?? '—'}</Fact>
        <Fact name={t('申请时间')}>{momentText(report.orderedAt)}</Fact>
        <Fact name={isExamination ? t('检查时间') : t('采样时间')}>{momentText(report.collectedAt)}</Fact>
        <Fact name={t('接收时间')}>{momentText(report.receivedAt)}</Fact>
        <Fact name={t('报告时间')}>{momentText(report.reportedAt)}</Fact>
        <Fact name={t('审核时间')}>{momentText(report.verifiedAt)}</Fact>
        <Fact name={isExamination ? t('报告医师') : t('检验者')}>{report.reporter ?? t('未注明')}</Fact>
        <Fact name={isExamination ? t('审核医师') : t('审核者')}>{report.verifier ?? t('未注明')}</Fact>
      </dl>
      {!isExamination && <p className="sub">{t('本报告仅对该标本负责')}</p>}
      <Versions report={report} />
      {report.attachments.map(({ n, mediaType }) => (
        <Attachment key={n} report={report.id} n={n} mediaType={mediaType} />
      ))}
      <p className="sub">{i18n.language === 'en' ? report.disclosure.text.en : report.disclosure.text.zh}</p>
    </article>
  );
};

/** The original report beside the table, with every version of it. */
export const ReportDrawer = ({
  id,
  ofPatient,
  onClose,
}: {
  readonly id: string | undefined;
  /** Ids of the reports of the patient on this page; null while they are not all known. */
  readonly ofPatient: ReadonlySet<string> | null;
  readonly onClose: () => void;
}) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['report', id],
    queryFn: ({ signal }) => call<ReportAnswer>(`/api/reports/${id}`, { signal }),
    enabled: id !== undefined,
  });
  // A report of somebody else under this banner would be read as the patient's.
  const isForeign = data !== undefined && ofPatient !== null && !ofPatient.has(data.id);
  return (
    <Drawer
      open={id !== undefined}
      onClose={onClose}
      size={Math.min(760, window.innerWidth)}
      title={data && !isForeign ? `${data.title || t('报告')}　${standingText(t, data.standing)}` : t('报告')}
      extra={
        id && (
          <span className="acts">
            <a href={`/reports/${id}`} target="_blank" rel="noreferrer">
              {t('简明页面')}
            </a>
            <a href={`/reports/${id}/correction`}>{t('报告有误？')}</a>
          </span>
        )
      }
    >
      {error ? (
        <CouldNotLoad error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what={t('正在载入报告')} />
      ) : isForeign ? (
        <Alert type="error" showIcon title={t('这份报告不属于本页患者')} />
      ) : (
        <Report
          report={data}
          onOpinion={(opinions) =>
            client.setQueryData<ReportAnswer>(['report', id], (now) => now && { ...now, opinions })
          }
        />
      )}
    </Drawer>
  );
};
