import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OpinionRequest, OpinionsAnswer, OpinionWithdrawal } from '../wire/consultation-opinion.ts';
import type { OpinionAnswer } from '../wire/order-check-answer.ts';
import { timeText } from '../words.ts';
import { CallFailed, call, type Problem } from './calls.ts';
import { newKey } from './new-key.ts';

const Signature = ({ opinion, version }: { readonly opinion: OpinionAnswer; readonly version: number }) => {
  const { t, i18n } = useTranslation();
  const { institution, doctor, statedAt, reportVersion } = opinion;
  return (
    <>
      {i18n.language === 'en' ? institution.nameEn : institution.nameZh}　{doctor && `${doctor}　`}
      {timeText(statedAt)}
      {reportVersion !== version && t('（所见为第 {n} 版报告）', { n: reportVersion })}
    </>
  );
};

/** An opinion that was taken back: in its place, folded, struck, with who did it, when and why. */
const Withdrawn = ({
  opinion,
  withdrawal: { withdrawnAt, by, reason },
  version,
}: {
  readonly opinion: OpinionAnswer;
  readonly withdrawal: NonNullable<OpinionAnswer['withdrawal']>;
  readonly version: number;
}) => {
  const { t } = useTranslation();
  const heading = (
    <>
      <b>{t('已撤回')}</b>　<Signature opinion={opinion} version={version} />
    </>
  );
  if (by === null)
    return (
      <article className="withdrawn">
        <p className="sub">{heading}</p>
        <p className="sub">
          {t('这条会诊意见已于 {at} 撤回，内容不再显示。', { at: timeText(withdrawnAt) })}
        </p>
      </article>
    );
  return (
    <article className="withdrawn">
      <details>
        <summary>{heading}</summary>
        <p className="body">
          <s>{opinion.text}</s>
        </p>
        <p className="sub">
          {t('{by} 于 {at} 撤回，理由：{reason}', { by, at: timeText(withdrawnAt), reason: reason ?? '' })}
        </p>
      </details>
    </article>
  );
};

/** By which a doctor takes his own opinion back: he says why, and confirms. */
const WithdrawalForm = ({
  address,
  onKept,
  onLeft,
}: {
  readonly address: string;
  readonly onKept: (opinions: readonly OpinionAnswer[]) => void;
  readonly onLeft: () => void;
}) => {
  const { t, i18n } = useTranslation();
  const [reason, setReason] = useState('');
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const send = async (): Promise<void> => {
    setSending(true);
    setProblem(null);
    try {
      const body: OpinionWithdrawal = { reason };
      onKept((await call<OpinionsAnswer>(address, { body })).opinions);
    } catch (error) {
      setSending(false);
      if (!(error instanceof CallFailed)) throw error;
      setProblem(error.problem);
    }
  };
  return (
    <form
      className="opinion-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== '') void send();
      }}
    >
      <p className="sub">{t('撤回不能恢复：原文保留并标明“已撤回”，患者只看到有一条意见已撤回。')}</p>
      <label>
        {t('撤回理由')}
        <textarea
          ref={field}
          rows={2}
          maxLength={500}
          required
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
      </label>
      {problem && (
        <p role="alert">
          {t('未能撤回：')}
          {i18n.language === 'en' ? problem.en : problem.zh}
        </p>
      )}
      <button type="submit" disabled={isSending}>
        {t('确认撤回')}
      </button>{' '}
      <button type="button" disabled={isSending} onClick={onLeft}>
        {t('不撤回')}
      </button>
    </form>
  );
};

const Standing = ({
  opinion,
  version,
  withdrawing,
}: {
  readonly opinion: OpinionAnswer;
  readonly version: number;
  /** null where nothing can be withdrawn from. */
  readonly withdrawing: Pick<Parameters<typeof WithdrawalForm>[0], 'address' | 'onKept'> | null;
}) => {
  const { t } = useTranslation();
  const [isAsked, setAsked] = useState(false);
  return (
    <article>
      <p className="body">{opinion.text}</p>
      <p className="sub">
        <Signature opinion={opinion} version={version} />
      </p>
      {withdrawing &&
        opinion.mayWithdraw &&
        (isAsked ? (
          <WithdrawalForm {...withdrawing} onLeft={() => setAsked(false)} />
        ) : (
          <p className="opinion-form">
            <button type="button" onClick={() => setAsked(true)}>
              {t('撤回这条意见')}
            </button>
          </p>
        ))}
    </article>
  );
};

/** What doctors of other institutions say beside a report (会诊意见), each with name, institution and time. */
export const Opinions = ({
  opinions,
  version,
  report = null,
  onChanged = () => undefined,
}: {
  readonly opinions: readonly OpinionAnswer[];
  /** The version that is shown: an opinion on an earlier one says so. */
  readonly version: number;
  /** The report, where a doctor who signed in may take back what is his; null elsewhere. */
  readonly report?: string | null;
  /** Told of all opinions once one of them was withdrawn. */
  readonly onChanged?: (opinions: OpinionAnswer[]) => void;
}) => {
  const { t } = useTranslation();
  if (opinions.length === 0) return null;
  const keep = (changed: readonly OpinionAnswer[]): void =>
    onChanged(opinions.map((each) => changed.find(({ id }) => id === each.id) ?? each));
  return (
    <section className="opinions" aria-label={t('会诊意见')}>
      <h3>{t('会诊意见')}</h3>
      {opinions.map((opinion) =>
        opinion.withdrawal ? (
          <Withdrawn key={opinion.id} opinion={opinion} withdrawal={opinion.withdrawal} version={version} />
        ) : (
          <Standing
            key={opinion.id}
            opinion={opinion}
            version={version}
            withdrawing={
              report === null
                ? null
                : { address: `/api/reports/${report}/opinions/${opinion.id}/withdrawal`, onKept: keep }
            }
          />
        ),
      )}
      <p className="sub">{t('会诊意见由本条署名医师负责，不改动原报告。')}</p>
    </section>
  );
};

/** By which a signed-in doctor adds an opinion. What was written stays in the form until it is kept. */
export const OpinionForm = ({
  report,
  onKept,
}: {
  readonly report: string;
  readonly onKept: (opinions: OpinionAnswer[]) => void;
}) => {
  const { t, i18n } = useTranslation();
  const [text, setText] = useState('');
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  // Of one text, however often it has to be sent.
  const key = useRef<string | null>(null);
  const send = async (): Promise<void> => {
    setSending(true);
    setProblem(null);
    try {
      const body: OpinionRequest = { text };
      key.current ??= newKey();
      const headers = { 'idempotency-key': key.current };
      const { opinions } = await call<OpinionsAnswer>(`/api/reports/${report}/opinions`, { body, headers });
      key.current = null;
      setText('');
      onKept(opinions);
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      setProblem(error.problem);
    } finally {
      setSending(false);
    }
  };
  return (
    <form
      className="opinion-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') void send();
      }}
    >
      <label htmlFor={`opinion-${report}`}>{t('会诊意见（不改动原报告）')}</label>
      <textarea
        id={`opinion-${report}`}
        rows={3}
        maxLength={4000}
        required
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      {problem && (
        <p role="alert">
          {t('未能保存，内容仍在框内：')}
          {i18n.language === 'en' ? problem.en : problem.zh}
        </p>
      )}
      <button type="submit" disabled={isSending}>
        {t('添加会诊意见')}
      </button>
    </form>
  );
};
