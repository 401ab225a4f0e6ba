import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { useSession } from '../kit/frame.tsx';
import { CouldNotLoad } from '../kit/states.tsx';
import type { EmergencyAnswer } from '../wire/emergency-access.ts';
import { momentText } from './words.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Between two questions at the end, where the answer says that it is open still. */
const ASK_AGAIN_MS = 5 * SECOND_MS;

/** Milliseconds left when the platform answered; 0 where nothing is open. */
const leftWhenAsked = ({ until, at }: Pick<EmergencyAnswer, 'until' | 'at'>): number =>
  until === null ? 0 : Date.parse(until) - Date.parse(at);

/** This computer's clock, for differences alone; moves on while something is open. */
const useNow = (isOpen: boolean): number => {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isOpen) return;
    setNow(Date.now());
    const ticking = setInterval(() => setNow(Date.now()), SECOND_MS);
    return () => clearInterval(ticking);
  }, [isOpen]);
  return now;
};

/**
 * Says, for as long as the doctor has an emergency access open to this patient, that what consent would hide is on the
 * screen, how long still, and ends it. Once it is over the results are read anew, by consent.
 */
export const EmergencyStrip = ({ person }: { readonly person: string }) => {
  const { t } = useTranslation();
  const { role } = useSession();
  const client = useQueryClient();
  const { data, dataUpdatedAt, refetch } = useQuery({
    queryKey: ['emergency', person],
    queryFn: ({ signal }) => call<EmergencyAnswer>(`/api/persons/${person}/emergency-access`, { signal }),
    // Others who may see this page cannot open one.
    enabled: role === 'doctor',
    // Asked once at its end and never between: a page that asks by itself would keep the session from ending.
    refetchInterval: ({ state }) =>
      state.data?.until ? Math.max(ASK_AGAIN_MS, leftWhenAsked(state.data)) : false,
    // It may have been opened or ended in another window.
    refetchOnWindowFocus: 'always',
  });
  const until = data?.until ?? null;
  const now = useNow(until !== null);
  const left = data ? leftWhenAsked(data) - Math.max(0, now - dataUpdatedAt) : 0;
  const ending = useMutation({
    mutationFn: () => call<EmergencyAnswer>(`/api/persons/${person}/emergency-access/ending`, { body: {} }),
    onSuccess: () => refetch(),
  });
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && until === null)
      for (const what of ['results', 'consents', 'check', 'report'])
        void client.resetQueries({ queryKey: [what] });
    wasOpen.current = until !== null;
  }, [client, until]);
  if (until === null) return null;
  return (
    <section className="emergency" aria-label={t('紧急调阅')}>
      <strong role="status">{t('紧急调阅已开启')}</strong>
      <span>
        {left < MINUTE_MS ? t('还剩不到 1 分钟') : t('还剩 {n} 分钟', { n: Math.floor(left / MINUTE_MS) })}
        {'，'}
        {t('{time} 自动结束', { time: momentText(until).slice(-'09:30'.length) })}
      </span>
      <span>{t('未经患者同意的结果也会显示；已告知患者，并由专人审查。')}</span>
      <Button size="small" loading={ending.isPending} onClick={() => ending.mutate()}>
        {t('结束紧急调阅')}
      </Button>
      {ending.error && <CouldNotLoad error={ending.error} retry={() => ending.mutate()} />}
    </section>
  );
};
