import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { timeText } from '../words.ts';
import { useOwnResults } from './own.tsx';
import { SecondTap } from './second-tap.tsx';
import { CouldNotLoad, Loading, Nothing } from './states.tsx';
import { TrendView } from './trend-view.tsx';
import { flagWords, isGone } from './value-line.tsx';

/** The same test over time: every test with its newest value, in the order of a Chinese report. */
export const ItemsPage = () => {
  const { t, i18n } = useTranslation();
  const { data, error, refetch } = useOwnResults();
  const [wanted, setWanted] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  if (error && !data) return <CouldNotLoad error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what={t('正在读取结果')} />;
  const { history } = data;
  const trend = history.sections.flatMap(({ items }) => items).find(({ code }) => code === chosen);
  if (trend) return <TrendView history={history} item={trend} onClose={() => setChosen(null)} />;
  const search = wanted.trim().toLowerCase();
  const sections = history.sections
    .map(({ code, name, items }) => ({
      code,
      name,
      items: items.filter(
        ({ nameZh, nameEn, initials }) =>
          nameZh.includes(search) || nameEn.toLowerCase().includes(search) || initials.startsWith(search),
      ),
    }))
    .filter(({ items }) => items.length > 0);
  return (
    <>
      <h1>{t('按项目看')}</h1>
      <label className="search">
        {t('找项目（中文或拼音首字母）')}
        <input value={wanted} onChange={({ target }) => setWanted(target.value)} autoComplete="off" />
      </label>
      <SecondTap restricted={data.restricted} />
      {sections.length === 0 && (
        <Nothing what={search === '' ? t('还没有检验结果') : t('没有叫这个名字的项目')} />
      )}
      {sections.map(({ code, name, items }) => (
        <section className="card" key={code}>
          <h2>{i18n.language === 'en' ? name.en : name.zh}</h2>
          <ul className="plain">
            {items.map((item) => {
              const newest = item.points.find((point) => !isGone(point));
              const report = newest && history.reports[newest.report];
              const label = i18n.language === 'en' ? item.nameEn : item.nameZh;
              return (
                <li key={item.code}>
                  <button type="button" className="row" onClick={() => setChosen(item.code)}>
                    <span className="report-title">{label}</span>
                    {newest && (
                      <span>
                        <b>{newest.text}</b> <span className="unit">{newest.unit}</span>{' '}
                        <span className={`flag ${newest.flag ?? ''}`}>{flagWords(t, newest)}</span>
                      </span>
                    )}
                    <span className="soft">
                      {timeText(report?.collectedAt ?? report?.anchorAt ?? null, 'day')} ·{' '}
                      {t('共 {n} 次', { n: item.points.length })}
                    </span>
                  </button>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
      <p className="soft">{t('结果的含义请咨询医生。')}</p>
    </>
  );
};
