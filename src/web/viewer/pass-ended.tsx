import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, CallFailed } from '../kit/calls.ts';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { isByPass, studyAddress } from './addresses.ts';

const ASK_EVERY_MS = 5_000;

/**
 * Whether the pass by which a study is looked at has ended meanwhile: the share was taken back, the client locked, consent withdrawn,
 * or its time is over. Only the server's own word that there is nothing for this pass counts; a connection that breaks ends nothing.
 */
export const usePassEnded = (study: ViewedStudy): boolean => {
  const [isEnded, setEnded] = useState(false);
  const byPass = isByPass(study);
  const address = studyAddress(study);
  useEffect(() => {
    if (!byPass || isEnded) return;
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
  }, [byPass, isEnded, address]);
  return isEnded;
};

/** Instead of the images, those that came before included: what may not be looked at any longer is not shown any longer. */
export const PassEnded = ({ audience }: Pick<ViewedStudy, 'audience'>) => {
  const { t } = useTranslation();
  const isGuest = audience === 'guest';
  return (
    <main className="ended">
      <div role="alert">
        <h1>{isGuest ? t('分享已结束') : t('看图已结束')}</h1>
        <p>
          {isGuest
            ? t('对方已撤回这次分享，或看图时间已到，影像不再显示。这不代表没有图像。')
            : t('看图时间已到，或不再有权查看，影像不再显示。这不代表没有图像。')}
        </p>
        <p>
          {isGuest ? t('如需再看，请患者重新出示分享码。') : t('如需再看，请从原来的卡片或系统重新打开。')}
        </p>
      </div>
    </main>
  );
};
