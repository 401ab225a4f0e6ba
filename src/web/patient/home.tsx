import { Link } from '@tanstack/react-router';
import Button from 'antd-mobile/es/components/button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { History } from '../kit/history.ts';
import { STANDING_WORDS } from '../words.ts';
import { Notifications } from './notifications.tsx';
import { useAccount, useOwnResults, useOwnStudies, useSubject } from './own.tsx';
import { SecondTap } from './second-tap.tsx';
import { CouldNotLoad, Loading, Nothing } from './states.tsx';
import { markedIn, type PlacedReport, visitsOf } from './visits.ts';

const ReportLink = ({ history, placed }: { readonly history: History; readonly placed: PlacedReport }) => {
  const { t } = useTranslation();
  const { report, place } = placed;
  const marked = markedIn(history, place);
  return (
    <li>
      <Link to="/me/reports/$report" params={{ report: report.id }}>
        <span className="report-title">{report.title}</span>
        {report.standing !== 'final' && <span className="tag">{t(STANDING_WORDS[report.standing])}</span>}
        {report.disputed && <span className="tag">{t('核实中')}</span>}
        {marked > 0 && <span className="soft">{t('{n} 项有提示', { n: marked })}</span>}
      </Link>
    </li>
  );
};

const Visits = ({ history }: { readonly history: History }) => {
  const { t } = useTranslation();
  const [shown, setShown] = useState(10);
  const visits = visitsOf(history);
  if (visits.length === 0) return <Nothing what={t('还没有检查检验结果')} />;
  return (
    <>
      {visits.slice(0, shown).map(({ key, day, institution, reports }) => (
        <section
          className="card"
          key={key}
          aria-label={`${day} ${history.institutions[institution]?.nameZh}`}
        >
          <h2>
            <time>{day}</time> {history.institutions[institution]?.nameZh}
          </h2>
          <ul className="plain">
            {reports.map((placed) => (
              <ReportLink key={placed.report.id} history={history} placed={placed} />
            ))}
          </ul>
        </section>
      ))}
      {visits.length > shown && (
        <Button block onClick={() => setShown(shown + 20)}>
          {t('更早的 {n} 次', { n: visits.length - shown })}
        </Button>
      )}
      {!history.complete && <p className="soft">{t('更早的结果未列出，如需要请到医院服务台。')}</p>}
    </>
  );
};

/** Images that no report leads to: otherwise nothing would tell that they are there. */
const Unreported = () => {
  const { t } = useTranslation();
  const { data, error, refetch } = useOwnStudies();
  if (error && !data) return <CouldNotLoad error={error} retry={() => void refetch()} />;
  if (!data || data.studies.length === 0) return null;
  return (
    <section className="card" aria-label={t('没有对应报告的影像')}>
      <h2>{t('没有对应报告的影像')}</h2>
      <ul className="plain">
        {data.studies.map(({ id, title, institutionZh, studiedAt, instances }) => (
          <li key={id}>
            <Link to="/me/studies/$study" params={{ study: id }}>
              <span className="report-title">{title}</span>
              <span className="soft">
                {institutionZh} {studiedAt} · {t('影像 {n} 幅', { n: instances })}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
};

/** 我的检查检验: what each hospital found out at each visit. Restricted classes come after a second tap. */
export const HomePage = () => {
  const { t } = useTranslation();
  const { actingFor } = useAccount();
  const { acting, person } = useSubject();
  const { data, error, refetch } = useOwnResults();
  return (
    <>
      <h1>{t('我的检查检验')}</h1>
      {!acting && actingFor.length > 0 && (
        <ul className="people" aria-label={t('为家人代办')}>
          {actingFor.map(({ id, person }) => (
            <li key={id}>
              <Link to="/me" search={{ for: person.person }}>
                {t('看 {name} 的结果', { name: person.name ?? '' })}
              </Link>
            </li>
          ))}
        </ul>
      )}
      <Notifications key={person ?? ''} />
      {error && !data && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在读取结果')} />}
      {data && (
        <>
          <SecondTap restricted={data.restricted} />
          <Visits history={data.history} />
          <Unreported />
        </>
      )}
      <p className="soft">{t('结果的含义请咨询医生。')}</p>
    </>
  );
};
