import { useTranslation } from 'react-i18next';
import { CallFailed } from '../kit/calls.ts';

const statusOf = (error: unknown): number | null => {
  // The loader rejects with the request itself, or with an error around it.
  const { status, request } = (error ?? {}) as { status?: unknown; request?: { status?: unknown } };
  return typeof status === 'number' ? status : typeof request?.status === 'number' ? request.status : null;
};

/** True of an answer that the images cannot be given now; while a study is recalled, that they are on their way. */
export const isNotNow = (error: unknown): boolean =>
  (error instanceof CallFailed ? error.problem.status : statusOf(error)) === 503;

/** Words of the decoder, whatever it wraps them in. */
const textOf = (error: unknown): string => {
  const { message, error: inner } = (error ?? {}) as { message?: unknown; error?: { message?: unknown } };
  return [message, inner?.message].filter((each) => typeof each === 'string').join(' ');
};

/** The browser cannot play what came. */
export class NotPlayed extends Error {}

/** The images are there and could not be opened. Never looks like there being none. */
export const Failed = ({ error, retry }: { readonly error: unknown; readonly retry: () => void }) => {
  const { t, i18n } = useTranslation();
  const problem = error instanceof CallFailed ? error.problem : null;
  const status = statusOf(error);
  const words = problem
    ? i18n.language === 'en'
      ? problem.en
      : problem.zh
    : status === 0
      ? t('连接中断，请检查网络后重试。')
      : status === null
        ? error instanceof NotPlayed || /no decoder/i.test(textOf(error))
          ? t('图像已收到，但它的编码（如 MPEG 视频）本页不能播放，请在工作站上查看原件。')
          : t('图像已收到，但本浏览器未能解出。')
        : t('服务器未能给出图像。');
  return (
    <div className="failed" role="alert">
      <h2>{t('未能打开，不代表没有图像')}</h2>
      <p>{words}</p>
      <p>
        {t('代码')} <code>{problem?.code ?? (status ? `HTTP_${status}` : 'NOT_DRAWN')}</code>
        {problem?.requestId && <code> {problem.requestId}</code>}
      </p>
      <button type="button" onClick={retry}>
        {t('重试')}
      </button>
    </div>
  );
};
