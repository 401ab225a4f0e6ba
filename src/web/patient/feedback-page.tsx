import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import Button from 'antd-mobile/es/components/button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { CORRECTION_KIND_WORDS, CORRECTION_STATE_WORDS, CORRECTION_STEP_WORDS } from '../correction-words.ts';
import type { CorrectionAnswer, CorrectionList } from '../wire/correction.ts';
import { timeText } from '../words.ts';
import { ownQuery, requestKey, useOwnResults, useSubject } from './own.tsx';
import { CouldNotLoad, Loading, Nothing } from './states.tsx';

type Kind = CorrectionAnswer['kind'];

const KINDS = Object.keys(CORRECTION_KIND_WORDS) as Kind[];

/** The ticket as JSON, or as a form where a photo goes along. */
const bodyOf = (stated: Readonly<Record<string, string | number>>, photo: File | null): unknown => {
  if (!photo) return stated;
  const form = new FormData();
  for (const [name, value] of Object.entries(stated)) form.append(name, String(value));
  form.append('photo', photo);
  return form;
};

/** What is wrong with which value; `wrong-person` takes the report out of every decision at once. */
const ReportError = ({
  report,
  ordinal,
  onSent,
}: {
  readonly report: string;
  readonly ordinal: number | undefined;
  readonly onSent: () => void;
}) => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const { data } = useOwnResults();
  const queries = useQueryClient();
  const [kind, setKind] = useState<Kind>('wrong-value');
  const [text, setText] = useState('');
  const [photo, setPhoto] = useState<File | null>(null);
  const [key] = useState(() => requestKey());
  const send = useMutation({
    mutationFn: () =>
      call<CorrectionAnswer>(`/api/own/corrections${ownQuery(person)}`, {
        body: bodyOf({ report, kind, text, ...(ordinal === undefined ? {} : { ordinal }) }, photo),
        headers: { 'idempotency-key': key },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['corrections'] });
      await queries.invalidateQueries({ queryKey: ['results'] });
    },
  });
  const place = data?.history.reports.findIndex(({ id }) => id === report) ?? -1;
  const item = data?.history.sections
    .flatMap(({ items }) => items)
    .find(({ points }) => points.some((point) => point.report === place && point.ordinal === ordinal));
  if (send.data)
    return (
      <section className="card" role="status">
        <h2>{t('已提交')}</h2>
        <p>
          {t('编号 {ticket}，出具报告的医院会核实，每一步都会显示在这里。', { ticket: send.data.ticket })}
        </p>
        <Button onClick={onSent}>{t('看我的反馈')}</Button>
      </section>
    );
  return (
    <section className="card">
      <h2>
        {data?.history.reports[place]?.title} {ordinal === undefined ? t('整份报告') : item?.nameZh}
      </h2>
      <fieldset>
        <legend>{t('哪里有误')}</legend>
        {KINDS.map((each) => (
          <label key={each}>
            <input type="radio" name="kind" checked={each === kind} onChange={() => setKind(each)} />
            {t(each === 'wrong-person' ? '不是我的结果' : CORRECTION_KIND_WORDS[each])}
          </label>
        ))}
      </fieldset>
      {kind === 'wrong-person' && (
        <p className="note">{t('提交后，这份报告立即停止用于互认判断，直到核实清楚。')}</p>
      )}
      <label className="field">
        {kind === 'other' ? t('请写明问题') : t('想说明的情况（可不填）')}
        <textarea rows={4} maxLength={1_000} value={text} onChange={({ target }) => setText(target.value)} />
      </label>
      <label className="field">
        {t('照片（可不附，如报告单）')}
        <input
          type="file"
          accept="image/jpeg,image/png"
          onChange={({ target }) => setPhoto(target.files?.[0] ?? null)}
        />
      </label>
      {send.error && <CouldNotLoad error={send.error} />}
      <Button block color="primary" loading={send.isPending} onClick={() => send.mutate()}>
        {t('提交')}
      </Button>
    </section>
  );
};

/** One ticket: where it stands, each step, and what may be done about it now. */
const Ticket = ({ ticket }: { readonly ticket: CorrectionAnswer }) => {
  const { t, i18n } = useTranslation();
  const { person } = useSubject();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const step = useMutation({
    mutationFn: (taken: 'reply' | 'follow-up') =>
      call<CorrectionAnswer>(`/api/own/corrections/${ticket.id}/steps${ownQuery(person)}`, {
        body: { step: taken, seen: ticket.history.at(-1)?.place ?? 1, text },
        headers: { 'idempotency-key': requestKey() },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['corrections'] }),
  });
  return (
    <section className="card">
      <h2>
        {ticket.title} <span className="tag">{t(CORRECTION_STATE_WORDS[ticket.state])}</span>
      </h2>
      <p className="soft">
        {ticket.ticket} · {ticket.institution.nameZh} · {t(CORRECTION_KIND_WORDS[ticket.kind])}
      </p>
      {ticket.text && <p>{ticket.text}</p>}
      <ol>
        {ticket.history.map((each) => (
          <li key={each.place}>
            {timeText(each.at)} {t(CORRECTION_STEP_WORDS[each.step])}
            {each.reason && <>：{i18n.language === 'en' ? each.reason.en : each.reason.zh}</>}
            {each.text && <span className="prior">{each.text}</span>}
          </li>
        ))}
      </ol>
      {step.error && <CouldNotLoad error={step.error} />}
      {ticket.steps.includes('reply') && (
        <>
          <label className="field">
            {t('答复医院的询问')}
            <textarea
              rows={3}
              maxLength={1_000}
              value={text}
              onChange={({ target }) => setText(target.value)}
            />
          </label>
          <Button loading={step.isPending} onClick={() => step.mutate('reply')}>
            {t('答复')}
          </Button>
        </>
      )}
      {ticket.steps.includes('follow-up') && (
        <Button loading={step.isPending} onClick={() => step.mutate('follow-up')}>
          {t('我已知晓处理结果')}
        </Button>
      )}
    </section>
  );
};

/** 报错 from any value, and 我的反馈 with where each ticket stands. */
export const FeedbackPage = () => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const { report, ordinal } = useSearch({ from: '/me/feedback' });
  const [sent, setSent] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ['corrections', person ?? null],
    queryFn: ({ signal }) => call<CorrectionList>(`/api/own/corrections${ownQuery(person)}`, { signal }),
    staleTime: 0,
  });
  const about = `${report}/${ordinal}`;
  if (report !== undefined && sent !== about)
    return (
      <>
        <p>
          <Link to="/me/reports/$report" params={{ report }}>
            ‹ {t('报告')}
          </Link>
        </p>
        <h1>{t('结果有误？')}</h1>
        <ReportError key={about} report={report} ordinal={ordinal} onSent={() => setSent(about)} />
      </>
    );
  return (
    <>
      <h1>{t('我的反馈')}</h1>
      {error && !data && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在读取')} />}
      {data?.corrections.length === 0 && (
        <Nothing what={t('还没有反馈')}>
          <p className="soft">{t('结果有误时，打开那份报告，点“有误？”。')}</p>
        </Nothing>
      )}
      {data?.corrections.map((ticket) => (
        <Ticket key={ticket.id} ticket={ticket} />
      ))}
    </>
  );
};
