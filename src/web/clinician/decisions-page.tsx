import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { Watermark } from '../kit/frame.tsx';
import { CouldNotLoad, Loading, Nothing } from '../kit/states.tsx';
import type { ExecutedAnswer, WaitingAnswer } from '../wire/answer-review.ts';
import type { MarkedChecksAnswer } from '../wire/order-check-answer.ts';
import { lastValidText, MARK_WORDS } from '../words.ts';
import { momentText } from './words.ts';
import { Scrolls } from './scrolls.tsx';

/** A list of the server's with its three ends: on its way, failed, there. */
const ListOf = <Answer,>({
  path,
  heading,
  none,
  isEmpty,
  children,
}: {
  readonly path: string;
  readonly heading: string;
  readonly none: string;
  readonly isEmpty: (answer: Answer) => boolean;
  readonly children: (answer: Answer) => ReactNode;
}) => {
  const { data, error, refetch } = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => call<Answer>(path, { signal }),
  });
  return (
    <section aria-label={heading}>
      <h2>{heading}</h2>
      {error ? (
        <CouldNotLoad error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what={heading} />
      ) : isEmpty(data) ? (
        <Nothing what={none} />
      ) : (
        children(data)
      )}
    </section>
  );
};

type Open = WaitingAnswer['recognitions'][number];

const OpenRecognition = ({
  open,
  third,
  children,
}: {
  readonly open: Open;
  /** Heading of the third column. */
  readonly third: string;
  readonly children?: ReactNode;
}) => {
  const { t, i18n } = useTranslation();
  return (
    <tr>
      <th scope="row">{i18n.language === 'en' ? open.item.nameEn : open.item.nameZh}</th>
      <td data-label={t('互认时间')}>{momentText(open.recognisedAt)}</td>
      <td data-label={third}>{children ?? (open.standsUntil ? lastValidText(open.standsUntil) : '—')}</td>
      <td className="acts">
        <a href={`/checks/${open.check}`}>{t('查看核查')}</a>
        <a href={`/checks/${open.check}/explanation`}>{t('查看依据')}</a>
        <Link
          to="/clinician/persons/$person"
          params={{ person: open.person }}
          search={{ report: open.report }}
        >
          {t('看原报告')}
        </Link>
      </td>
    </tr>
  );
};

const OpenTable = ({ third, rows }: { readonly third: string; readonly rows: ReactNode }) => {
  const { t } = useTranslation();
  return (
    <Scrolls label={third}>
      <table className="plain-table cards">
        <thead>
          <tr>
            <th scope="col">{t('项目')}</th>
            <th scope="col">{t('互认时间')}</th>
            <th scope="col">{third}</th>
            <th scope="col">{t('操作')}</th>
          </tr>
        </thead>
        <tbody>{rows}</tbody>
      </table>
    </Scrolls>
  );
};

/** A list that was cut must not read like the whole of it. */
const Cut = ({ truncated }: { readonly truncated: boolean }) => {
  const { t } = useTranslation();
  return truncated && <Alert type="warning" showIcon title={t('还有更多，未全部列出')} />;
};

/** The doctor's own recognitions that want looking at: corrected since, executed all the same, not yet cancelled. */
export const DecisionsPage = () => {
  const { t, i18n } = useTranslation();
  return (
    <>
      <h1>{t('我的互认')}</h1>
      <ListOf<MarkedChecksAnswer>
        path="/api/marked-order-checks"
        heading={t('其后更正或撤回')}
        none={t('近九十天，您互认过的报告没有更正或撤回')}
        isEmpty={({ checks }) => checks.length === 0}
      >
        {({ checks }) => (
          <ul className="marked">
            {checks.map((check) => (
              <li key={check.id}>
                <b>{check.itemNamesZh.join('、')}</b>　{momentText(check.checkedAt)}
                <ul>
                  {check.marks.map((mark) => (
                    <li key={mark.report + mark.kind + String(mark.reportVersion)}>
                      {t(MARK_WORDS[mark.kind])}（{momentText(mark.markedAt)}）
                    </li>
                  ))}
                </ul>
                <a href={`/checks/${check.id}`}>{t('查看核查')}</a>{' '}
                <a href={`/checks/${check.id}/explanation`}>{t('查看依据')}</a>{' '}
                <a href={`/checks/${check.id}/reviews`}>{t('更正后复核')}</a>
              </li>
            ))}
          </ul>
        )}
      </ListOf>
      <ListOf<ExecutedAnswer>
        path="/api/recognised-yet-executed"
        heading={t('已互认仍执行')}
        none={t('近三十天没有已互认仍执行的申请')}
        isEmpty={({ recognitions }) => recognitions.length === 0}
      >
        {({ recognitions, truncated }) => (
          <>
            <Cut truncated={truncated} />
            <OpenTable
              third={t('执行情况')}
              rows={recognitions.map((each) => (
                <OpenRecognition
                  key={each.check + String(each.line) + each.item.code}
                  open={each}
                  third={t('执行情况')}
                >
                  {i18n.language === 'en' ? each.execution.text.en : each.execution.text.zh}
                </OpenRecognition>
              ))}
            />
          </>
        )}
      </ListOf>
      <ListOf<WaitingAnswer>
        path="/api/recognised-not-yet-fulfilled"
        heading={t('等待开单系统确认撤销')}
        none={t('近三十天没有等待确认的互认')}
        isEmpty={({ recognitions }) => recognitions.length === 0}
      >
        {({ recognitions, truncated }) => (
          <>
            <Cut truncated={truncated} />
            <OpenTable
              third={t('参考时限至')}
              rows={recognitions.map((each) => (
                <OpenRecognition
                  key={each.check + String(each.line) + each.item.code}
                  open={each}
                  third={t('参考时限至')}
                />
              ))}
            />
          </>
        )}
      </ListOf>
      <Watermark purpose={t('诊疗')} at={momentText(new Date().toISOString())} />
    </>
  );
};
