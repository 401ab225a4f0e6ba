import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CallFailed, fetchDocument } from '../kit/calls.ts';
import type { ViewedStudy } from '../wire/viewed-study.ts';

const ASK_EVERY_MS = 3_000;

/** `12/300`, as the server says it while a study is recalled; null where it says something else. */
const progressIn = ({ problem }: CallFailed): { readonly done: number; readonly total: number } | null => {
  const [, done, total] = /^(\d+)\/(\d+)$/.exec(problem.detail ?? '') ?? [];
  return done === undefined ? null : { done: Number(done), total: Number(total) };
};

/** Says how far a recall from the far tier has come, and loads the page anew when the images are near. */
export const RecallNotice = ({ study }: { readonly study: ViewedStudy }) => {
  const { t } = useTranslation();
  const [recall, setRecall] = useState<{ readonly done: number; readonly total: number } | null>(
    study.recall,
  );
  const series = study.recall?.lastSeriesUid;
  useEffect(() => {
    if (series === undefined) return;
    const abort = new AbortController();
    const address = `${study.root}/studies/${study.studyUid}/series/${series}/rendered`;
    const ask = async (): Promise<void> => {
      try {
        await fetchDocument(address, { accept: 'image/jpeg' }, abort.signal);
      } catch (error) {
        if (!(error instanceof CallFailed)) return;
        if (error.problem.code === 'IMAGES_BEING_RECALLED') setRecall(progressIn(error));
        // Nothing in it may be drawable; it is near all the same.
        if (error.problem.status === 0 || error.problem.status >= 500) return;
      }
      window.location.reload();
    };
    const timer = setInterval(() => void ask(), ASK_EVERY_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [study, series]);
  return recall === null ? null : (
    <p className="coming" role="status">
      {t('影像在远端存储，正在从远端调回 {n}/{m}，调回后自动显示', { n: recall.done, m: recall.total })}
    </p>
  );
};
