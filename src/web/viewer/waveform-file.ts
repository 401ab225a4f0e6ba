import { type DataSet, parseDicom } from 'dicom-parser';
import type { WaveformChannel, WaveformSamples } from './waveform.ts';

const itemOf = (dataSet: DataSet, tag: string, place = 0): DataSet | undefined =>
  dataSet.elements[tag]?.items?.[place]?.dataSet;

const channelOf = (dataSet: DataSet): WaveformChannel => ({
  source: (itemOf(dataSet, 'x003a0208') ?? dataSet).string('x00080104') ?? '',
  sensitivity: dataSet.floatString('x003a0210') ?? null,
  correction: dataSet.floatString('x003a0212') ?? 1,
  baseline: dataSet.floatString('x003a0213') ?? 0,
  unit: itemOf(dataSet, 'x003a0211')?.string('x00080100') ?? null,
});

/** One group of channels that were recorded together (PS3.3 C.10.9). */
export interface WaveformGroup {
  /** Multiplex Group Label (003A,0020), e.g. `RHYTHM`, `MEDIAN BEAT`; null: not stated. */
  readonly label: string | null;
  /** Null where it has samples that are not 16-bit signed numbers, or none. */
  readonly samples: WaveformSamples | null;
}

const samplesOf = (bytes: Uint8Array, group: DataSet): WaveformSamples | null => {
  const data = group.elements['x54001010'];
  if (!data || group.uint16('x54001004') !== 16 || group.string('x54001006')?.trim() !== 'SS') return null;
  const count = group.uint16('x003a0005') ?? 0;
  const definitions = group.elements['x003a0200']?.items ?? [];
  if (count === 0 || definitions.length < count) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + data.dataOffset, data.length & ~1);
  const samples = new Int16Array(view.byteLength / 2);
  for (let index = 0; index < samples.length; index++) samples[index] = view.getInt16(index * 2, true);
  return {
    samplesPerSecond: group.floatString('x003a001a') ?? 0,
    channels: definitions.slice(0, count).flatMap(({ dataSet }) => (dataSet ? [channelOf(dataSet)] : [])),
    samples,
  };
};

/**
 * Reads the groups of channels of a waveform object, in their order.
 *
 * @param bytes a DICOM Part 10 file
 */
export const readWaveforms = (bytes: Uint8Array): readonly WaveformGroup[] =>
  (parseDicom(bytes).elements['x54000100']?.items ?? []).flatMap(({ dataSet }) =>
    dataSet
      ? [{ label: dataSet.string('x003a0020')?.trim() || null, samples: samplesOf(bytes, dataSet) }]
      : [],
  );
