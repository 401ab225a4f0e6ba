import { z } from 'zod';
import { partsTag } from '../../../adapters/dicomweb/entity-tag.ts';
import { readSearch } from '../../../adapters/dicomweb/search-query.ts';
import type { Right } from '../../../access/index.ts';
import type { Bilingual } from '../../../kernel/bilingual.ts';
import {
  type Answer,
  type AnswerShape,
  holderRoute,
  type Limits,
  route,
  type Route,
  scopedHolderRoute,
} from '../route.ts';
import {
  framesAnswer,
  metadataAnswer,
  negotiationOf,
  partsAnswer,
  pictureAnswer,
  picturesAnswer,
  readWhenSent,
  requireJson,
  storeAnswer,
  videoAnswer,
  wantsVideo,
} from './dicom-web-answers.ts';
import type {
  CorrectedParts,
  DicomWeb,
  DicomWebAddress,
  DicomWebCaller,
  DicomWebReader,
  DicomWebSearch,
} from './dicom-web-port.ts';
import { ownThumbnail, pictureRequest, picturesRequest } from './picture-request.ts';

const READING: Limits = { bodyBytes: 1, perMinute: 60_000 };
/** A study at once; each instance has its own bound. */
const STORING: Limits = { bodyBytes: 64 * 1024 * 1024 * 1024, perMinute: 6_000 };

const uid = z.string().regex(/^[0-9.]{1,64}$/);
const studyParams = z.strictObject({ study: uid });
const seriesParams = z.strictObject({ study: uid, series: uid });
const instanceParams = z.strictObject({ study: uid, series: uid, instance: uid });
const framesParams = z.strictObject({
  study: uid,
  series: uid,
  instance: uid,
  frames: z.string().regex(/^\d{1,9}(,\d{1,9}){0,999}$/),
});
const bulkParams = z.strictObject({
  study: uid,
  series: uid,
  instance: uid,
  path: z.string().regex(/^[0-9A-Fa-f]{8}(\.\d{1,6}\.[0-9A-Fa-f]{8}){0,16}$/),
});

const negotiation = z.looseObject({
  accept: z.string().max(2_000).optional(),
  'accept-encoding': z.string().max(500).optional(),
  'if-none-match': z.string().max(500).optional(),
  range: z.string().max(100).optional(),
  'if-range': z.string().max(200).optional(),
});

const text = z.string().max(200).optional();
const pictureQuery = z.strictObject({
  quality: text,
  viewport: text,
  window: text,
  accept: text,
  annotation: z
    .string()
    .regex(/^(patient|technique)(,(patient|technique))*$/)
    .optional(),
  iccprofile: text,
  version: text,
});
/** What frames are accepted as, where no header can say it; the version of the content that a page named. */
const framesQuery = z.strictObject({ accept: text, version: text });
/** Whether headers say of the patient what they said when they came, or what the person index says now. */
const instanceQuery = z.strictObject({
  'patient-module': z.enum(['stored', 'current']).default('stored'),
});
const metadataQuery = z.strictObject({ ...instanceQuery.shape, version: text });
const searchQuery = z.looseObject(instanceQuery.shape);

/** The part of a call that says who calls. */
const readerOf = <Caller extends Required<DicomWebReader>>({
  actor,
  origin,
  isHead,
}: Caller): Pick<Caller, 'actor' | 'origin' | 'isHead'> => ({ actor, origin, isHead });

const addressOf = (params: {
  readonly study: string;
  readonly series?: string;
  readonly instance?: string;
}): DicomWebAddress => ({
  study: params.study,
  series: params.series ?? null,
  instance: params.instance ?? null,
});

const JSON_ANSWER: AnswerShape = {
  status: 200,
  description: 'Data sets in the DICOM JSON model',
  mediaType: 'application/dicom+json',
};
const PICTURES: readonly AnswerShape[] = [
  { status: 200, description: 'A picture', mediaType: 'image/jpeg' },
  { status: 200, description: 'A picture', mediaType: 'image/png' },
];
const RENDERED: readonly AnswerShape[] = [
  ...PICTURES,
  { status: 200, description: 'The pictures of all frames, each in a part', mediaType: 'multipart/related' },
];
const VIDEOS: readonly AnswerShape[] = [
  { status: 200, description: 'The video of an instance, where that was asked for', mediaType: 'video/mp4' },
  { status: 206, description: 'A range of it', mediaType: 'video/mp4' },
];
const PARTS: readonly AnswerShape[] = [
  { status: 200, description: 'Parts as stored', mediaType: 'multipart/related' },
  { status: 200, description: 'The only part', mediaType: 'application/octet-stream' },
  { status: 200, description: 'The only instance', mediaType: 'application/dicom' },
  { status: 206, description: 'A range of it', mediaType: 'application/octet-stream' },
];

