import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { CouldNotLoad, Loading, Nothing } from '../kit/states.tsx';
import type { PublishedMapAnswer, UnmappedAnswer } from '../wire/console.ts';
import { useInstitution } from './console-frame.tsx';
import { MapCode } from './map-code.tsx';
import { queryText } from './search.ts';
import { timeText, useItemName, useWords } from './wording.ts';

type Code = UnmappedAnswer['codes'][number];

const percentText = (part: number, whole: number): string =>
  whole === 0 ? '—' : `${((part / whole) * 100).toFixed(1)}%`;

const Rate = ({ answer }: { readonly answer: UnmappedAnswer }) => {
  const { t } = useTranslation();
  const all = answer.mappedCodes + answer.waitingCodes;
  return (
    <dl className="numbers">
      <div>
        <dt>{t('对码率')}</dt>
        <dd>{percentText(answer.mappedCodes, all)}</dd>
        <dd className="note">
          {t('对码表中的代码 {mapped} ÷（对码表中的代码 + 等待对码的代码 {waiting}）', {
            mapped: answer.mappedCodes,
            waiting: answer.waitingCodes,
          })}
        </dd>
      </div>
      <div>
        <dt>{t('等待对码的结果')}</dt>
        <dd>{answer.waitingResults}</dd>
        <dd className="note">{t('结果已保存，对码前不参与互认核查')}</dd>
      </div>
      <div>
        <dt>{t('现行对码表')}</dt>
        <dd className="small">{answer.map?.version ?? t('尚无')}</dd>
        {answer.map && (
          <dd className="note">
            {answer.map.publishedBy} · {timeText(answer.map.publishedAt)}
          </dd>
        )}
      </div>
    </dl>
  );
};

const Grounds = ({ why }: { readonly why: Code['suggestions'][number]['why'] }) => {
  const { t } = useTranslation();
  const words = {
    loinc: 'LOINC',
    name: t('名称相同'),
    abbreviation: t('缩写相同'),
    'similar-name': t('名称相近'),
    'pinyin-initials': t('拼音首字母'),
    'unit-fits': t('单位相称'),
    'unit-unfit': t('单位不相称'),
    'specimen-fits': t('标本相符'),
    'specimen-unfit': t('标本不符'),
    'words-differ': t('用词有别'),
  };
  return <span className="note">{why.map((ground) => words[ground]).join(' · ')}</span>;
};

const CodeRow = ({
  code,
  choose,
}: {
  readonly code: Code;
  readonly choose: (code: Code, item: string | null) => void;
}) => {
  const { t } = useTranslation();
  const nameOf = useItemName();
  const words = useWords();
  return (
    <tr>
      <th scope="row">
        <span className="code">{code.localCode}</span> {code.localName}
      </th>
      <td className="number" data-label={t('等待的结果')}>
        {code.results}
      </td>
      <td data-label={t('示例（不含患者信息）')}>
        {code.examples.map(({ value, unit, reference, specimen }) => (
          <div key={`${value} ${unit} ${reference} ${specimen?.en}`} className="nowrap">
            {[value, unit, reference, specimen && words(specimen)].filter(Boolean).join(' · ') || '—'}
          </div>
        ))}
      </td>
      <td data-label={t('建议的目录项目')}>
        {code.suggestions.slice(0, 3).map(({ item, why }) => (
          <div key={item.code}>
            <Button type="link" onClick={() => choose(code, item.code)}>
              {nameOf(item)} {item.code}
            </Button>{' '}
            <Grounds why={why} />
          </div>
        ))}
        <Button
          onClick={() => choose(code, null)}
          aria-label={t('为 {code} 检索其他项目', { code: code.localCode })}
        >
          {t('检索其他项目')}
        </Button>
      </td>
    </tr>
  );
};

/** Undoing the newest version, said with what it brings back. */
const Undo = ({ answer, done }: { readonly answer: UnmappedAnswer; readonly done: () => void }) => {
  const { t } = useTranslation();
  const institution = useInstitution();
  const [asking, setAsking] = useState(false);
  const undo = useMutation({
    mutationFn: () =>
      call<PublishedMapAnswer>('/api/console/code-map/restorations', {
        body: { ...(institution === undefined ? {} : { institution }), basedOn: answer.map?.version },
      }),
    onSuccess: () => {
      setAsking(false);
      done();
    },
  });
  if (!answer.previous || !answer.map) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t('撤销最近一次对码')}</Button>
      <Modal
        open={asking}
        title={t('撤销最近一次对码')}
        okText={t('恢复上一版本')}
        cancelText={t('取消')}
        confirmLoading={undo.isPending}
        onOk={() => undo.mutate()}
        onCancel={() => setAsking(false)}
      >
        <p>
          {t('把版本 {previous} 的内容作为新版本重新发布，替代 {current}。两个版本都会保留。', {
            previous: answer.previous.version,
            current: answer.map.version,
          })}
        </p>
        {undo.error && <CouldNotLoad error={undo.error} />}
      </Modal>
    </>
  );
};

/** The local codes that wait, and mapping them. */
export const CodesPage = () => {
  const { t } = useTranslation();
  const institution = useInstitution();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<{ code: Code; item: string | null } | null>(null);
  const [published, setPublished] = useState<PublishedMapAnswer | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ['codes', institution],
    queryFn: ({ signal }) =>
      call<UnmappedAnswer>(`/api/console/code-map${queryText({ institution })}`, { signal }),
  });
  const done = (answer: PublishedMapAnswer | null): void => {
    setChosen(null);
    setPublished(answer);
    void queries.invalidateQueries({ queryKey: ['overview'] });
    void refetch();
  };
  return (
    <>
      <div className="title">
        <h1>{t('对码')}</h1>
        {data && <Undo answer={data} done={() => done(null)} />}
      </div>
      {published && (
        <Alert
          role="status"
          type="success"
          showIcon
          title={t('已发布对码表 {version}', { version: published.version })}
          description={t(
            '{freed} 条结果已有目录项目，涉及 {reports} 份报告；{unreadable} 份报告的原消息未能重读。',
            {
              freed: published.freed,
              reports: published.reports,
              unreadable: published.unreadable,
            },
          )}
        />
      )}
      {error && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在载入未对码的代码')} />}
      {data && <Rate answer={data} />}
      {data?.codes.length === 0 && <Nothing what={t('所有收到的院内代码均已对码')} />}
      {data && data.codes.length > 0 && (
        <div className="scroll" tabIndex={0} role="region" aria-label={t('等待对码的代码')}>
          <table className="grid cards">
            <thead>
              <tr>
                <th scope="col">{t('院内代码')}</th>
                <th scope="col" className="number">
                  {t('等待的结果')}
                </th>
                <th scope="col">{t('示例（不含患者信息）')}</th>
                <th scope="col">{t('建议的目录项目')}</th>
              </tr>
            </thead>
            <tbody>
              {data.codes.map((code) => (
                <CodeRow
                  key={code.localCode}
                  code={code}
                  choose={(wanted, item) => setChosen({ code: wanted, item })}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {chosen && data && (
        <MapCode
          code={chosen.code}
          item={chosen.item}
          basedOn={data.map?.version ?? null}
          done={done}
          cancel={() => setChosen(null)}
        />
      )}
    </>
  );
};
