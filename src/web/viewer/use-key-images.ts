import { useEffect, useMemo, useState } from 'react';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { seriesAddress } from './addresses.ts';
import { fetchMetadata } from './dicomweb.ts';
import { keyImagesOf, keyOf, type MarkedImage, readMarks, toggled, writeMarks } from './key-images.ts';

/** Key images of the studies that are open. */
export interface KeyImages {
  /** Those that the sender's documents point at and those marked here, by `keyOf`. */
  readonly all: ReadonlySet<string>;
  /** Marked here, in the order in which they were marked. */
  readonly marked: readonly MarkedImage[];
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
 * Key images of one study and of the one beside it. A mark is a reader's bookmark: it stays in this browser, for the page
 * alone where a stranger reads by a share, and goes to others only in the words of an opinion.
 */
export const useKeyImages = (study: ViewedStudy, beside: ViewedStudy | null): KeyImages => {
  const keep = study.audience !== 'guest';
  const [marked, setMarked] = useState<readonly MarkedImage[]>([]);
  const besideId = beside?.id;
  useEffect(() => {
    if (keep)
      setMarked([study.id, ...(besideId === undefined ? [] : [besideId])].flatMap((id) => readMarks(id)));
  }, [keep, study.id, besideId]);
  const sent = useSentKeyImages(study);
  const sentBeside = useSentKeyImages(beside);
  const all = useMemo(
    () => new Set([...sent, ...sentBeside, ...marked.map(keyOf)]),
    [sent, sentBeside, marked],
  );
  return {
    all,
    marked,
    toggle(image) {
      const next = toggled(marked, image);
      setMarked(next);
      const ofStudy = next.filter((each) => each.study === image.study);
      if (keep) writeMarks(image.study, ofStudy);
    },
  };
};
