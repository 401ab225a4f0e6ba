import { readFileSync } from 'node:fs';
import { multipartBody } from '../../src/adapters/dicomweb/multipart.ts';
import { TRANSFER_SYNTAXES, writePart10, dataSet } from '../../src/adapters/dicom/write-part10.ts';
import { type Database, statement } from '../../src/adapters/postgres/database.ts';
import { viewingPasses } from '../../src/apps/flows/imaging/viewing-pass.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { part10Of } from '../../src/apps/demonstration/studies/synthetic-study.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { encapsulated, instanceOfFile } from '../browser/sent-studies.ts';
import { testKeys } from '../system/ingest-fixtures.ts';
import type { Example } from './openapi-papers.ts';

const CT_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const STUDY = '2.25.90001';
const SERIES = `${STUDY}.1`;
const INSTANCE = `${SERIES}.1`;

const fileOf = (study: string, patientId: string, pixel = 0, series = `${study}.1`): Buffer =>
  writePart10(
    {
      sopClassUid: CT_STORAGE,
      sopInstanceUid: `${series}.1`,
      transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
    },
    dataSet({
      SpecificCharacterSet: 'ISO_IR 192',
      SOPClassUID: CT_STORAGE,
      SOPInstanceUID: `${series}.1`,
      StudyInstanceUID: study,
      SeriesInstanceUID: series,
      PatientID: patientId,
      Modality: 'CT',
      Rows: 40,
      Columns: 40,
      SamplesPerPixel: 1,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      PhotometricInterpretation: 'MONOCHROME2',
      PixelData: new Uint8Array(1600).fill(pixel),
    }),
    { transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian, charset: 'ISO_IR 192' },
  );
const FILE = fileOf(STUDY, 'OPENAPI-1');

const VIDEO_SERIES = `${STUDY}.2`;
/** A video in a series of its own. */
const VIDEO = part10Of(
  encapsulated(
    instanceOfFile(fileOf(STUDY, 'OPENAPI-1', 0, VIDEO_SERIES)),
    '1.2.840.10008.1.2.4.102',
    readFileSync(new URL('../fixtures/moving-square.mp4', import.meta.url)),
  ),
);

/** Of nobody: it waits in the worklist. */
const OF_NOBODY = fileOf('2.25.90002', '');

/** Studies under a person, of which somebody says that they are not that person's. */
const PLACED = ['2.25.90005', '2.25.90006'] as const;

/** The same UID with other content: a case for the institution. */
const CONTRADICTING = fileOf(STUDY, 'OPENAPI-1', 1);

const once = async function* (bytes: Uint8Array) {
  yield bytes;
};

const storeBody = async (
  file: Buffer,
): Promise<{ readonly mediaType: string; readonly bytes: Uint8Array }> => {
  const part = {
    mediaType: 'application/dicom',
    location: '/1',
    length: file.length,
    pieces: () => once(file),
  };
  const body = multipartBody([part], 'application/dicom', 'openapi-boundary');
  const pieces: Uint8Array[] = [];
  for await (const piece of body.pieces) pieces.push(piece);
  return { mediaType: body.mediaType, bytes: Buffer.concat(pieces) };
};