const FRAMES: readonly AnswerShape[] = [
  ...PARTS.filter(({ mediaType }) => mediaType !== 'application/dicom'),
  { status: 200, description: 'The only frame, of the view copy', mediaType: 'image/jphc' },
  ...(['image/jpeg', 'image/jls', 'image/jp2', 'image/dicom-rle'] as const).map((mediaType) => ({
    status: 200,
    description: 'The only frame, as it is stored',
    mediaType,
  })),
];

const IMAGE_READ = { access: { kind: 'holder', right: 'image:read' as Right } } as const;

const declared = (operationId: string, path: string, summary: Bilingual) => ({
  operationId,
  method: 'GET' as const,
  path: `/dicom-web${path}`,
  surface: 'api' as const,
  summary,
  ...IMAGE_READ,
  answersHead: true as const,
  limits: READING,
});

/** The images of what an app is answered as ImagingStudy, under the same scope. */
const retrieval = (operationId: string, path: string, summary: Bilingual) => ({
  ...declared(operationId, path, summary),
  scope: { resource: 'ImagingStudy', interaction: 'read' } as const,
});

const STUDY = '/studies/{study}';
const SERIES = `${STUDY}/series/{series}`;
const INSTANCE = `${SERIES}/instances/{instance}`;

/** Says whether what was asked for by `patient-module=current` differs from what is stored. */
const patientModuleHeader = (isCorrected: boolean): Readonly<Record<string, string>> => ({
  'huren-patient-module': isCorrected ? 'corrected' : 'as-stored',
});

const searchAnswer = async (
  flows: DicomWeb,
  calling: Required<DicomWebCaller>,
  query: Readonly<Record<string, unknown>>,
  where: Pick<DicomWebSearch, 'level' | 'study' | 'series' | 'patientModule'>,
): Promise<Answer> => {
  const { matches, hasMore, unmatched, isCorrected } = await flows.search(readerOf(calling), {
    ...readSearch(query),
    ...where,
  });
  const warnings = [
    ...(hasMore ? ['299 huren "There are more results; ask for them with offset"'] : []),
    ...(query['fuzzymatching'] === 'true' ? ['299 huren "Fuzzy matching is not supported"'] : []),
    ...(unmatched.length > 0 ? [`299 huren "Not matched: ${unmatched.join(' ')}"`] : []),
  ];
  return {
    kind: 'text',
    status: 200,
    mediaType: 'application/dicom+json',
    text: JSON.stringify(matches),
    headers: {
      ...(warnings.length > 0 ? { warning: warnings.join(', ') } : {}),
      ...(where.patientModule === 'current' ? patientModuleHeader(isCorrected) : {}),
    },
  };
};

const searchRoutes = (flows: DicomWeb): Route[] => {
  const search = <Params extends z.ZodType>(
    operationId: string,
    path: string,
    summary: Bilingual,
    params: Params | undefined,
    level: DicomWebSearch['level'],
  ): Route =>
    holderRoute({
      ...declared(operationId, path, summary),
      input: { ...(params ? { params } : {}), query: searchQuery, headers: negotiation },
      answers: [JSON_ANSWER],
      handle: async (call) => {
        requireJson(call.headers);
        const address = (call.params ?? {}) as { readonly study?: string; readonly series?: string };
        const { 'patient-module': patientModule, ...query } = call.query;
        return searchAnswer(flows, call, query, {
          patientModule,
          level,
          study: address.study ?? null,
          series: address.series ?? null,
        });
      },
    });
  return [
    search(
      'searchStudies',
      '/studies',
      { zh: '检索影像检查（QIDO-RS）', en: 'QIDO-RS: studies' },
      undefined,
      'study',
    ),
    search(
      'searchSeries',
      `${STUDY}/series`,
      { zh: '检索序列（QIDO-RS）', en: 'QIDO-RS: series of a study' },
      studyParams,
      'series',
    ),
    search(
      'searchInstancesOfStudy',
      `${STUDY}/instances`,
      { zh: '检索检查的影像对象（QIDO-RS）', en: 'QIDO-RS: instances of a study' },
      studyParams,
      'instance',
    ),
    search(
      'searchInstances',
      `${SERIES}/instances`,
      { zh: '检索序列的影像对象（QIDO-RS）', en: 'QIDO-RS: instances of a series' },
      seriesParams,
      'instance',
    ),
  ];
};

