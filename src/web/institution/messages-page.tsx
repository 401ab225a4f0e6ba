import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Input, type InputRef, Select } from 'antd';
import { type KeyboardEvent, useCallback, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { CouldNotLoad, Loading, Nothing } from '../kit/states.tsx';
import type { MessagesAnswer } from '../wire/console.ts';
import { LiveBar, useKey, useLive } from './live.tsx';
import { useOverview } from './overview-page.tsx';
import { type Filters, queryText } from './search.ts';
import { MessageState } from './state-tag.tsx';
import { timeText, useWords } from './wording.ts';

/** What to filter by from now on; undefined takes a filter away. */
type ChangedFilters = { readonly [Name in keyof Filters]?: Filters[Name] | undefined };

const TYPES = ['ORU^R01', 'OUL^R22', 'ORM^O01', 'OML^O21', 'ADT^A04', 'ADT^A08', 'ADT^A40'];

const FilterBar = ({
  filters,
  change,
}: {
  readonly filters: Filters;
  readonly change: (changed: ChangedFilters) => void;
}) => {
  const { t } = useTranslation();
  const { data } = useOverview('hour', false);
  const search = useRef<InputRef>(null);
  useKey(
    '/',
    useCallback(() => search.current?.focus(), []),
  );
  const states = [
    { value: 'accepted', label: t('已受理') },
    { value: 'open', label: t('已隔离') },
    { value: 'resolved', label: t('已重放') },
    { value: 'discarded', label: t('已放弃') },
  ] as const;
  const isFiltered = Object.entries(filters).some(
    ([name, value]) => name !== 'institution' && value !== undefined,
  );
  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Select
        aria-label={t('状态')}
        placeholder={t('状态')}
        allowClear
        value={filters.state ?? null}
        onChange={(state) => change({ state: state ?? undefined })}
        options={[...states]}
        style={{ width: 110 }}
      />
      <Select
        aria-label={t('来源系统')}
        placeholder={t('来源系统')}
        allowClear
        value={filters.sender ?? null}
        onChange={(sender) => change({ sender: sender ?? undefined })}
        options={(data?.senders ?? []).map(({ code }) => ({ value: code, label: code }))}
        style={{ width: 180 }}
      />
      <Select
        aria-label={t('消息类型')}
        placeholder={t('消息类型')}
        allowClear
        value={filters.type ?? null}
        onChange={(type) => change({ type: type ?? undefined })}
        options={TYPES.map((type) => ({ value: type, label: type }))}
        style={{ width: 150 }}
      />
      <Select
        aria-label={t('原因')}
        placeholder={t('原因')}
        allowClear
        value={filters.reason ?? null}
        onChange={(reason) => change({ reason: reason ?? undefined })}
        options={(data?.reasons ?? []).map(({ code }) => ({ value: code, label: code }))}
        style={{ width: 230 }}
      />
      <Input.Search
        ref={search}
        key={filters.controlId ?? ''}
        aria-label={t('消息编号 MSH-10（完整）')}
        aria-keyshortcuts="/"
        placeholder={t('消息编号 MSH-10（完整）') + ' (/)'}
        defaultValue={filters.controlId ?? ''}
        allowClear
        onSearch={(text) => change({ controlId: text.trim() || undefined })}
        style={{ width: 240 }}
      />
      {isFiltered && (
        <Button
          onClick={() =>
            change({
              sender: undefined,
              state: undefined,
              reason: undefined,
              type: undefined,
              controlId: undefined,
            })
          }
        >
          {t('清除筛选')}
        </Button>
      )}
    </form>
  );
};

/** Arrows walk through the rows; the rows' links open with Enter as links do. */
const walkRows = (event: KeyboardEvent<HTMLElement>): void => {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>('a[data-row]')];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  const next = links[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
};

const Rows = ({ answer, filters }: { readonly answer: MessagesAnswer; readonly filters: Filters }) => {
  const { t } = useTranslation();
  const words = useWords();
  const scope = filters.institution === undefined ? {} : { institution: filters.institution };
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t('消息')} onKeyDown={walkRows}>
      <table className="grid cards">
        <thead>
          <tr>
            <th scope="col">{t('接收时间')}</th>
            <th scope="col">{t('状态')}</th>
            <th scope="col">{t('来源系统')}</th>
            <th scope="col">{t('消息类型')}</th>
            <th scope="col">{t('消息编号')}</th>
            <th scope="col">{t('原因')}</th>
            <th scope="col" className="number">
              {t('字节')}
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.messages.map((message) => (
            <tr key={message.id}>
              <th scope="row" className="nowrap">
                <Link data-row to="/institution/messages/$id" params={{ id: message.id }} search={scope}>
                  {timeText(message.receivedAt)}
                </Link>
              </th>
              <td className="nowrap" data-label={t('状态')}>
                <MessageState state={message.state} />
                {message.arrivals > 1 && <span className="note"> ×{message.arrivals}</span>}
              </td>
              <td className="nowrap" data-label={t('来源系统')}>
                {message.sender ?? t('未登记')}
              </td>
              <td className="nowrap" data-label={t('消息类型')}>
                {message.type ?? '—'}
              </td>
              <td className="code" data-label={t('消息编号')}>
                {message.controlId ?? '—'}
              </td>
              <td data-label={t('原因')}>
                {message.reason && (
                  <>
                    <span className="code">
                      {message.reason.code} {message.reason.place}
                    </span>
                    <div className="note">{words(message.reason.text)}</div>
                  </>
                )}
              </td>
              <td className="number" data-label={t('字节')}>
                {message.sizeBytes}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

/** Every message of the institution, newest first. Names nobody. */
export const MessagesPage = () => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const filters = useSearch({ from: '/institution/messages' });
  const live = useLive();
  const { data, error, refetch } = useQuery({
    queryKey: ['messages', filters],
    queryFn: ({ signal }) =>
      call<MessagesAnswer>(`/api/console/messages${queryText({ ...filters, limit: 50 })}`, { signal }),
    // An older page does not change.
    refetchInterval: filters.before === undefined ? live.interval : false,
    placeholderData: keepPreviousData,
  });
  const go = (search: Filters): void => void navigate({ to: '/institution/messages', search });
  const change = (changed: ChangedFilters): void => {
    const { before: _first, ...kept } = filters;
    go(
      Object.fromEntries(
        Object.entries({ ...kept, ...changed }).filter(([, value]) => value !== undefined),
      ) as Filters,
    );
  };
  return (
    <>
      <div className="title">
        <h1>{t('消息')}</h1>
        <LiveBar live={live} asOf={data?.asOf} />
      </div>
      <FilterBar filters={filters} change={change} />
      {error && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在载入消息')} />}
      {data?.messages.length === 0 && (
        <Nothing what={t('没有符合条件的消息')} whatToDo={t('清除筛选，或用“试读消息”发送一条测试。')} />
      )}
      {data && data.messages.length > 0 && <Rows answer={data} filters={filters} />}
      <p className="note">{t('键盘：↑ ↓ 逐行移动，Enter 打开，/ 检索，P 暂停或继续刷新')}</p>
      <p className="paging">
        {filters.before !== undefined && <Button onClick={() => change({})}>{t('回到最新')}</Button>}
        {data?.next && (
          <Button onClick={() => go({ ...filters, before: data.next as string })}>{t('更早的消息')}</Button>
        )}
      </p>
    </>
  );
};