/** Stores one image for the examples, and gives them. @param key of a system that may store */
export const imageExamples = async (url: string, key: string): Promise<Record<string, Example>> => {
  const raw = await storeBody(FILE);
  const video = await storeBody(VIDEO);
  const unmatched = await storeBody(OF_NOBODY);
  const contradicting = await storeBody(CONTRADICTING);
  const placed = await Promise.all(PLACED.map((study) => storeBody(fileOf(study, 'OPENAPI-1'))));
  for (const { mediaType, bytes } of [raw, video, unmatched, contradicting, ...placed]) {
    const stored = await fetch(`${url}/dicom-web/studies`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': mediaType },
      body: bytes as Uint8Array<ArrayBuffer>,
    });
    if (stored.status !== 200) throw new Error(`no image stored: ${await stored.text()}`);
  }
  const study = `/dicom-web/studies/${STUDY}`;
  const series = `${study}/series/${SERIES}`;
  const instance = `${series}/instances/${INSTANCE}`;
  const read = (address: string): Example => ({ as: 'client', address, status: 200 });
  const levels = { Study: study, Series: series, Instance: instance };
  return {
    searchStudies: read('/dicom-web/studies?PatientID=OPENAPI-1'),
    searchSeries: read(`${study}/series`),
    searchInstancesOfStudy: read(`${study}/instances`),
    searchInstances: read(`${series}/instances`),
    ...Object.fromEntries(
      Object.entries(levels).flatMap(([level, address]) => [
        [`retrieve${level}`, read(address)],
        [`retrieve${level}Metadata`, read(`${address}/metadata`)],
        [`retrieve${level}Rendered`, read(`${address}/rendered`)],
        [`retrieve${level}Thumbnail`, read(`${address}/thumbnail`)],
      ]),
    ),
    retrieveFrames: read(`${instance}/frames/1`),
    retrieveFrameRendered: read(`${instance}/frames/1/rendered`),
    retrieveBulkData: read(`${instance}/bulkdata/7FE00010`),
    storeInstances: { as: 'client', address: '/dicom-web/studies', raw, status: 200 },
    storeInstancesOfStudy: { as: 'client', address: study, raw, status: 200 },
  };
};

const STUDY_ID = statement('test.openapi-study', 'select public_id from studies where study_uid = $1');

const CLOSE_STUDY = statement(
  'test.openapi-close-study',
  'update studies set open_series = 0 where study_uid = $1 returning public_id',
);

const HOLD_ID = statement('test.openapi-hold', 'select public_id from image_holds limit 1');

const MATCH_ID = statement('test.openapi-match', 'select public_id from study_matches limit 1');

/** Opening the image that `imageExamples` stored, in the viewer. */
export const viewExamples = async (database: Database): Promise<Record<string, Example>> => {
  const [row] = await database.run<{ public_id: string }>(STUDY_ID, [STUDY]);
  const id = (row as { public_id: string }).public_id;
  // As if they had come whole.
  const closed = async (uid: string): Promise<string> => {
    const [placed] = await database.run<{ public_id: string }>(CLOSE_STUDY, [uid]);
    return (placed as { public_id: string }).public_id;
  };
  const [apart, apartByPage] = [await closed(PLACED[0]), await closed(PLACED[1])];
  const [match] = await database.run<{ public_id: string }>(MATCH_ID);
  const [held] = await database.run<{ public_id: string }>(HOLD_ID);
  const hold = (held as { public_id: string }).public_id;
  return {
    viewStudy: { as: 'doctor', id, status: 200 },
    readOwnStudies: { as: 'patient', status: 200 },
    openStudy: { as: 'doctor', id, status: 200 },
    markKeyImages: {
      as: 'doctor',
      id,
      json: { images: [{ seriesUid: SERIES, sopInstanceUid: INSTANCE, frame: 1, number: 1 }] },
      status: 200,
    },
    readImageFigures: { as: 'technician', status: 200 },
    readStudyProof: { as: 'office', id, status: 200 },
    fhirReadImagingStudy: { as: 'client', id, status: 200 },
    offerStudy: { as: 'doctor', id, status: 200 },
    downloadStudy: { as: 'doctor', id, status: 200 },
    downloadPictures: { as: 'doctor', id, status: 200 },
    listStudyMatches: { as: 'registrar', status: 200 },
    studyMatchPage: { as: 'registrar', status: 200 },
    decideStudyMatch: {
      as: 'registrar',
      id: (match as { public_id: string }).public_id,
      json: { kind: 'apart' },
      status: 200,
    },
    decideStudyMatchPage: {
      as: 'registrar',
      id: (match as { public_id: string }).public_id,
      body: { kind: 'undo' },
      status: 303,
    },
    findPlacedStudies: { as: 'registrar', json: { number: 'A-NONE' }, status: 200 },
    placedStudyPage: { as: 'registrar', body: { number: 'A-NONE' }, status: 200 },
    setStudyApart: { as: 'registrar', id: apart, json: {}, status: 200 },
    setStudyApartPage: { as: 'registrar', id: apartByPage, body: {}, status: 303 },
    readImageReception: { as: 'technician', status: 200 },
    listImageHolds: { as: 'registrar', status: 200 },
    imageHoldsPage: { as: 'registrar', status: 200 },
    openImageHold: { as: 'registrar', id: hold, status: 200 },
    imageHoldPage: { as: 'registrar', id: hold, status: 200 },
    answerImageHold: { as: 'registrar', id: hold, json: { kind: 'take-second', seen: 1 }, status: 200 },
    answerImageHoldPage: { as: 'registrar', id: hold, body: { kind: 'undo', seen: '1' }, status: 303 },
    // The image stored above is of no report.
    viewImagesOfReport: { as: 'doctor', id, status: 404 },
  };
};

