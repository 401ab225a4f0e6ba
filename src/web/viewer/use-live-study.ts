import { useEffect, useState } from 'react';
import { call } from '../kit/calls.ts';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { studyAddress } from './addresses.ts';

const ASK_EVERY_MS = 5_000;

/**
 * A study as it stands by now: asked for again while images are coming in, so that series, numbers and the report appear as
 * they arrive. An answer that does not come changes nothing: what is shown stays what was last known.
 */
export const useLiveStudy = (opened: ViewedStudy): ViewedStudy => {
  const [study, setStudy] = useState(opened);
  useEffect(() => {
    if (study.state !== 'receiving') return;
    const abort = new AbortController();
    const ask = (): void => {
      call<ViewedStudy>(studyAddress(study), { signal: abort.signal }).then(
        // Who looks since when is what the page was opened with.
        (now) => setStudy({ ...now, root: opened.root, watermark: opened.watermark }),
        () => undefined,
      );
    };
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [study, opened]);
  return study;
};
