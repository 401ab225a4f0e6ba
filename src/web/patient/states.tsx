import Button from 'antd-mobile/es/components/button';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CallFailed } from '../kit/calls.ts';

/** Something is on its way. */
export const Loading = ({ what }: { readonly what: string }) => (
  <p className="loading" role="status" aria-live="polite">
    {what}
  </p>
);

/** There is nothing, and this is certain. */
export const Nothing = ({ what, children }: { readonly what: string; readonly children?: ReactNode }) => (
  <div className="nothing">
    <p>{what}</p>
    {children}
  </div>
);

/** It could not be found out, which never looks like nothing: with the code, and a way to try again. */
export const CouldNotLoad = ({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) => {
  const { t, i18n } = useTranslation();
  const problem = error instanceof CallFailed ? error.problem : null;
  const words = problem ? (i18n.language === 'en' ? problem.en : problem.zh) : t('程序出错，内容未能显示。');
  return (
    <div className="alert" role="alert">
      <h2>{t('未能载入，不代表没有结果')}</h2>
      <p>{words}</p>
      <p className="soft">
        {t('代码')} <code>{problem?.code ?? 'INTERNAL'}</code>
      </p>
      {retry && <Button onClick={retry}>{t('重试')}</Button>}
    </div>
  );
};

/** An act that was refused, or of which no answer came; sending it again does it once. */
export const NotDone = ({ error }: { readonly error: unknown }) => {
  const { t, i18n } = useTranslation();
  const problem = error instanceof CallFailed ? error.problem : null;
  const isRefused = problem !== null && problem.status >= 400 && problem.status < 500;
  const words = problem ? (i18n.language === 'en' ? problem.en : problem.zh) : t('程序出错，内容未能显示。');
  return (
    <div className="alert" role="alert">
      <p>{words}</p>
      {!isRefused && <p>{t('没有收到结果，请再试一次；不会重复登记。')}</p>}
      <p className="soft">
        {t('代码')} <code>{problem?.code ?? 'INTERNAL'}</code>
      </p>
    </div>
  );
};
