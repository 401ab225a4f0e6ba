import { useMutation, useQuery } from '@tanstack/react-query';
import { Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { CouldNotLoad, Loading, Nothing } from '../kit/states.tsx';
import type {
  ItemsAnswer,
  MappingPreviewAnswer,
  PublishedMapAnswer,
  UnmappedAnswer,
} from '../wire/console.ts';
import { useInstitution } from './console-frame.tsx';
import { queryText } from './search.ts';
import { useItemName } from './wording.ts';

type Side = 'left' | 'right' | 'both';

const FindItem = ({ choose }: { readonly choose: (item: string) => void }) => {
  const { t } = useTranslation();
  const nameOf = useItemName();
  const [search, setSearch] = useState('');
  const { data, error, isFetching } = useQuery({
    queryKey: ['items', search],
    enabled: search.trim() !== '',
    queryFn: ({ signal }) =>
      call<ItemsAnswer>(`/api/console/items${queryText({ search: search.trim() })}`, { signal }),
  });
  return (
    <>
      <label htmlFor="item">{t('检索目录项目（名称、代码、英文或拼音首字母）')}</label>
      <Input id="item" autoFocus value={search} onChange={(event) => setSearch(event.target.value)} />
      {error && <CouldNotLoad error={error} />}
      {isFetching && <Loading what={t('正在检索')} />}
      {data?.items.length === 0 && <Nothing what={t('没有符合的项目')} />}
      <ul className="choices">
        {data?.items.map((item) => (
          <li key={item.code}>
            <button type="button" onClick={() => choose(item.code)}>
              {nameOf(item)} <span className="code">{item.code}</span>{' '}
              <span className="note">{item.unit ?? ''}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
};

const Effect = ({ preview }: { readonly preview: MappingPreviewAnswer }) => {
  const { t } = useTranslation();
  const fits = {
    fits: t('可换算'),
    unfit: t('△ 不可换算，请核对是否对错项目'),
    'not-understood': t('△ 单位无法识别'),
    none: t('不需换算'),
  };
  return (
    <>
      <p>
        {t('确认后，{results} 条等待的结果（{reports} 份报告）将有目录项目。', {
          results: preview.waitingResults,
          reports: preview.reports,
        })}
      </p>
      <ul className="hints">
        {preview.units.map(({ unit, results, fit }) => (
          <li key={unit}>
            {unit === '' ? t('未写单位') : unit} × {results}：{fits[fit]}
          </li>
        ))}
      </ul>
    </>
  );
};

/** Mapping one code: which item, what it would free, and the confirmation. */
export const MapCode = ({
  code,
  item: suggested,
  basedOn,
  done,
  cancel,
}: {
  readonly code: UnmappedAnswer['codes'][number];
  readonly item: string | null;
  readonly basedOn: string | null;
  readonly done: (answer: PublishedMapAnswer) => void;
  readonly cancel: () => void;
}) => {
  const { t } = useTranslation();
  const nameOf = useItemName();
  const institution = useInstitution();
  const [item, setItem] = useState(suggested);
  const [side, setSide] = useState<Side>();
  const scope = institution === undefined ? {} : { institution };
  const mapping = {
    localCode: code.localCode,
    localName: code.localName,
    item,
    ...(side === undefined ? {} : { side }),
  };
  const preview = useQuery({
    queryKey: ['preview', institution, code.localCode, item],
    enabled: item !== null,
    queryFn: ({ signal }) =>
      call<MappingPreviewAnswer>('/api/console/code-map/previews', { body: { ...scope, mapping }, signal }),
  });
  const publish = useMutation({
    mutationFn: () =>
      call<PublishedMapAnswer>('/api/console/code-map/entries', {
        body: { ...scope, mappings: [mapping], basedOn },
      }),
    onSuccess: done,
  });
  return (
    <Modal
      open
      title={`${t('对码')}：${code.localCode} ${code.localName}`}
      okText={t('确认并发布')}
      cancelText={t('取消')}
      okButtonProps={{ disabled: !preview.data }}
      confirmLoading={publish.isPending}
      onOk={() => publish.mutate()}
      onCancel={cancel}
    >
      {item === null && <FindItem choose={setItem} />}
      {preview.isFetching && <Loading what={t('正在计算效果')} />}
      {preview.error && <CouldNotLoad error={preview.error} />}
      {preview.data && (
        <>
          <p>
            <strong>{nameOf(preview.data.item)}</strong>{' '}
            <span className="code">{preview.data.item.code}</span>{' '}
            <button type="button" className="plain" onClick={() => setItem(null)}>
              {t('换一个项目')}
            </button>
          </p>
          {preview.data.item.hasSide && (
            <p>
              <label htmlFor="side">{t('侧别（院内代码只代表一侧时）')}</label>{' '}
              <Select
                id="side"
                allowClear
                value={side ?? null}
                onChange={(chosen) => setSide((chosen ?? undefined) as Side | undefined)}
                options={[
                  { value: 'left', label: t('左侧') },
                  { value: 'right', label: t('右侧') },
                  { value: 'both', label: t('双侧') },
                ]}
                style={{ width: 120 }}
              />
            </p>
          )}
          <Effect preview={preview.data} />
          <p className="note">{t('将以您的姓名发布本机构对码表的新版本，可撤销。')}</p>
        </>
      )}
      {publish.error && <CouldNotLoad error={publish.error} />}
    </Modal>
  );
};
