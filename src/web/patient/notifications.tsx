import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import Button from 'antd-mobile/es/components/button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import type { OwnNotification, OwnNotifications } from '../wire/own-notifications.ts';
import { timeText } from '../words.ts';
import { ownQuery, useSubject } from './own.tsx';

/** Where whoever was told can go on. */
const WayOn = ({ kind }: Pick<OwnNotification, 'kind'>) => {
  const { t } = useTranslation();
  switch (kind) {
    case 'ticket-step':
      return <Link to="/me/feedback">{t('看我的反馈')}</Link>;
    case 'result-corrected':
      return <Link to="/me/repeats">{t('为什么又做了一次')}</Link>;
    default:
      return <Link to="/me/access-log">{t('谁看过我的结果，我要反映')}</Link>;
  }
};

const Notification = ({ told }: { readonly told: OwnNotification }) => {
  const { t, i18n } = useTranslation();
  const { person } = useSubject();
  const worded = ({ zh, en }: { zh: string; en: string }): string => (i18n.language === 'en' ? en : zh);
  const open = useMutation({
    mutationFn: () =>
      call(`/api/own/notifications/${told.id}/readings`, { body: person === undefined ? {} : { person } }),
  });
  const isNew = told.readAt === null && !open.isSuccess;
  return (
    <li>
      <details
        onToggle={({ currentTarget }) => {
          if (currentTarget.open && isNew && !open.isPending) open.mutate();
        }}
      >
        <summary>
          {worded(told.title)} <time>{timeText(told.toldAt)}</time>
          {isNew && <span className="tag">{t('未读')}</span>}
        </summary>
        <p>{worded(told.text)}</p>
        <p>
          <WayOn kind={told.kind} />
        </p>
      </details>
    </li>
  );
};

/** The newest that fit above the results. */
const FIRST = 2;

/** What the person on the screen was told without having asked. What was not read yet is never folded away. */
export const Notifications = () => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const [all, setAll] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['notifications', person ?? null],
    queryFn: ({ signal }) => call<OwnNotifications>(`/api/own/notifications${ownQuery(person)}`, { signal }),
    staleTime: 0,
  });
  if (!data) return error ? <p className="soft">{t('通知未能载入，不代表没有通知。')}</p> : null;
  const { notifications } = data;
  if (notifications.length === 0) return null;
  const least = Math.max(FIRST, notifications.findLastIndex(({ readAt }) => readAt === null) + 1);
  const shown = all ? notifications : notifications.slice(0, least);
  return (
    <section className="notifications" aria-label={t('通知')}>
      <ul className="plain">
        {shown.map((told) => (
          <Notification key={told.id} told={told} />
        ))}
      </ul>
      {shown.length < notifications.length && (
        <Button block onClick={() => setAll(true)}>
          {t('更早的通知')}
        </Button>
      )}
    </section>
  );
};
