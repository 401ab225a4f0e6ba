import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Button, Input, Radio } from 'antd';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { Watermark } from '../kit/frame.tsx';
import { CouldNotLoad, Loading, Nothing } from '../kit/states.tsx';
import type { MarkedChecksAnswer, PersonSearchAnswer } from '../wire/order-check-answer.ts';
import { ageText, momentText, sexText } from './words.ts';
import { Scrolls } from './scrolls.tsx';

type By = 'national-id' | 'record-number' | 'name';

/** Decisions that rest on a report corrected since come before anything else a doctor does. */
const MarkedFirst = () => {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['marked'],
    queryFn: ({ signal }) => call<MarkedChecksAnswer>('/api/marked-order-checks', { signal }),
  });
  if (error) return <CouldNotLoad error={error} retry={() => void refetch()} />;
  if (!data || data.checks.length === 0) return null;
  return (
    <Alert
      type="warning"
      showIcon
      title={t('您曾互认的报告其后有更正或撤回，请复核（{n} 次）', { n: data.checks.length })}
      action={<Link to="/clinician/decisions">{t('逐条查看')}</Link>}
    />
  );
};

/** Finding a patient. What is typed travels in the body of a POST and stays out of every address. */
export const SearchPage = () => {
  const { t } = useTranslation();
  const [by, setBy] = useState<By>('national-id');
  const [text, setText] = useState('');
  const [birthDate, setBirthDate] = useState('');
  const [encounter, setEncounter] = useState('');
  const search = useMutation({
    mutationFn: (wanted: { by: By; text: string; birthDate?: string; encounter?: string }) =>
      call<PersonSearchAnswer>('/api/person-searches', { body: wanted }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const typed = text.trim();
    if (typed === '') return;
    const visit = encounter.trim();
    search.mutate({
      by,
      text: typed,
      ...(by === 'name' && birthDate ? { birthDate } : {}),
      ...(by === 'name' && visit ? { encounter: visit } : {}),
    });
  };
  const found = search.data;
  return (
    <>
      <h1>{t('找患者')}</h1>
      <MarkedFirst />
      <form className="search" onSubmit={submit}>
        <Radio.Group
          value={by}
          onChange={({ target }) => setBy(target.value as By)}
          aria-label={t('按什么查找')}
        >
          <Radio value="national-id">{t('身份证号')}</Radio>
          <Radio value="record-number">{t('病历号')}</Radio>
          <Radio value="name">{t('姓名')}</Radio>
        </Radio.Group>
        <label>
          {t('号码或姓名')}
          <Input
            value={text}
            maxLength={100}
            autoFocus
            autoComplete="off"
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        {by === 'name' && (
          <label>
            {t('出生日期')}
            <Input type="date" value={birthDate} onChange={({ target }) => setBirthDate(target.value)} />
          </label>
        )}
        {by === 'name' && (
          <label>
            {t('就诊号（填写后方可打开结果）')}
            <Input
              value={encounter}
              maxLength={64}
              autoComplete="off"
              onChange={({ target }) => setEncounter(target.value)}
            />
          </label>
        )}
        <Button type="primary" htmlType="submit" loading={search.isPending}>
          {t('查找')} (Enter)
        </Button>
      </form>
      {search.isPending && <Loading what={t('正在查找')} />}
      {search.error && <CouldNotLoad error={search.error} />}
      {found && found.persons.length === 0 && (
        <Nothing
          what={t('没有找到这位患者')}
          whatToDo={<p>{t('请核对号码；按姓名查找时请同时填写出生日期。')}</p>}
        />
      )}
      {found && found.persons.length > 0 && (
        <Scrolls label={t('找患者')}>
          <table className="plain-table people">
            <caption>
              {t('找到 {n} 人', { n: found.persons.length })}
              {found.truncated && t('，还有更多，请缩小范围')}
            </caption>
            <thead>
              <tr>
                <th scope="col">{t('姓名')}</th>
                <th scope="col">{t('性别')}</th>
                <th scope="col">{t('出生日期')}</th>
                <th scope="col">{t('证件')}</th>
                <th scope="col">{t('操作')}</th>
              </tr>
            </thead>
            <tbody>
              {found.persons.map((person) => (
                <tr key={person.person}>
                  <th scope="row">{person.name ?? t('姓名未登记')}</th>
                  <td>{sexText(t, person.sex)}</td>
                  <td>
                    {person.birthDate ?? '—'} {ageText(t, person.birthDate)}
                  </td>
                  <td>
                    {person.maskedIdentifiers.map(({ typeZh, text: masked }) => (
                      <div key={typeZh + masked}>
                        {t(typeZh)} {masked}
                      </div>
                    ))}
                  </td>
                  <td className="acts">
                    <Link to="/clinician/persons/$person" params={{ person: person.person }}>
                      {t('结果历史')}
                    </Link>
                    <a href={`/patients/${person.person}/order`}>{t('开单核查')}</a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
      <Watermark purpose={t('诊疗')} at={momentText(new Date().toISOString())} />
    </>
  );
};
