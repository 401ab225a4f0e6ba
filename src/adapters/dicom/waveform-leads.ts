import { type DicomDataSet, elementOf, itemsOf, textIn } from './data-set.ts';

const WAVEFORM = '54000100';
const CHANNELS = '003A0200';
const CHANNEL_SOURCE = '003A0208';
const CODE = '00080100';

/**
 * Leads of an electrocardiogram: what its channels are of, each once however many groups it is in (a rhythm and the beat that was
 * averaged from it); null where there is no waveform, or a channel does not say what it is of.
 */
export const leadsOf = (dataSet: DicomDataSet): number | null => {
  if (!elementOf(dataSet, WAVEFORM)) return null;
  const sources = itemsOf(dataSet, WAVEFORM)
    .flatMap((group) => itemsOf(group, CHANNELS))
    .map((channel) => textIn(itemsOf(channel, CHANNEL_SOURCE)[0], CODE));
  return sources.length === 0 || sources.includes(null) ? null : new Set(sources).size;
};
