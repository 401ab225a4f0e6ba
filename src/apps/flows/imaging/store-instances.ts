import { readMediaType } from '../../../adapters/dicomweb/accept.ts';
import { dicomWebFault } from '../../../adapters/dicomweb/faults.ts';
import { multipartParts } from '../../../adapters/dicomweb/multipart.ts';
import { FILE_START_MAX, readFileStart } from '../../../adapters/dicom/read-file-start.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { DicomWeb, StoredReference } from '../../server/routes/dicom-web-port.ts';
import { storeStatus } from './dimse-doors.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ReceiveOutcome, Receiving } from './receive.ts';

/** Failure reasons of PS3.18 §I.2.2. */
const OUT_OF_RESOURCES = 0xa700;
const ANOTHER_STUDY = 0xa900;
const CANNOT_UNDERSTAND = 0xc000;
const PROCESSING_FAILURE = 0x0110;

/** What became of one file. */
export interface FileOutcome extends StoredReference {
  readonly outcome: ReceiveOutcome | null;
}

const NOT_DICOM: FileOutcome = {
  sopClassUid: '',
  sopInstanceUid: '',
  studyUid: null,
  seriesUid: null,
  failure: CANNOT_UNDERSTAND,
  outcome: null,
};

/** The first bytes of a body, as many as a file's beginning may have, and the rest of it. */
const beginning = async (
  pieces: AsyncIterator<Uint8Array>,
): Promise<{ readonly head: Uint8Array; readonly isWhole: boolean }> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  while (size < FILE_START_MAX) {
    const next = await pieces.next();
    if (next.done) return { head: Buffer.concat(parts), isWhole: true };
    parts.push(Uint8Array.prototype.slice.call(next.value));
    size += next.value.length;
  }
  return { head: Buffer.concat(parts), isWhole: false };
};

/**
 * Takes one file of Part 10 while it comes in. What stands before its data set is not kept.
 *
 * @param study the study it must be of; null: any
 */
export const receiveFile = async (
  receiving: Receiving,
  of: { readonly institution: InstitutionCode; readonly sender: string; readonly study: string | null },
  body: AsyncIterable<Uint8Array>,
): Promise<FileOutcome> => {
  const pieces = body[Symbol.asyncIterator]();
  const { head, isWhole } = await beginning(pieces);
  const start = readFileStart(head);
  if (!start) return NOT_DICOM;
  const { sopClassUid, sopInstanceUid, transferSyntaxUid } = start;
  const reference = { sopClassUid, sopInstanceUid, studyUid: null, seriesUid: null };
  const instance = await receiving.begin({
    institution: of.institution,
    sender: of.sender,
    assumedCharset: null,
    sopClassUid,
    sopInstanceUid,
    transferSyntaxUid,
    ...(of.study === null ? {} : { studyUid: of.study }),
  });
  try {
    await instance.write(head.subarray(start.dataSetOffset));
    if (!isWhole)
      for (let next = await pieces.next(); !next.done; next = await pieces.next())
        await instance.write(next.value);
  } catch (error) {
    await instance.abort();
    throw error;
  }
  const outcome = await instance.finish();
  if (outcome.kind === 'quarantined')
    return {
      ...reference,
      failure: outcome.reason === 'study-uid-differs' ? ANOTHER_STUDY : storeStatus(outcome).status,
      outcome,
    };
  const { studyUid, seriesUid } = outcome.header;
  return { sopClassUid, sopInstanceUid, studyUid, seriesUid, failure: null, outcome };
};

/** Faults of the whole request: its body ends too early, or is longer than it may be. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set(['MULTIPART_INVALID', 'BODY_TOO_LARGE']);

const failed = (error: unknown): FileOutcome => ({
  ...NOT_DICOM,
  failure: error instanceof Fault && error.status === 503 ? OUT_OF_RESOURCES : PROCESSING_FAILURE,
});

/** Stores by STOW-RS (PS3.18 §10.5): each part by itself, so that a broken one takes none of the others along. */
export const storeFlow =
  (receiving: Receiving): DicomWeb['store'] =>
  async ({ actor }, study, { mediaType, pieces }) => {
    if (actor.kind === 'patient' || actor.institution === null) throw imagingFault('STUDY_UNKNOWN');
    const { type, parameters } = readMediaType(mediaType);
    const partType = parameters.get('type')?.toLowerCase() ?? 'application/dicom';
    if (type !== 'multipart/related' || partType !== 'application/dicom')
      throw dicomWebFault('STORE_TYPE_UNSUPPORTED', { place: 'content-type' });
    const of = { institution: actor.institution, sender: `stow:${actor.name}`, study };
    const stored: FileOutcome[] = [];
    for await (const part of multipartParts(pieces, parameters.get('boundary') ?? '')) {
      try {
        stored.push(await receiveFile(receiving, of, part.body));
      } catch (error) {
        if (error instanceof Fault && OF_THE_REQUEST.has(error.code)) throw error;
        stored.push(failed(error));
      }
    }
    if (stored.length === 0) throw dicomWebFault('MULTIPART_INVALID', { place: 'body' });
    return stored;
  };
