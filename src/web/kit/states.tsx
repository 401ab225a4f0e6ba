import { Alert, Button, Empty, Spin } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CallFailed } from './calls.ts';

/** Something is on its way. Says what, because a bare wheel tells a screen reader nothing. */
export const Loading = ({ what }: { readonly what: string }) => (
  <div role="status" aria-live="polite" style={{ padding: 32, textAlign: 'center' }}>
    <Spin /> <span style={{ marginInlineStart: 8 }}>{what}</span>
  </div>
);

/** There is nothing, and this is certain. `whatToDo` says what the reader may do now. */
export const Nothing = ({ what, whatToDo }: { readonly what: string; readonly whatToDo?: ReactNode }) => (
  <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={what}>
    {whatToDo}
  </Empty>
);

/**
 * It could not be found out. Never looks like {@link Nothing}: a banner with the word, the code and a way to try again.
 */
export const CouldNotLoad = ({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) => {
  const { t, i18n } = useTranslation();
  const problem = error instanceof CallFailed ? error.problem : null;
  const words = problem ? (i18n.language === 'en' ? problem.en : problem.zh) : t('程序出错，内容未能显示。');
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={t('未能载入，不代表没有结果')}
      description={
        <>
          <div>{words}</div>
          <div>
            {t('代码')} <code>{problem?.code ?? 'INTERNAL'}</code>
            {problem?.requestId && (
              <>
                {' '}
                · <code>{problem.requestId}</code>
              </>
            )}
          </div>
        </>
      }
      action={retry && <Button onClick={retry}>{t('重试')}</Button>}
    />
  );
};