const PASSED_SERIES = 'GET /viewing/{pass}/studies/{study}/series/{series}';

/** What the holder of a pass may see without signing in. */
export const OPEN_BY_PASS = [
  'GET /viewing/{pass}',
  'GET /viewing/{pass}/study',
  'GET /viewing/{pass}/dicom.zip',
  'GET /viewing/{pass}/download',
  'GET /viewing/{pass}/pictures.zip',
  `${PASSED_SERIES}/instances/{instance}`,
  `${PASSED_SERIES}/instances/{instance}/frames/{frame}`,
  `${PASSED_SERIES}/instances/{instance}/rendered`,
  `${PASSED_SERIES}/metadata`,
  `${PASSED_SERIES}/rendered`,
  `${PASSED_SERIES}/thumbnail`,
];

/**
 * The same image by a pass of a doctor whom the hospital's system let in, and the two doors that give passes.
 *
 * @param token of a card, whose order has no images
 * @param launch address signed just now
 */
export const passedExamples = async (
  database: Database,
  { token, launch }: { readonly token: string; launch(studyUid: string): string },
): Promise<Record<string, Example>> => {
  const [row] = await database.run<{ public_id: PublicId }>(STUDY_ID, [STUDY]);
  const pass = viewingPasses({ keys: testKeys, clock: systemClock }).make({
    via: 'client',
    study: (row as { public_id: PublicId }).public_id,
    client: 'yx-county-his',
    institution: 'YX-COUNTY' as InstitutionCode,
    staffNumber: '100118',
    department: null,
  });
  const series = `/viewing/${pass}/studies/${STUDY}/series/${SERIES}`;
  const read = (address: string, status = 200): Example => ({ as: 'nobody', address, status });
  return {
    viewByPass: read(`/viewing/${pass}`),
    passedStudy: read(`/viewing/${pass}/study`),
    // Only what a patient shares may be taken along; this pass is a doctor's.
    offerByPass: read(`/viewing/${pass}/download`, 404),
    downloadByPass: read(`/viewing/${pass}/dicom.zip`, 404),
    picturesByPass: read(`/viewing/${pass}/pictures.zip`, 404),
    passedMetadata: read(`${series}/metadata`),
    passedInstance: read(`${series}/instances/${INSTANCE}`),
    passedFrame: read(`${series}/instances/${INSTANCE}/frames/1`),
    passedVideo: read(
      `/viewing/${pass}/studies/${STUDY}/series/${VIDEO_SERIES}/instances/${VIDEO_SERIES}.1/rendered?accept=video/mp4`,
    ),
    passedPreview: read(`${series}/rendered`),
    passedThumbnail: read(`${series}/thumbnail`),
    imagesOnCard: read(`/card/${token}/reports/01930000-0000-7000-8000-0000000000ff/images`, 404),
    invokeImageDisplay: read(launch(STUDY).replace('/launch?', '/IHEInvokeImageDisplay?'), 303),
  };
};
