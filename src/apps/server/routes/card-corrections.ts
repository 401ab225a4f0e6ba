import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { cardCorrectionFormPage, cardCorrectionPage } from '../../../web/card/card-correction.ts';
import type { Draft } from '../../../web/correction-pages.ts';
import { correctionRequestShape } from '../../../web/wire/correction.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { CARD_TOKEN_CHARACTERS_MAX } from '../../flows/card/card-link.ts';
import { flowFault } from '../../flows/dependencies.ts';
import { CARD_ASSETS } from '../card-assets.ts';
import type { CallOrigin, CheckFlows, LaunchedActor } from '../flows-port.ts';
import { type Answer, cardRoute, goTo, type Limits, page, type Route } from '../route.ts';
import { cardRefusal } from './card.ts';
import type { CorrectionFlows } from './corrections.ts';
import { valueOf } from './order-checks.ts';
import { THE_PAGE } from './declared.ts';

const LIMITS: Limits = { bodyBytes: 16 * 1024, perMinute: 120 };

const tokenParams = z.strictObject({ token: z.string().max(CARD_TOKEN_CHARACTERS_MAX) });
const reportParams = tokenParams.extend({ report: publicIdShape });
const ticketParams = tokenParams.extend({ correction: publicIdShape });
// A photo needs a form that old engines send badly; it can be given on the desk's question.
const formShape = correctionRequestShape.omit({ report: true, photo: true }).extend({
  ordinal: z.union([z.literal('').transform(() => undefined), z.coerce.number().int().min(1)]).optional(),
  idempotencyKey: z.uuid(),
});

interface CardCall {
  readonly actor: LaunchedActor;
  readonly formToken: string;
  readonly origin: CallOrigin;
  readonly params: { readonly token: string; readonly report: string };
}

/** Reporting an error from the card of one check, in a report whose result that check shows. */
export const cardCorrectionRoutes = (
  checks: CheckFlows,
  corrections: CorrectionFlows,
  clock: Clock,
): Route[] => {
  const under = ({ actor, params }: Pick<CardCall, 'actor'> & { params: { readonly token: string } }) => ({
    base: `/card/${params.token}`,
    assets: CARD_ASSETS,
    watermark: { staffNumber: actor.staffNumber, department: actor.department, at: clock() },
  });
  const requireShown = async ({ actor, params }: CardCall): Promise<PublicId> => {
    const id = params.report as PublicId;
    if (!(await checks.shownReport(actor, actor.check, id))) throw flowFault('REPORT_UNKNOWN');
    return id;
  };
  const renderForm = async (call: CardCall, draft: Draft, message: string | null): Promise<Answer> => {
    const report = valueOf(await checks.report(call.actor, await requireShown(call), call.origin));
    const view = { ...under(call), formToken: call.formToken, report, draft, message };
    return page(
      cardCorrectionFormPage({ ...view, idempotencyKey: randomUUID() }),
      message === null ? 200 : 400,
    );
  };
  return [
    cardRoute({
      operationId: 'cardCorrectionForm',
      method: 'GET',
      path: '/card/{token}/reports/{report}/correction',
      surface: 'page',
      refusal: cardRefusal,
      summary: { zh: '报告有误（卡片）', en: 'The form to report an error, from the card' },
      limits: LIMITS,
      input: { params: reportParams },
      answers: THE_PAGE,
      handle: (call) => renderForm(call, { ordinal: null, kind: '', text: '' }, null),
    }),
    cardRoute({
      operationId: 'submitCardCorrection',
      method: 'POST',
      path: '/card/{token}/reports/{report}/correction',
      surface: 'page',
      refusal: cardRefusal,
      summary: { zh: '提交纠错（卡片）', en: 'Reports an error from the card' },
      limits: LIMITS,
      input: { params: reportParams, body: formShape },
      answers: [
        { status: 303, description: 'Kept; on to the ticket', mediaType: 'none' },
        { status: 400, description: 'The form again with what is wrong', mediaType: 'text/html' },
      ],
      async handle(call) {
        const report = await requireShown(call);
        const { idempotencyKey, ...body } = call.body;
        const sent = await corrections.submit(call.actor, { report, ...body }, idempotencyKey, call.origin);
        if (!sent.ok && sent.reason.status < 500)
          return renderForm(
            call,
            { ordinal: body.ordinal ?? null, kind: body.kind, text: body.text },
            sent.reason.zh,
          );
        return goTo(`/card/${call.params.token}/corrections/${valueOf(sent).id}`);
      },
    }),
    cardRoute({
      operationId: 'cardCorrection',
      method: 'GET',
      path: '/card/{token}/corrections/{correction}',
      surface: 'page',
      refusal: cardRefusal,
      summary: { zh: '纠错单（卡片）', en: 'A ticket that the doctor of the card sent' },
      limits: LIMITS,
      input: { params: ticketParams },
      answers: THE_PAGE,
      async handle(call) {
        const { actor, params, origin } = call;
        const correction = valueOf(await corrections.read(actor, params.correction as PublicId, origin));
        return page(cardCorrectionPage({ ...under(call), correction }));
      },
    }),
  ];
};
