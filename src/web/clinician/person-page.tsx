import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { Watermark } from '../kit/frame.tsx';
import { CouldNotLoad, Loading } from '../kit/states.tsx';
import type { OrderCheckAnswer } from '../wire/order-check-answer.ts';
import type { ResultHistory } from '../wire/result-history.ts';
import { readHistory } from '../kit/history.ts';
import { CumulativePage } from './cumulative/table-page.tsx';
import { BroughtAlong } from './brought-along.tsx';
import { ConsentNeeded } from './consent-needed.tsx';
import { EmergencyStrip } from './emergency-strip.tsx';
import { Examinations } from './examinations.tsx';
import { Lists } from './lists.tsx';
import { PatientBanner } from './patient-banner.tsx';
import { ReportDrawer } from './report-drawer.tsx';
import { LISTS, type PersonView } from './person-view.ts';
import { momentText } from './words.ts';

/** Items of an order check, members of its panels included. */
const itemsOf = (check: OrderCheckAnswer | undefined): ReadonlySet<string> | null =>
  check
    ? new Set(
        check.lines.flatMap(({ item, candidates, panel }) => [
          ...(item ? [item.code] : []),
          ...candidates.map((each) => each.item.code),
          ...(panel?.missing.map((each) => each.item.code) ?? []),
        ]),
      )
    : null;

const TAB_WORDS = {
  laboratory: '检验',
  imaging: '检查',
  electrocardiogram: '心电',
  pathology: '病理',
  other: '其他',
  brought: '患者自带',
} as const;

/** Everything the region knows of one patient's results. */
export const PersonPage = ({
  person,
  view,
  onView,
}: {
  readonly person: string;
  readonly view: PersonView;
  readonly onView: (change: PersonView) => void;
}) => {
  const { t, i18n } = useTranslation();
  const results = useQuery({
    queryKey: ['results', person],
    queryFn: async ({ signal }) =>
      readHistory(await call<ResultHistory>(`/api/persons/${person}/results`, { signal })),
  });
  const check = useQuery({
    queryKey: ['check', view.check],
    queryFn: ({ signal }) => call<OrderCheckAnswer>(`/api/order-checks/${view.check}`, { signal }),
    enabled: view.check !== undefined,
  });
  const ordered = useMemo(() => itemsOf(check.data), [check.data]);
  const history = results.data;
  const ofPatient = useMemo(
    () => (history?.complete ? new Set(history.reports.map(({ id }) => id)) : null),
    [history],
  );
  const list = view.list ?? 'laboratory';
  const labelOf = (key: (typeof LISTS)[number]): string => {
    if (!history || key === 'brought') return t(TAB_WORDS[key]);
    const count =
      key === 'laboratory'
        ? history.sections.reduce((sum, { items }) => sum + items.length, 0)
        : history.examinations.filter((each) => each.list === key).length;
    return `${t(TAB_WORDS[key])} ${count}`;
  };
  const openReport = (report: string): void => onView({ report });
  return (
    <>
      <PatientBanner person={person} />
      <EmergencyStrip person={person} />
      {results.error ? (
        <CouldNotLoad error={results.error} retry={() => void results.refetch()} />
      ) : !history ? (
        <Loading what={t('正在载入各机构结果')} />
      ) : (
        <>
          {!history.complete && (
            <Alert type="warning" showIcon title={t('结果过多，只列出最近的一部分；更早的请查原机构')} />
          )}
          {history.existing.length > 0 && <ConsentNeeded person={person} history={history} />}
          <Lists
            label={t('结果类别')}
            choices={LISTS.map((key) => ({ key, label: labelOf(key) }))}
            chosen={list}
            onChoose={(key) => onView({ list: key })}
          >
            {list === 'laboratory' ? (
              <CumulativePage
                history={history}
                ordered={ordered}
                trendItem={view.item}
                onTrend={(item) => onView({ item })}
                onReport={openReport}
              />
            ) : list === 'brought' ? (
              <BroughtAlong person={person} />
            ) : (
              <Examinations list={list} history={history} onReport={openReport} />
            )}
          </Lists>
          <p className="sub">
            {t('截至')} {momentText(history.at)}
            {'　'}
            {i18n.language === 'en' ? history.disclosure.text.en : history.disclosure.text.zh}
          </p>
        </>
      )}
      <ReportDrawer id={view.report} ofPatient={ofPatient} onClose={() => onView({ report: undefined })} />
      <Watermark purpose={t('诊疗')} at={momentText(history?.at ?? new Date().toISOString())} />
    </>
  );
};
