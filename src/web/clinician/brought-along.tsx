import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { CouldNotLoad, Loading, Nothing } from '../kit/states.tsx';
import type { PatientSuppliedAnswer, PatientSuppliedList } from '../wire/patient-supplied.ts';
import { momentText } from './words.ts';

const Paper = ({ paper }: { readonly paper: PatientSuppliedAnswer }) => {
  const { t } = useTranslation();
  return (
    <article className="examination outside">
      <h2>
        {paper.item} <span className="state">{paper.labelZh}</span>
      </h2>
      <dl>
        <dt>{t('机构')}</dt>
        <dd>
          {paper.institution}（{t('按纸面抄录')}）
        </dd>
        <dt>{t('检查时间')}</dt>
        <dd>{paper.examinedOn ?? t('未注明')}</dd>
        {paper.value && (
          <>
            <dt>{t('结果')}</dt>
            <dd>{paper.value}</dd>
          </>
        )}
        {paper.note && <dd>{paper.note}</dd>}
        <dt>{t('登记')}</dt>
        <dd>
          {paper.recordedBy.institutionZh} {paper.recordedBy.doctor} {momentText(paper.recordedAt)}
        </dd>
      </dl>
      <a href={paper.photo.path} target="_blank" rel="noreferrer">
        {t('看照片')}
        <span className="unseen">：{paper.item}</span>
      </a>
    </article>
  );
};

/** Paper and film that the patient brought: copied by hand, verified by nobody, never in the table of results. */
export const BroughtAlong = ({ person }: { readonly person: string }) => {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['supplied', person],
    queryFn: ({ signal }) => call<PatientSuppliedList>(`/api/persons/${person}/patient-supplied`, { signal }),
  });
  return (
    <>
      <p className="sub">
        {t('患者自带的资料未经核验，不作互认依据，也不进入累积表。')}{' '}
        <a href={`/patients/${person}/supplied`}>{t('登记并拍照')}</a>
      </p>
      {error ? (
        <CouldNotLoad error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what={t('正在载入患者自带资料')} />
      ) : data.supplied.length === 0 ? (
        <Nothing what={t('还没有登记过自带资料')} />
      ) : (
        <div className="examinations">
          {data.supplied.map((paper) => (
            <Paper key={paper.id} paper={paper} />
          ))}
        </div>
      )}
    </>
  );
};
