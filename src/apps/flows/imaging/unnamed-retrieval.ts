import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { JsonDataSet } from '../../../adapters/dicom/dicom-json.ts';
import { dataSetWithoutPatient, metadataWithoutPatient } from '../../../adapters/dicom/patient-left-out.ts';
import { encodingOf } from '../../../adapters/dicom/transfer-syntax.ts';
import { writeMeta } from '../../../adapters/dicom/write-part10.ts';
import { entityTag } from '../../../adapters/dicomweb/entity-tag.ts';
import type { ContentHash } from '../../../adapters/objects/image-objects.ts';
import type { ViewedStudy } from '../../../web/wire/viewed-study.ts';
import type { DicomWebRetrieval, StoredPart } from '../../server/routes/dicom-web-port.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { fromPlace } from './outgoing-instance.ts';
import type { InstanceLocator, Located } from './retrieve.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Waveforms, which the viewer draws from the whole object. */
const WAVEFORM_CLASSES = '1.2.840.10008.5.1.4.1.1.9.';
const WAVEFORM_BYTES_MAX = 32 * 1024 * 1024;
const METADATA_HELD = 16;

const isWaveform = ({ sopClassUid, transferSyntaxUid, size }: Located['instance']): boolean =>
  sopClassUid.startsWith(WAVEFORM_CLASSES) &&
  !encodingOf(transferSyntaxUid).deflated &&
  size <= WAVEFORM_BYTES_MAX;

const waveformPart = async (
  { images }: Pick<ImagingDependencies, 'images'>,
  { instance }: Located,
  stored: StoredPart,
): Promise<StoredPart> => {
  const whole = await images.get(instance.content as ContentHash);
  const meta = writeMeta(instance);
  const pieces = [meta, ...dataSetWithoutPatient(whole.subarray(meta.length), instance)];
  const all = pieces.reduce((sum, { length }) => sum + length, 0);
  return {
    mediaType: stored.mediaType,
    location: stored.location,
    content: `${instance.content}|unnamed`,
    length: all,
    pieces: (from = 0, length = all - from) => fromPlace(pieces, from, length),
    whole: async () => pieces,
  };
};

/** What a page says of the picture that it opens with, its header without the patient. */
export const unnamedOpening = <Opened extends Pick<ViewedStudy, 'opening'>>(opened: Opened): Opened => {
  const { opening } = opened;
  return opening === null
    ? opened
    : { ...opened, opening: { ...opening, header: metadataWithoutPatient(opening.header as JsonDataSet) } };
};

/**
 * The same retrieval for those who may look at images and not take them along: their headers come without the patient, and no
 * instance comes whole, but for waveforms, which are drawn from it.
 *
 * @param mayTake whether a reader may have headers as they are stored
 */
export const unnamedRetrieval = <Reader>(
  dependencies: Pick<ImagingDependencies, 'images'>,
  retrieval: DicomWebRetrieval<Reader> & InstanceLocator<Reader>,
  mayTake: (reader: Reader) => Promise<boolean>,
): DicomWebRetrieval<Reader> => {
  const made = new Map<string, Promise<Uint8Array>>();
  const unnamed = async (stored: Uint8Array): Promise<Uint8Array> => {
    const dataSets = JSON.parse((await decompress(stored)).toString('utf8')) as readonly JsonDataSet[];
    return compress(JSON.stringify(dataSets.map(metadataWithoutPatient)));
  };
  const once = (key: string, stored: Uint8Array): Promise<Uint8Array> => {
    const known = made.get(key);
    if (known) return known;
    if (made.size >= METADATA_HELD) made.delete(made.keys().next().value as string);
    const making = unnamed(stored);
    made.set(key, making);
    making.catch(() => made.delete(key));
    return making;
  };
  return {
    ...retrieval,
    async metadata(reader, address) {
      const stored = await retrieval.metadata(reader, address);
      if (await mayTake(reader)) return stored;
      const etag = entityTag(stored.etag, 'unnamed');
      return { ...stored, etag, gzip: await once(etag, stored.gzip) };
    },
    async instances(reader, address) {
      const stored = await retrieval.instances(reader, address);
      if (await mayTake(reader)) return stored;
      const located = await retrieval.located(reader, address);
      if (!located.every(({ instance }) => isWaveform(instance))) throw imagingFault('STUDY_UNKNOWN');
      return Promise.all(
        located.map((one, index) => waveformPart(dependencies, one, stored[index] as StoredPart)),
      );
    },
  };
};
