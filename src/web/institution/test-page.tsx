import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Input, Select } from 'antd';
import { type ChangeEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { Watermark } from '../kit/frame.tsx';
import { CouldNotLoad, Loading } from '../kit/states.tsx';
import type { MessageTestAnswer } from '../wire/console.ts';
import {
  Acknowledgement,
  FieldsBesideBytes,
  Hints,
  PersonDecision,
  Refusals,
  Results,
} from './annotated-view.tsx';
import { useInstitution } from './console-frame.tsx';
import { useOverview } from './overview-page.tsx';
import { timeText } from './wording.ts';

interface Sent {
  readonly text?: string;
  readonly base64?: string;
  readonly sender?: string;
}

const Outcome = ({ answer }: { readonly answer: MessageTestAnswer }) => {
  const { t } = useTranslation();
  const isTaken = answer.outcome === 'accepted' || answer.outcome === 'duplicate';
  const titles = {
    accepted: t('会被受理'),
    duplicate: t('会被当作重复消息：内容此前已受理'),
    quarantined: t('会被隔离'),
    refused: t('会被拒收'),
  };
  return (
    <Alert
      role="status"
      type={isTaken ? 'success' : 'error'}
      showIcon
      title={titles[answer.outcome]}
      description={
        <>
          {t('什么都没有保存。')} {t('来源系统')}：{answer.sender ?? t('未登记')}　{t('患者')}：
          <PersonDecision person={answer.person} />
        </>
      }
    />
  );
};

const Answer = ({ answer }: { readonly answer: MessageTestAnswer }) => {
  const { t } = useTranslation();
  const { annotated } = answer;
  return (
    <>
      <Outcome answer={answer} />
      <Refusals annotated={annotated} />
      <section aria-labelledby="answer">
        <h2 id="answer">{t('会得到的回执')}</h2>
        <Acknowledgement answer={answer.acknowledgement} />
      </section>
      {annotated.hints.length > 0 && (
        <section aria-labelledby="hints">
          <h2 id="hints">{t('接入检查')}</h2>
          <Hints annotated={annotated} />
        </section>
      )}
      {annotated.reports.length > 0 && (
        <section aria-labelledby="results">
          <h2 id="results">{t('读到的结果')}</h2>
          <Results annotated={annotated} />
        </section>
      )}
      <FieldsBesideBytes annotated={annotated} />
      <Watermark purpose={t('接口维护')} at={timeText(new Date().toISOString())} />
    </>
  );
};

const base64Of = async (file: File): Promise<string> => {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
};

/** Trying a message without storing it: the reading and the answer it would get. */
export const TestPage = () => {
  const { t } = useTranslation();
  const institution = useInstitution();
  const [text, setText] = useState('');
  const [sender, setSender] = useState<string>();
  const [fileName, setFileName] = useState<string>();
  const file = useRef<HTMLInputElement>(null);
  const { data: overview } = useOverview('hour', false);
  const test = useMutation({
    mutationFn: (sent: Sent) =>
      call<MessageTestAnswer>('/api/console/message-tests', {
        body: { ...(institution === undefined ? {} : { institution }), ...sent },
      }),
  });
  const as = sender === undefined ? {} : { sender };
  const submit = (): void => {
    if (text.trim() !== '' && !test.isPending) test.mutate({ text, ...as });
  };
  const upload = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const [chosen] = event.target.files ?? [];
    if (!chosen) return;
    setFileName(chosen.name);
    test.mutate({ base64: await base64Of(chosen), ...as });
    event.target.value = '';
  };
  return (
    <>
      <div className="title">
        <h1>{t('试读消息')}</h1>
      </div>
      <p className="lead">
        {t(
          '粘贴或上传一条 HL7 v2 消息：看到的就是正式接收时的理解与回执；试读后全部撤销，只记录有人做过试读。',
        )}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <label htmlFor="message">{t('消息')}</label>
        <Input.TextArea
          id="message"
          className="code"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
          }}
          autoSize={{ minRows: 6, maxRows: 16 }}
          spellCheck={false}
          placeholder="MSH|^~\&|…"
        />
        <p className="filters">
          <Select
            aria-label={t('按哪个系统读取')}
            placeholder={t('按 MSH-3、MSH-4 识别')}
            allowClear
            value={sender ?? null}
            onChange={(chosen) => setSender(chosen ?? undefined)}
            options={(overview?.senders ?? []).map(({ code }) => ({ value: code, label: code }))}
            style={{ minWidth: 200 }}
          />
          <Button type="primary" htmlType="submit" loading={test.isPending} disabled={text.trim() === ''}>
            {t('试读')} (Ctrl+Enter)
          </Button>
          <Button onClick={() => file.current?.click()}>{t('上传文件')}</Button>
          <input
            ref={file}
            type="file"
            accept=".hl7,.txt,text/plain"
            hidden
            aria-label={t('上传文件')}
            onChange={(event) => void upload(event)}
          />
          {fileName !== undefined && <span className="note">{fileName}</span>}
        </p>
      </form>
      {test.isPending && <Loading what={t('正在试读')} />}
      {test.error && <CouldNotLoad error={test.error} />}
      {test.data && <Answer answer={test.data} />}
    </>
  );
};
