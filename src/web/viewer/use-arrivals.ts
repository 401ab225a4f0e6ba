import { useEffect, useState } from 'react';
import { fetchDocument } from '../kit/calls.ts';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { type DicomJson, numberAt } from './dicom-json.ts';

const ASK_EVERY_MS = 5_000;
const INSTANCES_OF_SERIES = '00201209';

/**
 * How many images of a study have come, asked again while more are expected. An answer that does not come changes nothing:
 * the number shown stays the last one known.
 */
export const useArrivals = (study: ViewedStudy): number => {
  const [received, setReceived] = useState(study.received);
  useEffect(() => {
    if (study.state !== 'receiving') return;
    const abort = new AbortController();
    const ask = async (): Promise<void> => {
      const blob = await fetchDocument(
        `${study.root}/studies/${study.studyUid}/series`,
        { accept: 'application/dicom+json' },
        abort.signal,
      );
      const series = JSON.parse(await blob.text()) as readonly DicomJson[];
      setReceived(series.reduce((sum, each) => sum + (numberAt(each, INSTANCES_OF_SERIES) ?? 0), 0));
    };
    const timer = setInterval(() => void ask().catch(() => undefined), ASK_EVERY_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [study]);
  return received;
};
