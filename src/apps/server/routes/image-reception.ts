import { consoleScopeShape } from '../../../web/wire/console.ts';
import { imageReceptionShape } from '../../../web/wire/image-reception.ts';
import { json, type Limits, type Route, route } from '../route.ts';
import { answers } from './declared.ts';
import type { ImageReceptionFlow } from './image-reception-port.ts';

const LOOKING: Limits = { bodyBytes: 1, perMinute: 120 };

/** How images come in, for the console. */
export const imageReceptionRoutes = (reception: ImageReceptionFlow): Route[] => [
  route({
    operationId: 'readImageReception',
    method: 'GET',
    path: '/api/console/images',
    surface: 'api',
    summary: {
      zh: '影像接收：按日、按设备，待核对、未传完与被拒绝的连接',
      en: 'Images received by day and device, what waits, what is incomplete, who was refused',
    },
    access: { kind: 'right', right: 'console:read' },
    limits: LOOKING,
    input: { query: consoleScopeShape },
    answers: answers(imageReceptionShape),
    handle: async ({ actor, query }) => json(await reception.read(actor, query.institution)),
  }),
];
