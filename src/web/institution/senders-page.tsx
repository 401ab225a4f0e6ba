import { useTranslation } from 'react-i18next';
import { CouldNotLoad, Loading, Nothing } from '../kit/states.tsx';
import { LiveBar, useLive } from './live.tsx';
import { useOverview } from './overview-page.tsx';
import { timeText, useAgo } from './wording.ts';

/** The systems that send, with how each is known and read. */
export const SendersPage = () => {
  const { t } = useTranslation();
  const ago = useAgo();
  const live = useLive();
  const { data, error, refetch } = useOverview('day', live.interval);
  return (
    <>
      <div className="title">
        <h1>{t('发送系统')}</h1>
        <LiveBar live={live} asOf={data?.asOf} />
      </div>
      {error && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在载入发送系统')} />}
      {data?.senders.length === 0 && (
        <Nothing
          what={t('没有登记的发送系统')}
          whatToDo={t('请由平台运维人员用 huren sender add 登记 MSH-3 与 MSH-4。')}
        />
      )}
      {data?.senders.map((sender) => (
        <section key={sender.code} aria-labelledby={`sender-${sender.code}`}>
          <h2 id={`sender-${sender.code}`}>{sender.code}</h2>
          <dl className="facts">
            <div>
              <dt>{t('最近一条消息')}</dt>
              <dd>
                {sender.lastMessageAt === null
                  ? t('从未收到')
                  : `${timeText(sender.lastMessageAt)}（${ago(sender.lastMessageAt, data.asOf)}）`}
              </dd>
            </div>
            <div>
              <dt>{t('近 24 小时')}</dt>
              <dd>{t('受理 {accepted}，隔离 {quarantined}，重复 {duplicates}', sender.tally)}</dd>
            </div>
            <div>
              <dt>MSH-3</dt>
              <dd className="code">{sender.application}</dd>
            </div>
            <div>
              <dt>MSH-4</dt>
              <dd className="code">{sender.facility}</dd>
            </div>
            <div>
              <dt>{t('MSH-18 为空时的字符集')}</dt>
              <dd>{sender.charset}</dd>
            </div>
            <div>
              <dt>{t('未写偏移时的时区')}</dt>
              <dd>{sender.zone}</dd>
            </div>
            <div>
              <dt>{t('重复使用消息编号')}</dt>
              <dd>{sender.reusesControlIds ? t('是，按内容去重') : t('否')}</dd>
            </div>
            <div>
              <dt>{t('约定')}</dt>
              <dd className="code">
                {Object.keys(sender.dialect).length === 0 ? t('无') : JSON.stringify(sender.dialect)}
              </dd>
            </div>
          </dl>
        </section>
      ))}
    </>
  );
};