/** Instances with the header of now, and a word on whether it is another than the stored one. */
const correctedAnswer = async (
  { parts, isCorrected, etag }: CorrectedParts,
  call: { readonly headers: z.output<typeof negotiation>; readonly isHead: boolean },
): Promise<Answer> => {
  const answer = await partsAnswer(readWhenSent(parts, call), 'application/dicom', negotiationOf(call), {
    etag,
    isLasting: false,
  });
  return {
    ...answer,
    headers: { ...answer.headers, ...patientModuleHeader(isCorrected) },
  };
};

/** A picture with a word that nothing is written into it, to whoever asked for that (PS3.18 §8.3.5.1.1). */
const notAnnotated = (
  answer: Answer,
  { annotation }: { readonly annotation?: string | undefined },
): Answer =>
  annotation === undefined
    ? answer
    : {
        ...answer,
        headers: {
          ...answer.headers,
          warning: [answer.headers?.['warning'], '299 huren "No annotation is burned in"']
            .filter((each) => each !== undefined)
            .join(', '),
        },
      };

/**
 * Pictures of what is addressed: one that stands for it, or all of its frames, each in a part.
 *
 * @param frames of the one instance that is addressed; null: none is named
 */
const renderedAnswer = async (
  flows: DicomWeb,
  call: Required<DicomWebReader> & {
    readonly query: z.output<typeof pictureQuery>;
    readonly headers: z.output<typeof negotiation>;
  },
  address: DicomWebAddress,
  frames: readonly number[] | null,
): Promise<Answer> => {
  const { query, headers } = call;
  const { request, isMultipart } = picturesRequest(query, headers, frames?.length ?? null);
  const reader = readerOf(call);
  const answer = isMultipart
    ? picturesAnswer(await flows.pictures(reader, address, frames, request), headers, query.version)
    : pictureAnswer(
        await flows.picture(reader, address, frames?.[0] ?? null, request),
        headers,
        query.version,
      );
  return notAnnotated(answer, query);
};

/** A study, a series or an instance: what can be asked of each. */
const levelRoutes = (
  flows: DicomWeb,
  level: 'Study' | 'Series' | 'Instance',
  path: string,
  params: typeof studyParams | typeof seriesParams | typeof instanceParams,
): Route[] => [
  scopedHolderRoute({
    ...retrieval(`retrieve${level}`, path, {
      zh: '取回影像原件（WADO-RS）',
      en: 'WADO-RS: instances as stored',
    }),
    input: { params: params as z.ZodType<{ study: string }>, query: instanceQuery, headers: negotiation },
    answers: PARTS,
    handle: async (call) => {
      if (call.query['patient-module'] === 'current')
        return correctedAnswer(await flows.corrected(readerOf(call), addressOf(call.params)), call);
      const parts = readWhenSent(await flows.instances(readerOf(call), addressOf(call.params)), call);
      const etag = partsTag(parts);
      return partsAnswer(parts, 'application/dicom', negotiationOf(call), { etag, isLasting: false });
    },
  }),
  scopedHolderRoute({
    ...retrieval(`retrieve${level}Metadata`, `${path}/metadata`, {
      zh: '影像元数据（WADO-RS）',
      en: 'WADO-RS: metadata as DICOM JSON',
    }),
    input: { params: params as z.ZodType<{ study: string }>, query: metadataQuery, headers: negotiation },
    answers: [JSON_ANSWER],
    handle: async (call) => {
      requireJson(call.headers);
      if (call.query['patient-module'] === 'current') {
        const corrected = await flows.correctedMetadata(readerOf(call), addressOf(call.params));
        const answer = metadataAnswer(corrected, call.headers);
        return { ...answer, headers: { ...answer.headers, ...patientModuleHeader(corrected.isCorrected) } };
      }
      return metadataAnswer(
        await flows.metadata(readerOf(call), addressOf(call.params)),
        call.headers,
        call.query.version,
      );
    },
  }),
  scopedHolderRoute({
    ...retrieval(`retrieve${level}Rendered`, `${path}/rendered`, {
      zh: '生成的预览图（WADO-RS）',
      en: 'WADO-RS: a picture for the screen',
    }),
    input: { params: params as z.ZodType<{ study: string }>, query: pictureQuery, headers: negotiation },
    answers: level === 'Instance' ? [...RENDERED, ...VIDEOS] : RENDERED,
    handle: async (call) => {
      const { accept } = call.query;
      if (level === 'Instance' && wantsVideo(accept, call.headers))
        return videoAnswer(
          await flows.video(readerOf(call), addressOf(call.params)),
          negotiationOf(call),
          accept,
        );
      return renderedAnswer(flows, call, addressOf(call.params), null);
    },
  }),
  scopedHolderRoute({
    ...retrieval(`retrieve${level}Thumbnail`, `${path}/thumbnail`, {
      zh: '缩略图（WADO-RS）',
      en: 'WADO-RS: a small picture',
    }),
    input: { params: params as z.ZodType<{ study: string }>, query: pictureQuery, headers: negotiation },
    answers: PICTURES,
    handle: async (call) => {
      const request = pictureRequest(call.query, call.headers);
      const picture = ownThumbnail(call.query, request)
        ? await flows.picture(readerOf(call), addressOf(call.params), null, request)
        : await flows.thumbnail(readerOf(call), addressOf(call.params));
      return pictureAnswer(picture, call.headers, call.query.version);
    },
  }),
];

