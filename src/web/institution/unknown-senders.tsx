import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { CouldNotLoad, Loading } from '../kit/states.tsx';
import type { UnknownSendersAnswer } from '../wire/console.ts';
import { timeText } from './wording.ts';

/** What an operator types. What came over the network is never put into a command to be copied. */
const COMMANDS = `huren sender add CODE --institution CODE --application MSH-3 --facility MSH-4
huren quarantine replay --reason SENDER_UNKNOWN`;

const Table = ({ answer }: { readonly answer: UnknownSendersAnswer }) => {
  const { t } = useTranslation();
  return (
    <>
      <p>{t('这些系统的消息已整条隔离，不属于任何机构。核实来源后登记，再重放：')}</p>
      <pre className="code">{COMMANDS}</pre>
      <div className="scroll" tabIndex={0} role="region" aria-labelledby="unknown-senders">
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">MSH-3</th>
              <th scope="col">MSH-4</th>
              <th scope="col" className="number">
                {t('等待的消息')}
              </th>
              <th scope="col">{t('首次收到')}</th>
              <th scope="col">{t('最近收到')}</th>
            </tr>
          </thead>
          <tbody>
            {answer.senders.map(({ application, facility, messages, firstAt, lastAt }) => (
              <tr key={`${application}|${facility}`}>
                <td className="code">{application || t('未注明')}</td>
                <td className="code">{facility || t('未注明')}</td>
                <td className="number">{messages}</td>
                <td className="nowrap">{timeText(firstAt)}</td>
                <td className="nowrap">{timeText(lastAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {answer.truncated && <p>{t('还有更多，未列出。')}</p>}
    </>
  );
};

/** Senders that send and are not registered, for those who operate the platform: in no institution's list are they seen. */
export const UnknownSenders = () => {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['unknown-senders'],
    queryFn: ({ signal }) => call<UnknownSendersAnswer>('/api/console/unknown-senders', { signal }),
  });
  return (
    <section>
      <h2 id="unknown-senders">{t('未登记的发送系统')}</h2>
      {error && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在载入未登记的发送系统')} />}
      {data?.senders.length === 0 && <p>{t('没有未登记的发送系统发来消息')}</p>}
      {data && data.senders.length > 0 && <Table answer={data} />}
    </section>
  );
};
