import type { DicomWebAddress, DicomWebRetrieval, StoredPart } from '../../server/routes/dicom-web-port.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import type { StudyDoor } from './study-reader.ts';
import { countedPart } from './traffic.ts';

/** The same retrieval, with what it sends counted for the institution whose images they are. */
export const countedRetrieval = <Reader>(
  { traffic }: Pick<ImagingDependencies, 'traffic'>,
  door: StudyDoor<Reader>,
  retrieval: DicomWebRetrieval<Reader>,
): DicomWebRetrieval<Reader> => {
  /** Whose it is was decided a moment ago, and is known to the door. */
  const counter = async (reader: Reader, { study }: DicomWebAddress): Promise<(bytes: number) => void> => {
    if ((reader as { readonly isHead?: boolean }).isHead) return () => undefined;
    const { study: opened, way } = await door.open(reader, study);
    return (bytes) => traffic.count(opened.institutionKey, way, bytes);
  };
  const part = async (reader: Reader, address: DicomWebAddress, sent: StoredPart): Promise<StoredPart> =>
    countedPart(sent, await counter(reader, address));
  const held = async <Sent>(
    reader: Reader,
    address: DicomWebAddress,
    sent: Sent,
    bytes: Uint8Array,
  ): Promise<Sent> => {
    (await counter(reader, address))(bytes.length);
    return sent;
  };
  return {
    async metadata(reader, address) {
      const sent = await retrieval.metadata(reader, address);
      return held(reader, address, sent, sent.gzip);
    },
    async instances(reader, address) {
      const sent = await retrieval.instances(reader, address);
      const tell = await counter(reader, address);
      return sent.map((each) => countedPart(each, tell));
    },
    async frames(reader, address, wanted, copy) {
      const sent = await retrieval.frames(reader, address, wanted, copy);
      const tell = await counter(reader, address);
      return {
        ...sent,
        frames: sent.frames.map((each) => countedPart(each, tell)),
        plain: async () => (await sent.plain())?.map((each) => countedPart(each, tell)) ?? null,
      };
    },
    video: async (reader, address) => part(reader, address, await retrieval.video(reader, address)),
    bulkData: async (reader, address, path) =>
      part(reader, address, await retrieval.bulkData(reader, address, path)),
    async picture(reader, address, frame, request) {
      const sent = await retrieval.picture(reader, address, frame, request);
      return held(reader, address, sent, sent.bytes);
    },
    async pictures(reader, address, frames, request) {
      const sent = await retrieval.pictures(reader, address, frames, request);
      const tell = await counter(reader, address);
      const parts = async function* () {
        for await (const part of sent.parts) {
          tell(part.bytes.length);
          yield part;
        }
      };
      return { ...sent, parts: parts() };
    },
    async thumbnail(reader, address) {
      const sent = await retrieval.thumbnail(reader, address);
      return held(reader, address, sent, sent.bytes);
    },
  };
};
