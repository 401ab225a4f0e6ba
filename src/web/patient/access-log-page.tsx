import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import Button from 'antd-mobile/es/components/button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import type { AccessLogAnswer, AccessLogLine, AccessReportAnswer } from '../wire/access-log.ts';
import { timeText } from '../words.ts';
import { ownQuery, useSubject } from './own.tsx';
import { CouldNotLoad, Loading, Nothing } from './states.tsx';

type Reported = NonNullable<AccessLogLine['reported']>;

const REPORT_WORDS: Readonly<Record<Reported['state'], string>> = {
  open: '已反映，医院正在核查',
  'follow-up': '已反映，医院正在跟进',
  closed: '已核查',
};

const OUTCOME_WORDS: Readonly<Record<NonNullable<Reported['outcome']>, string>> = {
  justified: '医院认为这次查看有正当理由',
  'not-justified': '医院确认这次查看不应发生',
};

/** 这不是我本次就医，我要反映: two taps and, if wanted, a few words. */
const ReportLine = ({ line }: { readonly line: AccessLogLine }) => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const report = useMutation({
    mutationFn: () =>
      call<AccessReportAnswer>(`/api/own/access-log/${line.id}/reports${ownQuery(person)}`, {
        body: { text },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['access-log'] }),
  });
  if (line.reported)
    return (
      <p className="note">
        {t(REPORT_WORDS[line.reported.state])}
        {line.reported.outcome && <>：{t(OUTCOME_WORDS[line.reported.outcome])}</>}
      </p>
    );
  if (!open) return <Button onClick={() => setOpen(true)}>{t('这不是我本次就医，我要反映')}</Button>;
  return (
    <>
      <label className="field">
        {t('想说明的情况（可不填）')}
        <textarea rows={3} maxLength={500} value={text} onChange={({ target }) => setText(target.value)} />
      </label>
      {report.error && <CouldNotLoad error={report.error} />}
      <p className="acts">
        <Button color="primary" loading={report.isPending} onClick={() => report.mutate()}>
          {t('提交')}
        </Button>
        <Button onClick={() => setOpen(false)}>{t('取消')}</Button>
      </p>
    </>
  );
};

const Line = ({ line }: { readonly line: AccessLogLine }) => {
  const { t, i18n } = useTranslation();
  const worded = ({ zh, en }: { zh: string; en: string }): string => (i18n.language === 'en' ? en : zh);
  const who = [line.institution?.nameZh, line.department, worded(line.role.text), line.name]
    .filter(Boolean)
    .join(' ');
  return (
    <li className="card">
      <h2>
        <time>{timeText(line.lastAt)}</time>
      </h2>
      <p>
        {who}
        {line.emergency && <span className="tag">{t('急救调阅')}</span>}
        {line.unfamiliar && <span className="tag">{t('不认识的')}</span>}
        {line.refused && <span className="tag">{t('未获准，没有看到')}</span>}
      </p>
      <p>
        {worded(line.purpose.text)}：{line.what.map(({ text }) => worded(text)).join('、')}
        {line.count > 1 && <span className="soft"> {t('同一次查看，共 {n} 条记录', { n: line.count })}</span>}
      </p>
      {line.visit && (
        <p className="soft">
          {t('就诊')} {timeText(line.visit.at)} {line.visit.number}
        </p>
      )}
      {line.emergency && (
        <p className="note">{t('医生说明了紧急理由才打开，事后由专人复核，结果会告诉您。')}</p>
      )}
      {line.kind === 'person' && <ReportLine line={line} />}
    </li>
  );
};

/** 谁看过我的结果: every look and every refusal, told in the patient's words. */
export const AccessLogPage = () => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const [filter, setFilter] = useState<'all' | 'unfamiliar'>('all');
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['access-log', person ?? null, filter],
    queryFn: ({ pageParam, signal }) =>
      call<AccessLogAnswer>(`/api/own/access-log${ownQuery(person, { filter, before: pageParam })}`, {
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
  });
  const lines = data?.pages.flatMap((page) => page.lines) ?? [];
  const retiredBefore = data?.pages.at(-1)?.retiredBefore ?? null;
  return (
    <>
      <h1>{t('谁看过我的结果')}</h1>
      <fieldset>
        <legend>{t('显示')}</legend>
        <label>
          <input type="radio" name="filter" checked={filter === 'all'} onChange={() => setFilter('all')} />
          {t('全部')}
        </label>
        <label>
          <input
            type="radio"
            name="filter"
            checked={filter === 'unfamiliar'}
            onChange={() => setFilter('unfamiliar')}
          />
          {t('只看不认识的（没有在那里就诊过）')}
        </label>
      </fieldset>
      {error && !data && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在读取')} />}
      {data && lines.length === 0 && <Nothing what={t('没有访问记录')} />}
      <ul className="plain lines">
        {lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </ul>
      {hasNextPage && (
        <Button block loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('更早的')}
        </Button>
      )}
      {retiredBefore !== null && !hasNextPage && (
        <p className="note">
          {t('这之前的访问记录已满保存年限，已移入归档，这里不列出：')}
          {timeText(retiredBefore)}
        </p>
      )}
      <p className="acts">
        <a className="button" href={`/api/own/access-log/export${ownQuery(person)}`} download>
          {t('导出')}
        </a>
      </p>
    </>
  );
};
