import type { TFunction } from 'i18next';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import Button from 'antd-mobile/es/components/button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CallFailed, call, fetchDocument } from '../kit/calls.ts';
import type { History } from '../kit/history.ts';
import { Opinions } from '../kit/opinions.tsx';
import { ReportImages } from '../kit/report-images.tsx';
import type { OwnReport } from '../wire/own-data.ts';
import { STANDING_WORDS, timeText, VERSION_FIELD_WORDS, versionFieldText } from '../words.ts';
import { ownQuery, useOwnResults, useRestricted, useSubject } from './own.tsx';
import { SecondTap } from './second-tap.tsx';
import { ShareReport } from './share-report.tsx';
import { CouldNotLoad, Loading } from './states.tsx';
import { TrendView } from './trend-view.tsx';
import { ValueLine } from './value-line.tsx';

const fieldText = (t: TFunction, field: keyof typeof VERSION_FIELD_WORDS, text: string | null): string =>
  field === 'standing' ? t(versionFieldText(field, text)) : (text ?? '—');

/** The values of one report in the history: item and place of the value in it, as the report orders them. */
const valuesOf = (history: History, report: string) =>
  history.sections
    .flatMap(({ items }) =>
      items.flatMap((item) =>
        item.points.flatMap((point, place) =>
          history.reports[point.report]?.id === report ? [{ item, place, ordinal: point.ordinal }] : [],
        ),
      ),
    )
    .sort((left, right) => left.ordinal - right.ordinal);

const Versions = ({ report }: { readonly report: OwnReport }) => {
  const { t } = useTranslation();
  if (report.versions.length < 2) return null;
  return (
    <details className="card">
      <summary>{t('这份报告更正过：共 {n} 个版本', { n: report.versions.length })}</summary>
      <ol className="versions" reversed start={report.versions.length}>
        {report.versions.map(({ version, standing, statedAt, changes }) => (
          <li key={version}>
            {timeText(statedAt)} {t(STANDING_WORDS[standing])}
            <ul>
              {changes.map(({ ordinal, name, field, from, to }) => (
                <li key={`${ordinal ?? ''}${field}`}>
                  {name} {t(VERSION_FIELD_WORDS[field])}：{fieldText(t, field, from)} →{' '}
                  {fieldText(t, field, to)}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </details>
  );
};

const Attachments = ({ report, query }: { readonly report: OwnReport; readonly query: string }) => {
  const { t } = useTranslation();
  const [failure, setFailure] = useState<unknown>(null);
  const open = async (n: number): Promise<void> => {
    try {
      const blob = await fetchDocument(`/api/own/reports/${report.id}/attachments/${n}${query}`);
      const address = URL.createObjectURL(blob);
      const link = document.createElement('a');
      link.href = address;
      link.download = `report-${n}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch (error) {
      setFailure(error);
    }
  };
  if (report.attachments.length === 0) return null;
  return (
    <p className="acts">
      {report.attachments.map(({ n }) => (
        <Button key={n} onClick={() => open(n)}>
          {t('下载原始报告单 {n}', { n })}
        </Button>
      ))}
      {failure !== null && <CouldNotLoad error={failure} />}
    </p>
  );
};

const Examination = ({ report }: { readonly report: OwnReport }) => {
  const { t } = useTranslation();
  if (report.findings === null && report.impression === null) return null;
  return (
    <section className="card examination">
      <h2>{t('检查所见')}</h2>
      <p>{report.findings ?? t('未提供')}</p>
      <h2>{t('诊断意见')}</h2>
      <p>{report.impression ?? t('未提供')}</p>
    </section>
  );
};

const Facts = ({ report }: { readonly report: OwnReport }) => {
  const { t } = useTranslation();
  const examined = report.kind === 'imaging' || report.kind === 'electrocardiogram';
  return (
    <dl className="facts">
      <dt>{t('医院')}</dt>
      <dd>{report.institution.nameZh}</dd>
      <dt>{examined ? t('检查时间') : t('采样时间')}</dt>
      <dd>{timeText(report.collectedAt)}</dd>
      <dt>{t('报告时间')}</dt>
      <dd>{timeText(report.reportedAt)}</dd>
      {report.specimen && (
        <>
          <dt>{t('标本')}</dt>
          <dd>{report.specimen}</dd>
        </>
      )}
      <dt>{t('报告单号')}</dt>
      <dd>{report.reportNumber}</dd>
      {report.marks.length > 0 && (
        <>
          <dt>{t('互认标识')}</dt>
          <dd>{report.marks.join('、')}</dd>
        </>
      )}
    </dl>
  );
};

/** One report in plain words: each value beside the interval of its laboratory, the text of an examination, what changed. */
export const ReportPage = () => {
  const { t } = useTranslation();
  const { report: id } = useParams({ from: '/me/reports/$report' });
  const { person } = useSubject();
  const [restricted] = useRestricted();
  const [trend, setTrend] = useState<string | null>(null);
  const results = useOwnResults();
  const query = ownQuery(person, { restricted });
  const { data, error, refetch } = useQuery({
    queryKey: ['report', id, person ?? null, restricted ?? null],
    queryFn: ({ signal }) => call<OwnReport>(`/api/own/reports/${id}${query}`, { signal }),
  });
  const failed = error ?? results.error;
  if (failed && !(data && results.data))
    return (
      <>
        <h1>{t('报告')}</h1>
        {failed instanceof CallFailed && failed.problem.status === 404 && results.data && (
          <SecondTap restricted={results.data.restricted} />
        )}
        <CouldNotLoad error={failed} retry={() => void Promise.all([refetch(), results.refetch()])} />
      </>
    );
  if (!data || !results.data) return <Loading what={t('正在读取结果')} />;
  const { history } = results.data;
  const item = history.sections.flatMap(({ items }) => items).find(({ code }) => code === trend);
  if (item) return <TrendView history={history} item={item} onClose={() => setTrend(null)} />;
  return (
    <>
      <p>
        <Link to="/me">‹ {t('我的检查检验')}</Link>
      </p>
      <h1>{data.title}</h1>
      {data.standing !== 'final' && <p className="note">{t(STANDING_WORDS[data.standing])}</p>}
      {data.disputed && <p className="note">{t('核实中：有人反映该结果不属于本人')}</p>}
      <Examination report={data} />
      <Opinions opinions={data.opinions} version={data.version} />
      {(data.images || data.kind === 'imaging' || data.kind === 'electrocardiogram') && (
        <p className="acts">
          <ReportImages
            images={data.images}
            href={`/reports/${data.id}/images${ownQuery(person)}`}
            of={data.title}
            window="same"
          />
        </p>
      )}
      {valuesOf(history, data.id).map((value) => (
        <ValueLine
          key={`${value.item.code}/${value.ordinal}`}
          history={history}
          item={value.item}
          place={value.place}
          onTrend={() => setTrend(value.item.code)}
        />
      ))}
      {data.notes.map((note) => (
        <p className="note" key={note}>
          {note}
        </p>
      ))}
      <SecondTap restricted={results.data.restricted} />
      <Versions report={data} />
      <Facts report={data} />
      <Attachments report={data} query={query} />
      <p className="acts">
        <Link className="button" to="/me/feedback" search={{ report: data.id }}>
          {t('这份报告有误？')}
        </Link>
      </p>
      <ShareReport
        report={data.id}
        hasImages={data.kind === 'imaging' || data.kind === 'electrocardiogram'}
      />
      <p className="soft">{t('结果的含义请咨询医生。')}</p>
    </>
  );
};
