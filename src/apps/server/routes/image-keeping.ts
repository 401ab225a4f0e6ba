import type { PublicId } from '../../../kernel/uuid.ts';
import { imageFiguresShape, studyProofAnswerShape } from '../../../web/wire/image-keeping.ts';
import { json, type Limits, type Route, route } from '../route.ts';
import { answers, idParams } from './declared.ts';
import type { ImageKeeping } from './image-keeping-port.ts';
import { valueOf } from './order-checks.ts';

/** Counted over all studies: asked for from time to time. */
const COUNTING: Limits = { bodyBytes: 1, perMinute: 60 };
const ACCESS = { kind: 'right', right: 'image-keeping:read' } as const;

/** Figures and proofs of the own institution's images, for programs. */
export const imageKeepingRoutes = (keeping: ImageKeeping): Route[] => [
  route({
    operationId: 'readImageFigures',
    method: 'GET',
    path: '/api/institution/images/figures',
    surface: 'api',
    summary: {
      zh: '本机构影像的存储量与流量',
      en: 'Storage and traffic of the own institution’s images, by month',
    },
    access: ACCESS,
    limits: COUNTING,
    input: {},
    answers: answers(imageFiguresShape),
    handle: async ({ actor }) => json(valueOf(await keeping.figures(actor))),
  }),
  route({
    operationId: 'readStudyProof',
    method: 'GET',
    path: '/api/institution/studies/{id}/proof',
    surface: 'api',
    summary: {
      zh: '检查影像的存储与可打开证明',
      en: 'The proof that a study’s images were stored and could be opened',
    },
    access: ACCESS,
    limits: COUNTING,
    input: { params: idParams },
    answers: answers(studyProofAnswerShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await keeping.proof(actor, params.id as PublicId, origin))),
  }),
];
