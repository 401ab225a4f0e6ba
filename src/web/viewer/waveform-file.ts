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

/**
 * Reads the first group of channels of a waveform object (PS3.3 C.10.9). Null where it has none, or samples that are not
 * 16-bit signed numbers.
 *
 * @param bytes a DICOM Part 10 file
 */
export const readWaveform = (bytes: Uint8Array): WaveformSamples | null => {
  const file = parseDicom(bytes);
  const group = itemOf(file, 'x54000100');
  const data = group?.elements['x54001010'];
  if (!group || !data || group.uint16('x54001004') !== 16 || group.string('x54001006')?.trim() !== 'SS')
    return null;
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
