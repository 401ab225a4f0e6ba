import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { CouldNotLoad } from '../kit/states.tsx';
import type { MessageAnswer, ReplayResult } from '../wire/console.ts';
import { useWords } from './wording.ts';

type Way = 'replay' | 'edited-replay' | 'discard';

interface Act {
  readonly way: Way;
  readonly reason: string;
  readonly text: string;
}

const Outcome = ({ result }: { readonly result: ReplayResult }) => {
  const { t } = useTranslation();
  const words = useWords();
  const isTaken = result.outcome === 'accepted' || result.outcome === 'duplicate';
  return (
    <Alert
      role="status"
      type={isTaken ? 'success' : 'error'}
      showIcon
      title={isTaken ? t('已受理，回执 {code}', { code: result.acknowledgement.code ?? '—' }) : t('仍未受理')}
      description={
        result.reason && (
          <>
            <span className="code">
              {result.reason.code} {result.reason.place}
            </span>{' '}
            {words(result.reason.text)}
          </>
        )
      }
    />
  );
};

/** Trying a quarantined message again, as sent or mended, or giving it up; always with a reason. */
export const Mending = ({
  message,
  changed,
}: {
  readonly message: MessageAnswer;
  readonly changed: () => void;
}) => {
  const { t } = useTranslation();
  const [way, setWay] = useState<Way | null>(null);
  const [reason, setReason] = useState('');
  const [text, setText] = useState(message.editable?.replaceAll('\r', '\n') ?? '');
  const act = useMutation({
    mutationFn: async (asked: Act): Promise<ReplayResult | null> => {
      const address = `/api/console/messages/${message.id}`;
      if (asked.way === 'discard') {
        await call(`${address}/discards`, { body: { reason: asked.reason } });
        return null;
      }
      const body = { reason: asked.reason, ...(asked.way === 'edited-replay' ? { text: asked.text } : {}) };
      return call<ReplayResult>(`${address}/replays`, { body });
    },
    onSuccess: () => {
      setWay(null);
      changed();
    },
  });
  const choose = (chosen: Way): void => {
    act.reset();
    setReason('');
    setWay(chosen);
  };
  const marks = text.match(/⟪[0-9A-F]{2}⟫/g)?.length ?? 0;
  const titles = { replay: t('原样重放'), 'edited-replay': t('修改后重放'), discard: t('放弃此消息') };
  return (
    <section aria-label={t('处理')} className="mending">
      {act.data && <Outcome result={act.data} />}
      {message.state === 'open' && (
        <p>
          {(['replay', 'edited-replay', 'discard'] as const).map((one) => (
            <Button
              key={one}
              type={way === one ? 'primary' : 'default'}
              danger={one === 'discard'}
              aria-expanded={way === one}
              disabled={one === 'edited-replay' && message.editable === null}
              onClick={() => choose(one)}
            >
              {titles[one]}
            </Button>
          ))}
        </p>
      )}
      {way !== null && message.state === 'open' && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            act.mutate({ way, reason: reason.trim(), text });
          }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setWay(null);
          }}
        >
          {way === 'edited-replay' && (
            <>
              <label htmlFor="copy">{t('修改副本（原文保留）')}</label>
              <Input.TextArea
                id="copy"
                className="code"
                value={text}
                onChange={(event) => setText(event.target.value)}
                autoSize={{ minRows: 6, maxRows: 18 }}
                spellCheck={false}
              />
              {marks > 0 && (
                <p className="remark">
                  {t('还有 {n} 处 ⟪⟫ 标记的无法解码字节，请换成正确的文字。', { n: marks })}
                </p>
              )}
            </>
          )}
          <label htmlFor="reason">{t('原因（至少两个字，记入处理记录）')}</label>
          <Input
            id="reason"
            value={reason}
            maxLength={200}
            autoFocus
            onChange={(event) => setReason(event.target.value)}
          />
          <p>
            <Button
              type="primary"
              htmlType="submit"
              loading={act.isPending}
              disabled={reason.trim().length < 2 || (way === 'edited-replay' && marks > 0)}
            >
              {titles[way]}
            </Button>
            <Button onClick={() => setWay(null)}>{t('取消')} (Esc)</Button>
          </p>
          {act.error && <CouldNotLoad error={act.error} />}
        </form>
      )}
    </section>
  );
};
