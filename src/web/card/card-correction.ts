import { correctionCourse, stateBadge } from '../correction-course.ts';
import { type Draft, errorFields, subjectOptions } from '../correction-pages.ts';
import { CORRECTION_KIND_WORDS, DISPUTED_WORDS } from '../correction-words.ts';
import { type Html, html } from '../html.ts';
import { formTokenField } from '../layout.ts';
import type { CorrectionAnswer } from '../wire/correction.ts';
import type { ReportAnswer } from '../wire/order-check-answer.ts';
import { type CardAssets, type CardFrame, cardFrame } from './card-page.ts';

interface UnderToken {
  readonly assets: CardAssets;
  readonly watermark: NonNullable<CardFrame['watermark']>;
  /** Address of the card. */
  readonly base: string;
}

/** The form by which a doctor inside the hospital's own system reports an error in a report of the card. */
export const cardCorrectionFormPage = (
  view: UnderToken & {
    readonly formToken: string;
    readonly report: ReportAnswer;
    readonly draft: Draft;
    readonly message: string | null;
    readonly idempotencyKey: string;
  },
): Html => {
  const { report, draft, base } = view;
  return cardFrame({
    title: '报告有误',
    assets: view.assets,
    drill: false,
    watermark: view.watermark,
    content: html`<p class="sub"><a href="${base}/reports/${report.id}">返回报告</a></p>
<h1>报告有误（纠错）</h1>
<p class="sub">${report.institution.nameZh}　${report.title}　报告单号 ${report.reportNumber}　第 ${report.version} 版</p>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
<form class="stacked" method="post" action="${base}/reports/${report.id}/correction">
${formTokenField(view.formToken)}<input type="hidden" name="idempotencyKey" value="${view.idempotencyKey}">
${
  report.observations.length > 0 &&
  html`<p><label for="ordinal">哪一项</label> <select id="ordinal" name="ordinal">${subjectOptions(report, draft)}</select></p>`
}
${errorFields(draft)}
<p><button class="main" type="submit">提交</button></p>
</form>`,
  });
};

/** What a doctor inside the hospital's own system sent, and what has become of it. */
export const cardCorrectionPage = (view: UnderToken & { readonly correction: CorrectionAnswer }): Html => {
  const { correction, base } = view;
  return cardFrame({
    title: '纠错单',
    assets: view.assets,
    drill: false,
    watermark: view.watermark,
    content: html`<p class="sub"><a href="${base}">返回互认卡片</a></p>
<h1>纠错单 ${correction.ticket} ${stateBadge(correction)}</h1>
${correction.disputed && html`<p role="note">${DISPUTED_WORDS}</p>`}
<p>${CORRECTION_KIND_WORDS[correction.kind]}　${correction.institution.nameZh}　${correction.title}　${correction.reportNumber}</p>
${correctionCourse(correction)}`,
  });
};
