import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { CouldNotLoad, Loading } from '../kit/states.tsx';
import { newKey } from '../kit/new-key.ts';
import type { PersonSummary } from '../wire/order-check-answer.ts';
import { ageText, sexText } from './words.ts';

const CHANNEL = 'huren.patient';

/**
 * Tells the other windows of this browser which patient this one shows, and finds out whether one of them shows another.
 * Only opaque ids travel.
 */
const useOtherPatient = (person: string): boolean => {
  const [others, setOthers] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL);
    const self = newKey();
    const say = (kind: 'here' | 'who' | 'gone') => channel.postMessage({ kind, self, person });
    channel.onmessage = ({ data }: MessageEvent<{ kind: string; self: string; person: string }>) => {
      setOthers((before) => {
        const after = new Map(before);
        if (data.kind === 'gone') after.delete(data.self);
        else after.set(data.self, data.person);
        return after;
      });
      if (data.kind === 'who') say('here');
    };
    const leave = () => say('gone');
    window.addEventListener('pagehide', leave);
    say('who');
    return () => {
      leave();
      window.removeEventListener('pagehide', leave);
      channel.close();
    };
  }, [person]);
  return [...others.values()].some((other) => other !== person);
};

/** Whose page this is. */
export const PatientBanner = ({ person }: { readonly person: string }) => {
  const { t } = useTranslation();
  const isOther = useOtherPatient(person);
  const { data, error, refetch } = useQuery({
    queryKey: ['person', person],
    queryFn: ({ signal }) => call<PersonSummary>(`/api/persons/${person}`, { signal }),
    staleTime: 60_000,
  });
  if (error) return <CouldNotLoad error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what={t('正在载入患者')} />;
  return (
    <>
      {isOther && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={t('另一窗口打开的是另一位患者，请先核对姓名再操作')}
        />
      )}
      <section className="patient" aria-label={t('患者')}>
        <h1>{data.name ?? t('姓名未登记')}</h1>
        <span>{sexText(t, data.sex)}</span>
        <span>
          {data.birthDate ?? '—'} {ageText(t, data.birthDate)}
        </span>
        {data.maskedIdentifiers.map(({ typeZh, text }) => (
          <span key={typeZh + text}>
            {t(typeZh)} {text}
          </span>
        ))}
        <a href={`/patients/${person}/order`}>{t('开单核查')}</a>
        <a href={`/persons/${person}/emergency-access`}>{t('紧急调阅')}</a>
      </section>
    </>
  );
};
