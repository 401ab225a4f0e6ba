import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import type { OverviewAnswer } from '../wire/console.ts';
import { call } from '../kit/calls.ts';
import { CouldNotLoad, Loading, Nothing } from '../kit/states.tsx';
import { useInstitution } from './console-frame.tsx';
import { LiveBar, useLive } from './live.tsx';
import { queryText, type Span } from './search.ts';
import { TrafficChart } from './traffic-chart.tsx';
import { timeText, useAgo, useItemName, useWords } from './wording.ts';

/** What came and what waits, as the server counts it. */
export const useOverview = (span: Span, refresh: number | false) => {
  const institution = useInstitution();
  return useQuery({
    queryKey: ['overview', institution, span],
    queryFn: ({ signal }) =>
      call<OverviewAnswer>(`/api/console/overview${queryText({ institution, span })}`, { signal }),
    refetchInterval: refresh,
    placeholderData: keepPreviousData,
  });
};

const Numbers = ({ overview }: { readonly overview: OverviewAnswer }) => {
  const { t } = useTranslation();
  const institution = useInstitution();
  const scope = institution === undefined ? {} : { institution };
  const { totals, quarantine, unmapped } = overview;
  return (
    <dl className="numbers">
      <div>
        <dt>{t('已受理')}</dt>
        <dd>
          <Link to="/institution/messages" search={{ ...scope, state: 'accepted' }}>
            {totals.accepted}
          </Link>
        </dd>
        <dd className="note">{t('所选时段内保存的消息')}</dd>
      </div>
      <div>
        <dt>{t('待处理的隔离消息')}</dt>
        <dd>
          <Link to="/institution/messages" search={{ ...scope, state: 'open' }}>
            {quarantine.open}
          </Link>
        </dd>
        <dd className="note">
          {t('所选时段新增 {n}；已重放 {resolved}，已放弃 {discarded}', {
            n: totals.quarantined,
            resolved: quarantine.resolved,
            discarded: quarantine.discarded,
          })}
        </dd>
      </div>
      <div>
        <dt>{t('重复')}</dt>
        <dd>{totals.duplicates}</dd>
        <dd className="note">{t('所选时段内再次收到的已受理消息；不重复保存')}</dd>
      </div>
      <div>
        <dt>{t('等待对码的结果')}</dt>
        <dd>
          <Link to="/institution/codes" search={scope}>
            {unmapped.results}
          </Link>
        </dd>
        <dd className="note">{t('涉及 {n} 个院内代码', { n: unmapped.codes })}</dd>
      </div>
    </dl>
  );
};

const Reasons = ({ overview }: { readonly overview: OverviewAnswer }) => {
  const { t } = useTranslation();
  const words = useWords();
  const institution = useInstitution();
  const scope = institution === undefined ? {} : { institution };
  return (
    <section>
      <h2 id="reasons">{t('待处理的原因')}</h2>
      {overview.reasons.length === 0 ? (
        <Nothing what={t('没有待处理的隔离消息')} />
      ) : (
        <div className="scroll" tabIndex={0} role="region" aria-labelledby="reasons">
          <table className="grid cards">
            <thead>
              <tr>
                <th scope="col">{t('原因')}</th>
                <th scope="col" className="number">
                  {t('消息数')}
                </th>
                <th scope="col">{t('最近一次')}</th>
              </tr>
            </thead>
            <tbody>
              {overview.reasons.map((reason) => (
                <tr key={reason.code}>
                  <th scope="row">
                    <Link
                      to="/institution/messages"
                      search={{ ...scope, state: 'open', reason: reason.code }}
                    >
                      {reason.code}
                    </Link>
                    <div className="note">{words(reason.text)}</div>
                  </th>
                  <td className="number" data-label={t('消息数')}>
                    {reason.messages}
                  </td>
                  <td className="nowrap" data-label={t('最近一次')}>
                    {timeText(reason.lastAt)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
};

const Senders = ({ overview }: { readonly overview: OverviewAnswer }) => {
  const { t } = useTranslation();
  const ago = useAgo();
  const institution = useInstitution();
  const scope = institution === undefined ? {} : { institution };
  return (
    <section>
      <h2 id="senders">{t('发送系统')}</h2>
      {overview.senders.length === 0 ? (
        <Nothing
          what={t('没有登记的发送系统')}
          whatToDo={t('请由平台运维人员用 huren sender add 登记 MSH-3 与 MSH-4。')}
        />
      ) : (
        <div className="scroll" tabIndex={0} role="region" aria-labelledby="senders">
          <table className="grid cards">
            <thead>
              <tr>
                <th scope="col">{t('系统')}</th>
                <th scope="col">{t('最近一条消息')}</th>
                <th scope="col" className="number">
                  {t('受理')}
                </th>
                <th scope="col" className="number">
                  {t('隔离')}
                </th>
                <th scope="col" className="number">
                  {t('重复')}
                </th>
                <th scope="col" className="number">
                  {t('待处理')}
                </th>
              </tr>
            </thead>
            <tbody>
              {overview.senders.map((sender) => (
                <tr key={sender.code}>
                  <th scope="row">
                    <Link to="/institution/messages" search={{ ...scope, sender: sender.code }}>
                      {sender.code}
                    </Link>
                  </th>
                  <td data-label={t('最近一条消息')}>
                    {sender.lastMessageAt === null ? (
                      t('从未收到')
                    ) : (
                      <>
                        {timeText(sender.lastMessageAt)}
                        <div className="note">{ago(sender.lastMessageAt, overview.asOf)}</div>
                      </>
                    )}
                  </td>
                  <td className="number" data-label={t('受理')}>
                    {sender.tally.accepted}
                  </td>
                  <td className="number" data-label={t('隔离')}>
                    {sender.tally.quarantined}
                  </td>
                  <td className="number" data-label={t('重复')}>
                    {sender.tally.duplicates}
                  </td>
                  <td className="number" data-label={t('待处理')}>
                    {sender.open}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
};

/** What came in the last hour, day or week, and what waits for somebody. */
export const OverviewPage = () => {
  const { t } = useTranslation();
  const nameOf = useItemName();
  const navigate = useNavigate();
  const { span = 'hour', institution } = useSearch({ from: '/institution' });
  const live = useLive();
  const { data, error, refetch } = useOverview(span, live.interval);
  const choose = (chosen: Span): void =>
    void navigate({
      to: '/institution',
      search: {
        ...(institution === undefined ? {} : { institution }),
        ...(chosen === 'hour' ? {} : { span: chosen }),
      },
    });
  return (
    <>
      <div className="title">
        <h1>{data ? nameOf(data.institution) : t('总览')}</h1>
        <Segmented<Span>
          aria-label={t('统计时段')}
          value={span}
          onChange={choose}
          options={[
            { value: 'hour', label: t('近 1 小时') },
            { value: 'day', label: t('近 24 小时') },
            { value: 'week', label: t('近 7 天') },
          ]}
        />
        <LiveBar live={live} asOf={data?.asOf} />
      </div>
      {error && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在统计')} />}
      {data && (
        <>
          <Numbers overview={data} />
          <TrafficChart overview={data} />
          <div className="columns">
            <Reasons overview={data} />
            <Senders overview={data} />
          </div>
        </>
      )}
    </>
  );
};
