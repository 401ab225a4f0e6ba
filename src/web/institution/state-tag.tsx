import { useTranslation } from 'react-i18next';

/** State of a message as a word with a sign; colour only repeats it. */
export const MessageState = ({
  state,
}: {
  readonly state: 'accepted' | 'open' | 'resolved' | 'discarded';
}) => {
  const { t } = useTranslation();
  const words = {
    accepted: t('✓ 已受理'),
    open: t('! 已隔离'),
    resolved: t('↻ 已重放'),
    discarded: t('– 已放弃'),
  };
  return <span className={`state state-${state}`}>{words[state]}</span>;
};

/** State of a field. */
export const FieldState = ({ state }: { readonly state: 'ok' | 'unused' | 'warning' | 'error' }) => {
  const { t } = useTranslation();
  const words = { ok: t('✓ 已读'), unused: t('未使用'), warning: t('△ 注意'), error: t('✕ 错误') };
  return <span className={`state state-${state}`}>{words[state]}</span>;
};
