import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import type { OwnRepeats } from '../wire/own-data.ts';
import { timeText } from '../words.ts';
import { ownQuery, useRestricted, useSubject } from './own.tsx';
import { CouldNotLoad, Loading, Nothing } from './states.tsx';

type Repeat = OwnRepeats['repeats'][number];

/** Earlier results by where and when they were made, so that this is read once. */
const bySource = (prior: Repeat['prior']) => {
  const sources = new Map<string, Repeat['prior']>();
  for (const result of prior) {
    const source = `${result.institutionZh} ${result.atText}`;
    sources.set(source, [...(sources.get(source) ?? []), result]);
  }
  return [...sources];
};

const RepeatCard = ({ repeat }: { readonly repeat: Repeat }) => {
  const { t } = useTranslation();
  return (
    <section className="card">
      <h2>{repeat.itemZh}</h2>
      <p className="soft">
        {timeText(repeat.decidedAt, 'day')} {repeat.institutionZh} {repeat.departmentZh}
      </p>
      <dl className="facts">
        <dt>{t('原因')}</dt>
        <dd>{repeat.plainZh.join('') || repeat.reasonZh || t('医生没有写明原因')}</dd>
        {repeat.purposeZh && (
          <>
            <dt>{t('复检目的')}</dt>
            <dd>{repeat.purposeZh}</dd>
          </>
        )}
        {repeat.necessityZh && (
          <>
            <dt>{t('必要性')}</dt>
            <dd>{repeat.necessityZh}</dd>
          </>
        )}
        {repeat.prior.length > 0 && (
          <>
            <dt>{t('以前的结果')}</dt>
            <dd>
              {bySource(repeat.prior).map(([source, results]) => (
                <span className="prior" key={source}>
                  {source}：{results.map(({ itemZh, valueZh }) => `${itemZh} ${valueZh}`).join('、')}
                </span>
              ))}
            </dd>
          </>
        )}
        <dt>{t('依据')}</dt>
        <dd>
          {repeat.reasonZh}
          <span className="prior soft">{repeat.basisZh}</span>
        </dd>
      </dl>
      {repeat.notice && (
        <details>
          <summary>{repeat.notice.titleZh}</summary>
          <dl className="facts">
            {repeat.notice.lines.map(({ labelZh, textZh }) => (
              <div key={labelZh}>
                <dt>{labelZh}</dt>
                <dd>{textZh}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </section>
  );
};

/** 为什么又做了一次: the doctor's reason in plain words, with the rule that it comes from. */
export const RepeatsPage = () => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const [restricted] = useRestricted();
  const { data, error, refetch } = useQuery({
    queryKey: ['repeats', person ?? null, restricted ?? null],
    queryFn: ({ signal }) =>
      call<OwnRepeats>(`/api/own/repeats${ownQuery(person, { restricted })}`, { signal }),
  });
  return (
    <>
      <h1>{t('为什么又做了一次')}</h1>
      <p className="soft">{t('以前做过的项目，医生会先看能不能互认。医生认为需要再做的，原因写在这里。')}</p>
      {error && !data && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在读取')} />}
      {data?.repeats.length === 0 && <Nothing what={t('没有重做的记录')} />}
      {data?.repeats.map((repeat) => (
        <RepeatCard key={repeat.id} repeat={repeat} />
      ))}
      <p className="soft">{t('仍有疑问，请向接诊医生或医院医务科询问。')}</p>
    </>
  );
};
