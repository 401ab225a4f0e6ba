import { useEffect, useMemo, useRef, useState } from 'react';
import { call } from '../kit/calls.ts';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { seriesAddress } from './addresses.ts';
import { fetchMetadata } from './dicomweb.ts';
import { keyImagesOf, keyOf, type MarkedImage, marksOf, toggled } from './key-images.ts';

/** Key images of the studies that are open. */
export interface KeyImages {
  /** Those that the sender's documents point at and those marked here, by `keyOf`. */
  readonly all: ReadonlySet<string>;
  /** Marked here, in the order in which they were marked. */
  readonly marked: readonly MarkedImage[];
  /** Where the marks of this reader hold: with the study, or on this page alone. `failed`: they were to be kept and are not. */
  readonly kept: 'with-study' | 'on-page' | 'failed';
  /** Marks a picture, or takes its mark away. */
  toggle(image: MarkedImage): void;
}

/** The pictures that an institution's own documents point at; none where it sent none or they cannot be read. */
const useSentKeyImages = (study: ViewedStudy | null): ReadonlySet<string> => {
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set());
  const chosen = (study?.series ?? [])
    .filter(({ modality }) => modality === 'KO')
    .map((series) => seriesAddress(study as ViewedStudy, series.seriesUid))
    .join(' ');
  useEffect(() => {
    const abort = new AbortController();
    setSent(new Set());
    if (chosen === '') return;
    Promise.all(chosen.split(' ').map((address) => fetchMetadata(address, abort.signal))).then(
      (read) => setSent(keyImagesOf(read.flat())),
      () => undefined,
    );
    return () => abort.abort();
  }, [chosen]);
  return sent;
};

/**
 * Key images of one study and of the one beside it. A mark is a reader's bookmark: it is kept with the study for this reader alone, on
 * the page alone where a stranger reads by a share, and goes to others only in the words of an opinion.
 */
export const useKeyImages = (study: ViewedStudy, beside: ViewedStudy | null): KeyImages => {
  const isKept = study.keyImages !== null;
  const [marked, setMarked] = useState<readonly MarkedImage[]>(() => marksOf(study));
  const [hasFailed, setHasFailed] = useState(false);
  /** One after the other, so that the last word is the last to arrive. */
  const sending = useRef<Promise<void>>(Promise.resolve());
  useEffect(() => {
    if (beside) setMarked((now) => [...now.filter((mark) => mark.study !== beside.id), ...marksOf(beside)]);
  }, [beside]);
  const sent = useSentKeyImages(study);
  const sentBeside = useSentKeyImages(beside);
  const all = useMemo(
    () => new Set([...sent, ...sentBeside, ...marked.map(keyOf)]),
    [sent, sentBeside, marked],
  );
  const keep = async (of: string, marks: readonly MarkedImage[]): Promise<void> => {
    const images = marks.flatMap(({ study: id, ...image }) => (id === of ? [image] : []));
    try {
      await call(`/api/studies/${of}/key-images`, { body: { images } });
      setHasFailed(false);
    } catch {
      setHasFailed(true);
    }
  };
  return {
    all,
    marked,
    kept: hasFailed ? 'failed' : isKept ? 'with-study' : 'on-page',
    toggle(image) {
      const next = toggled(marked, image);
      setMarked(next);
      if (isKept) sending.current = sending.current.then(() => keep(image.study, next));
    },
  };
};
