import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Fault } from '../../../kernel/fault.ts';
import type { Clock } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { cardPage } from '../../../web/card/card-page.ts';
import {
  cardExplanationPage,
  cardProblemPage,
  cardReportPage,
  handOverPage,
} from '../../../web/card/card-pages.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { CARD_TOKEN_CHARACTERS_MAX } from '../../flows/card/card-link.ts';
import { flowFault } from '../../flows/dependencies.ts';
import { launchQueryShape } from '../../flows/card/launch-desk.ts';
import { CARD_ASSETS, CARD_SCRIPT, CARD_STYLE } from '../card-assets.ts';
import type { CallOrigin, CheckFlows, LaunchedActor } from '../flows-port.ts';
import {
  type Answer,
  cardRoute,
  goTo,
  launchRoute,
  type Limits,
  page,
  publicRoute,
  type Route,
} from '../route.ts';
import { cardHeaders } from '../security-headers.ts';
import type { CardFlows } from './card-port.ts';
import type { ConsentFlows } from './consents-port.ts';
import { ATTACHMENT_ANSWERS, attachedFile, explanationQuery, NOT_CHECKED, valueOf } from './order-checks.ts';
import { isUnderFourteen } from '../../flows/consent/present-consent.ts';
import { spokenConsentFormShape } from './consent-form.ts';
import { type AnswerRefusal, giveAnswers, responseFormShape } from './response-form.ts';
import { THE_PAGE } from './declared.ts';

const LIMITS: Limits = { bodyBytes: 16 * 1024, perMinute: 300 };

const KEPT = { 'cache-control': 'public, max-age=31536000, immutable' };

const tokenParams = z.strictObject({ token: z.string().max(CARD_TOKEN_CHARACTERS_MAX) });
const reportParams = tokenParams.extend({ report: publicIdShape });

/** Refusals stand in the card's own frame, without the menu and links of the signed-in pages. */
export const cardRefusal = (fault: Fault, requestId: string) => ({
  mediaType: 'text/html; charset=utf-8',
  bytes: Buffer.from(
    cardProblemPage({ status: fault.status, code: fault.code, zh: fault.zh, requestId }, CARD_ASSETS).text,
  ),
});

interface CardCall {
  readonly actor: LaunchedActor;
  readonly formToken: string;
  readonly origin: CallOrigin;
  readonly params: { readonly token: string };
}

const asset = (
  operationId: string,
  path: string,
  mediaType: 'text/css' | 'text/javascript',
  text: string,
): Route =>
  publicRoute({
    operationId,
    method: 'GET',
    path,
    surface: 'plain',
    summary: { zh: '卡片的样式与脚本', en: 'Style sheet and script of the card' },
    limits: { bodyBytes: 1, perMinute: 6_000 },
    input: {},
    answers: [{ status: 200, description: 'Text', mediaType }],
    handle: async () => ({
      kind: 'text',
      status: 200,
      mediaType: `${mediaType}; charset=utf-8`,
      text,
      headers: KEPT,
    }),
  });

