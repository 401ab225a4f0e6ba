import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, CallFailed } from '../kit/calls.ts';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { studyAddress } from './addresses.ts';

const ASK_EVERY_MS = 5_000;

/**
 * Whether what a patient shows has ended while it is looked at: taken back, or its time is over. Only the server's own word that there
 * is nothing for this pass counts; a connection that breaks ends nothing.
 */
export const useShareEnded = (study: ViewedStudy): boolean => {
  const [isEnded, setEnded] = useState(false);
  const isGuest = study.audience === 'guest';
  const address = studyAddress(study);
  useEffect(() => {
    if (!isGuest || isEnded) return;
    const abort = new AbortController();
    const ask = (): void => {
      call<ViewedStudy>(address, { signal: abort.signal }).catch((error: unknown) => {
        if (error instanceof CallFailed && error.problem.code === 'STUDY_UNKNOWN') setEnded(true);
      });
    };
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [isGuest, isEnded, address]);
  return isEnded;
};

/** Instead of the images, those that came before included: what was taken back is not shown any longer. */
export const ShareEnded = () => {
  const { t } = useTranslation();
  return (
    <main className="ended">
      <div role="alert">
        <h1>{t('分享已结束')}</h1>
        <p>{t('对方已撤回这次分享，或看图时间已到，影像不再显示。这不代表没有图像。')}</p>
        <p>{t('如需再看，请患者重新出示分享码。')}</p>
      </div>
    </main>
  );
};