const framesOf = (list: string): readonly number[] => list.split(',').map(Number);

const instanceRoutes = (flows: DicomWeb): Route[] => [
  scopedHolderRoute({
    ...retrieval('retrieveFrames', `${INSTANCE}/frames/{frames}`, {
      zh: '取回帧的原始像素（WADO-RS）',
      en: 'WADO-RS: frames as stored, of the view copy, or as plain words',
    }),
    input: { params: framesParams, query: framesQuery, headers: negotiation },
    answers: FRAMES,
    handle: async (call) => {
      const { frames, ...address } = call.params;
      const wanted = framesOf(frames);
      return framesAnswer(
        `${address.instance}|${frames}`,
        wanted.length,
        negotiationOf(call),
        async (copy) => {
          const found = await flows.frames(readerOf(call), addressOf(address), wanted, copy);
          return { ...found, frames: readWhenSent(found.frames, call) };
        },
        call.query,
      );
    },
  }),
  scopedHolderRoute({
    ...retrieval('retrieveFrameRendered', `${INSTANCE}/frames/{frames}/rendered`, {
      zh: '帧的预览图（WADO-RS）',
      en: 'WADO-RS: frames as pictures',
    }),
    input: { params: framesParams, query: pictureQuery, headers: negotiation },
    answers: RENDERED,
    handle: async (call) => {
      const { frames, ...address } = call.params;
      return renderedAnswer(flows, call, addressOf(address), framesOf(frames));
    },
  }),
  scopedHolderRoute({
    ...retrieval('retrieveBulkData', `${INSTANCE}/bulkdata/{path}`, {
      zh: '取回大块数据（WADO-RS）',
      en: 'WADO-RS: a large value',
    }),
    input: { params: bulkParams, headers: negotiation },
    answers: PARTS,
    handle: async (call) => {
      const { path, ...address } = call.params;
      const part = await flows.bulkData(readerOf(call), addressOf(address), path.toUpperCase());
      const etag = partsTag([part]);
      return partsAnswer(readWhenSent([part], call), 'application/octet-stream', negotiationOf(call), {
        etag,
        isLasting: false,
      });
    },
  }),
];

const storeRoute = (flows: DicomWeb, operationId: string, path: string, params?: typeof studyParams): Route =>
  route({
    operationId,
    method: 'POST',
    path: `/dicom-web${path}`,
    surface: 'api',
    summary: { zh: '存入影像（STOW-RS）', en: 'STOW-RS: stores instances' },
    access: { kind: 'right', right: 'image:store' },
    limits: STORING,
    rawBody: {
      mediaTypes: ['multipart/related'],
      description: 'multipart/related; type="application/dicom" (PS3.18 §10.5)',
      isStream: true,
    },
    input: params ? { params } : {},
    answers: [
      { status: 200, description: 'All stored', mediaType: 'application/dicom+json' },
      { status: 202, description: 'Some stored', mediaType: 'application/dicom+json' },
      { status: 409, description: 'None stored', mediaType: 'application/dicom+json' },
    ],
    handle: async (call) => {
      const { study = null } = (call.params ?? {}) as { readonly study?: string };
      const body = call.rawStream ?? { mediaType: '', pieces: nothing() };
      return storeAnswer(await flows.store(readerOf(call), study, body));
    },
  });

const nothing = async function* (): AsyncGenerator<Uint8Array, void, void> {
  // A request without a body.
};

/** DICOMweb (PS3.18): search, retrieval and storage of images. */
export const dicomWebRoutes = (flows: DicomWeb): Route[] => [
  ...searchRoutes(flows),
  ...levelRoutes(flows, 'Study', STUDY, studyParams),
  ...levelRoutes(flows, 'Series', SERIES, seriesParams),
  ...levelRoutes(flows, 'Instance', INSTANCE, instanceParams),
  ...instanceRoutes(flows),
  storeRoute(flows, 'storeInstances', '/studies'),
  storeRoute(flows, 'storeInstancesOfStudy', STUDY, studyParams),
];
