import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { Watermark } from '../kit/frame.tsx';
import { CouldNotLoad, Loading } from '../kit/states.tsx';
import type { MessageAnswer } from '../wire/console.ts';
import {
  Acknowledgement,
  FieldsBesideBytes,
  Hints,
  PersonDecision,
  Refusals,
  Results,
} from './annotated-view.tsx';
import { useInstitution } from './console-frame.tsx';
import { Mending } from './mending.tsx';
import { MessageState } from './state-tag.tsx';
import { timeText } from './wording.ts';

const Facts = ({ message }: { readonly message: MessageAnswer }) => {
  const { t } = useTranslation();
  const facts = [
    [t('状态'), <MessageState key="state" state={message.state} />],
    [t('接收时间'), timeText(message.receivedAt)],
    [t('来源系统'), message.sender ?? t('未登记')],
    [t('消息类型'), message.type ?? '—'],
    [
      t('消息编号'),
      <span key="id" className="code">
        {message.controlId ?? '—'}
      </span>,
    ],
    [t('收到次数'), message.arrivals],
    [t('重放次数'), message.attempts],
    [t('患者'), <PersonDecision key="person" person={message.person} />],
  ] as const;
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
};

const Acts = ({ acts }: { readonly acts: MessageAnswer['acts'] }) => {
  const { t } = useTranslation();
  const kinds = { replay: t('原样重放'), 'edited-replay': t('修改后重放'), discard: t('放弃') };
  const outcomes: Readonly<Record<string, string>> = {
    accepted: t('已受理'),
    duplicate: t('重复'),
    quarantined: t('仍被隔离'),
    refused: t('未能保存'),
    discarded: t('已放弃'),
  };
  return (
    <ol className="acts">
      {acts.map((act) => (
        <li key={act.id}>
          {timeText(act.at)} · {act.actor} · {kinds[act.kind]} ·{' '}
          {act.outcome === null ? t('未完成') : (outcomes[act.outcome] ?? act.outcome)} {act.reasonCode}{' '}
          {act.place}
          <div>{act.reason}</div>
          {act.text !== null && (
            <details>
              <summary>{t('查看修改后的副本')}</summary>
              <pre className="raw scroll">{act.text.replaceAll('\r', '\n')}</pre>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
};

/** One message: what was sent beside what we understood, and what can be done about it. */
export const MessagePage = () => {
  const { t } = useTranslation();
  const { id } = useParams({ from: '/institution/messages/$id' });
  const institution = useInstitution();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['message', id],
    queryFn: ({ signal }) => call<MessageAnswer>(`/api/console/messages/${id}`, { signal }),
    // Each opening is on record, so nothing opens it again by itself.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const changed = (): void => {
    void queries.invalidateQueries({ queryKey: ['messages'] });
    void queries.invalidateQueries({ queryKey: ['overview'] });
    void refetch();
  };
  return (
    <>
      <div className="title">
        <h1>{t('消息详情')}</h1>
        <Link to="/institution/messages" search={institution === undefined ? {} : { institution }}>
          {t('返回消息列表')}
        </Link>
      </div>
      {error && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在打开消息')} />}
      {data && (
        <>
          <Facts message={data} />
          {data.isMasked && (
            <Alert
              type="info"
              showIcon
              title={t('内容已遮蔽：平台运维只看消息的结构与错误位置，不看患者与结果')}
              description={t('可原样重放或放弃；需要修改内容时，请发送机构的信息科处理。')}
            />
          )}
          <Refusals annotated={data.annotated} />
          <Mending message={data} changed={changed} />
          {data.annotated.reports.length > 0 && (
            <section aria-labelledby="results">
              <h2 id="results">{t('读到的结果')}</h2>
              <Results annotated={data.annotated} />
            </section>
          )}
          <FieldsBesideBytes annotated={data.annotated} />
          <section aria-labelledby="answer">
            <h2 id="answer">{t('回执')}</h2>
            <Acknowledgement answer={data.acknowledgement} />
          </section>
          {data.annotated.hints.length > 0 && (
            <section aria-labelledby="hints">
              <h2 id="hints">{t('接入检查')}</h2>
              <Hints annotated={data.annotated} />
            </section>
          )}
          {data.acts.length > 0 && (
            <section aria-labelledby="acts">
              <h2 id="acts">{t('处理记录')}</h2>
              <Acts acts={data.acts} />
            </section>
          )}
          <Watermark purpose={t('接口维护')} at={timeText(new Date().toISOString())} />
        </>
      )}
    </>
  );
};