/** The card of one check, for a doctor whom a client let in by a token or a signed launch address. */
export const cardRoutes = (
  flows: CheckFlows,
  cards: CardFlows,
  consents: ConsentFlows,
  clock: Clock,
): Route[] => {
  const watermarkOf = ({ staffNumber, department }: LaunchedActor) => ({
    staffNumber,
    department,
    at: clock(),
  });

  const render = async (
    call: CardCall,
    refused: AnswerRefusal | null,
    consentRefusal: string | null = null,
  ): Promise<Answer> => {
    const { actor, origin, params } = call;
    const [{ check, person, answers, emergencyUntil }, { byForm }] = await Promise.all([
      flows.readCard(actor, origin).then(valueOf),
      cards.returnOf(actor),
    ]);
    const base = `/card/${params.token}`;
    const view = {
      check,
      person,
      refusal: refused,
      consentRefusal,
      needsGuardian: isUnderFourteen(person?.birthDate ?? null, clock()),
      assets: CARD_ASSETS,
      formToken: call.formToken,
      newKey: randomUUID,
      watermark: watermarkOf(actor),
      addresses: {
        responses: `${base}/responses`,
        consents: `${base}/consents`,
        report: (report: string) => `${base}/reports/${report}`,
        images: (report: string) => `${base}/reports/${report}/images`,
        explanation: `${base}/explanation`,
        notice: (line: number) => `${base}/notices?line=${line}`,
      },
      finish: byForm ? `${base}/finish` : null,
      emergency: `${base}/emergency-access`,
      emergencyUntil,
      ...(answers && {
        parent: {
          origins: actor.frameOrigins,
          message: JSON.stringify({ type: 'huren.answers', ...answers }),
        },
      }),
    };
    return page(cardPage(view), refused === null && consentRefusal === null ? 200 : 400);
  };

  return [
    launchRoute({
      operationId: 'launchCard',
      method: 'GET',
      path: '/launch',
      surface: 'page',
      refusal: cardRefusal,
      summary: {
        zh: '签名启动地址：打开该申请单的互认卡片',
        en: 'Signed launch address: opens the card of an order',
      },
      limits: { bodyBytes: 1, perMinute: 60_000 },
      input: { query: launchQueryShape },
      answers: [{ status: 303, description: 'On to the card', mediaType: 'none' }],
      failure: NOT_CHECKED,
      deadlineMs: 10_000,
      handle: async ({ actor, query, origin }) =>
        goTo(`/card/${valueOf(await cards.open(actor, query, origin))}`),
    }),
    cardRoute({
      operationId: 'card',
      method: 'GET',
      path: '/card/{token}',
      surface: 'page',
      refusal: cardRefusal,
      summary: { zh: '互认卡片', en: 'The card of one check' },
      limits: LIMITS,
      input: { params: tokenParams },
      answers: [{ status: 200, description: 'The card', mediaType: 'text/html' }],
      failure: NOT_CHECKED,
      handle: (call) => render(call, null),
    }),
    cardRoute({
      operationId: 'answerOnCard',
      method: 'POST',
      path: '/card/{token}/responses',
      surface: 'page',
      refusal: cardRefusal,
      summary: { zh: '在卡片上应答（表单）', en: 'The answer to one line or to all, by form' },
      limits: LIMITS,
      input: { params: tokenParams, body: responseFormShape },
      answers: [
        { status: 303, description: 'Recorded; back to the card', mediaType: 'none' },
        { status: 400, description: 'Refused; the card again with the reason', mediaType: 'text/html' },
      ],
      async handle(call) {
        const refused = await giveAnswers(flows, call.actor, call.actor.check, call.body, call.origin);
        if (refused) return render(call, refused);
        const at = call.body.line > 0 ? `#line-${call.body.line}` : '';
        return goTo(`/card/${call.params.token}${at}`);
      },
    }),
    cardRoute({
      operationId: 'consentOnCard',
      method: 'POST',
      path: '/card/{token}/consents',
      surface: 'page',
      refusal: cardRefusal,
      summary: {
        zh: '在卡片上登记口头同意，并立即调阅（表单）',
        en: 'Records consent by word of mouth and opens what it opens, by form',
      },
      limits: LIMITS,
      input: { params: tokenParams, body: spokenConsentFormShape },
      answers: [
        { status: 303, description: 'Recorded; back to the card', mediaType: 'none' },
        { status: 400, description: 'Refused; the card again with the reason', mediaType: 'text/html' },
      ],
      async handle(call) {
        const { relation, idempotencyKey } = call.body;
        const recorded = await consents.recordOnCheck(
          call.actor,
          call.actor.check,
          { relation },
          idempotencyKey,
          call.origin,
        );
        if (!recorded.ok && recorded.reason.status === 400) return render(call, null, recorded.reason.zh);
        valueOf(recorded);
        return goTo(`/card/${call.params.token}`);
      },
    }),
    cardRoute({
      operationId: 'cardExplanation',
      method: 'GET',
      path: '/card/{token}/explanation',
      surface: 'page',
      refusal: cardRefusal,
      summary: { zh: '核查依据（卡片）', en: 'Every check with its data and citation, from the card' },
      limits: LIMITS,
      input: { params: tokenParams, query: explanationQuery },
      answers: THE_PAGE,
      async handle({ actor, params, query, origin }) {
        const explanation = valueOf(await flows.explain(actor, actor.check, origin));
        const base = `/card/${params.token}`;
        return page(
          cardExplanationPage({
            explanation,
            isAllOpen: query.open === 'all',
            base,
            assets: CARD_ASSETS,
            watermark: watermarkOf(actor),
          }),
        );
      },
    }),
    cardRoute({
      operationId: 'cardReport',
      method: 'GET',
      path: '/card/{token}/reports/{report}',
      surface: 'page',
      refusal: cardRefusal,
      summary: { zh: '原报告（卡片）', en: 'A report that the card shows a result of' },
      limits: LIMITS,
      input: { params: reportParams },
      answers: THE_PAGE,
      async handle({ actor, params, origin }) {
        const id = params.report as PublicId;
        const shown = await flows.shownReport(actor, actor.check, id);
        if (!shown) throw flowFault('REPORT_UNKNOWN');
        const report = valueOf(await flows.report(actor, id, origin));
        const person = valueOf(await flows.person(actor, report.person as PublicId, origin));
        const base = `/card/${params.token}`;
        return page(
          cardReportPage({
            ...shown,
            report,
            person,
            base,
            assets: CARD_ASSETS,
            watermark: watermarkOf(actor),
          }),
        );
      },
    }),
    cardRoute({
      operationId: 'cardReportAttachment',
      method: 'GET',
      path: '/card/{token}/reports/{report}/attachments/{n}',
      surface: 'page',
      refusal: cardRefusal,
      summary: { zh: '报告所附 PDF 或图片（卡片）', en: 'A PDF or picture of a report that the card shows' },
      limits: LIMITS,
      input: { params: reportParams.extend({ n: z.coerce.number().int().min(1).max(99) }) },
      answers: ATTACHMENT_ANSWERS,
      async handle({ actor, params, origin }) {
        const id = params.report as PublicId;
        if (!(await flows.shownReport(actor, actor.check, id))) throw flowFault('REPORT_UNKNOWN');
        const { mediaType, bytes } = valueOf(await flows.attachment(actor, id, params.n, origin));
        return attachedFile(mediaType, bytes, `${id}-${params.n}`);
      },
    }),
    cardRoute({
      operationId: 'finishCard',
      method: 'GET',
      path: '/card/{token}/finish',
      surface: 'page',
      refusal: cardRefusal,
      summary: { zh: '把应答以表单交回开单系统', en: 'Hands the answers to the client by a form' },
      limits: LIMITS,
      input: { params: tokenParams },
      answers: [
        { status: 200, description: 'The form', mediaType: 'text/html' },
        { status: 303, description: 'Nothing to hand over here; back to the card', mediaType: 'none' },
      ],
      async handle({ actor, params, origin }) {
        const handOver = await cards.handOver(actor, origin);
        if (!handOver) return goTo(`/card/${params.token}`);
        return {
          ...page(handOverPage({ handOver, assets: CARD_ASSETS })),
          headers: cardHeaders(actor.frameOrigins, [new URL(handOver.url).origin]),
        };
      },
    }),
    asset('cardStyle', '/assets/card.css', 'text/css', CARD_STYLE),
    asset('cardScript', '/assets/card.js', 'text/javascript', CARD_SCRIPT),
  ];
};
