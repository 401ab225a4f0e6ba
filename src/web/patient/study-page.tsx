import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ImageDetails } from '../kit/image-details.tsx';
import { ReportImages } from '../kit/report-images.tsx';
import { ownQuery, useOwnStudies, useSubject } from './own.tsx';
import { ShareStudy } from './share-report.tsx';
import { CouldNotLoad, Loading, Nothing } from './states.tsx';

/** One study beside which no report lies: what came, the way to its images, and sharing them. */
export const StudyPage = () => {
  const { t } = useTranslation();
  const { study: id } = useParams({ from: '/me/studies/$study' });
  const { person } = useSubject();
  const { data, error, refetch } = useOwnStudies();
  const study = data?.studies.find((each) => each.id === id);
  return (
    <>
      <p>
        <Link to="/me">‹ {t('我的检查检验')}</Link>
      </p>
      {!study && <h1>{t('影像')}</h1>}
      {error && !data && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在读取')} />}
      {data && !study && (
        <Nothing what={t('这里没有这次检查的影像')}>
          <p className="soft">{t('它的报告可能已经收到：请到“我的检查检验”里打开那份报告。')}</p>
        </Nothing>
      )}
      {study && (
        <>
          <h1>{study.title}</h1>
          <p className="note">{t('这次检查的报告还没有收到，或与图像尚未关联。')}</p>
          <p className="acts">
            <ReportImages
              images={study.images}
              href={`/studies/${study.id}/view${ownQuery(person)}`}
              of={study.title}
              window="same"
            />
          </p>
          <dl className="facts">
            <dt>{t('医院')}</dt>
            <dd>{study.institutionZh}</dd>
            <dt>{t('检查时间')}</dt>
            <dd>{study.studiedAt ?? t('未注明')}</dd>
          </dl>
          {study.images.studies && (
            <section className="card" aria-labelledby="details-title">
              <h2 id="details-title">{t('影像参数')}</h2>
              <ImageDetails images={study.images} />
            </section>
          )}
          <ShareStudy study={study.id} />
          <p className="soft">{t('结果的含义请咨询医生。')}</p>
        </>
      )}
    </>
  );
};
