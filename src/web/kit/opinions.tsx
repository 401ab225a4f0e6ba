import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OpinionRequest, OpinionsAnswer } from '../wire/consultation-opinion.ts';
import type { ReportAnswer } from '../wire/order-check-answer.ts';
import { timeText } from '../words.ts';
import { CallFailed, call, type Problem } from './calls.ts';
import { newKey } from './new-key.ts';

/** What doctors of other institutions say beside a report (会诊意见), each with name, institution and time. */
export const Opinions = ({
  opinions,
  version,
}: {
  readonly opinions: ReportAnswer['opinions'];
  /** The version that is shown: an opinion on an earlier one says so. */
  readonly version: number;
}) => {
  const { t, i18n } = useTranslation();
  if (opinions.length === 0) return null;
  return (
    <section className="opinions" aria-label={t('会诊意见')}>
      <h3>{t('会诊意见')}</h3>
      {opinions.map(({ id, text, doctor, institution, statedAt, reportVersion }) => (
        <article key={id}>
          <p className="body">{text}</p>
          <p className="sub">
            {i18n.language === 'en' ? institution.nameEn : institution.nameZh}　{doctor}　{timeText(statedAt)}
            {reportVersion !== version && t('（所见为第 {n} 版报告）', { n: reportVersion })}
          </p>
        </article>
      ))}
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
  readonly onKept: (opinions: ReportAnswer['opinions']) => void;
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
