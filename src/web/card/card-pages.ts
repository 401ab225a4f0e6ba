import { explanationContent } from '../explanation-page.ts';
import { type Html, html } from '../html.ts';
import type { ProblemView } from '../problem-page.ts';
import { imagesLine, reportAppendix, reportContent } from '../report-page.ts';
import type { Explanation, PersonSummary, ReportAnswer } from '../wire/order-check-answer.ts';
import { type CardAssets, type CardFrame, cardFrame, cardPerson } from './card-page.ts';

interface UnderToken {
  readonly assets: CardAssets;
  readonly watermark: NonNullable<CardFrame['watermark']>;
  /** Address of the card. */
  readonly base: string;
}

const backLink = (base: string): Html => html`<p class="sub"><a href="${base}">返回互认卡片</a></p>`;

/** A report whose result the card shows. */
export const cardReportPage = (
  view: UnderToken & {
    readonly report: ReportAnswer;
    readonly person: PersonSummary;
    /** HR mark that the check established for this report. */
    readonly mark: string | null;
  },
): Html =>
  cardFrame({
    title: '原报告',
    assets: view.assets,
    drill: false,
    watermark: view.watermark,
    content: html`${backLink(view.base)}${cardPerson(view.person)}
${reportContent(view.report, view.mark)}
${reportAppendix(view.report, (n) => `${view.base}/reports/${view.report.id}/attachments/${n}`)}
${imagesLine(view.report, `${view.base}/reports/${view.report.id}/images`, 'card')}
<p><a href="${view.base}/reports/${view.report.id}/correction">报告有误？</a></p>`,
  });

/** Why the verdicts of the card are what they are. */
export const cardExplanationPage = (
  view: UnderToken & { readonly explanation: Explanation; readonly isAllOpen: boolean },
): Html =>
  cardFrame({
    title: '核查依据',
    assets: view.assets,
    drill: false,
    watermark: view.watermark,
    content: explanationContent(
      view.explanation,
      {
        check: view.base,
        self: `${view.base}/explanation`,
        report: (report, isShown) => (isShown ? `${view.base}/reports/${report}` : null),
      },
      view.isAllOpen,
    ),
  });

/** The form that takes the answers to the client's own page: sent by the script, or by its button. */
export const handOverPage = (view: {
  readonly assets: CardAssets;
  readonly handOver: {
    readonly url: string;
    readonly answers: string;
    readonly timeSeconds: number;
    readonly signature: string;
  };
}): Html => {
  const { url, answers, timeSeconds, signature } = view.handOver;
  return cardFrame({
    title: '返回开单系统',
    assets: view.assets,
    drill: false,
    watermark: null,
    content: html`<h1>应答已记录，正在返回开单系统</h1>
<form method="post" action="${url}" data-hand-over="yes" accept-charset="UTF-8">
<input type="hidden" name="answers" value="${answers}"><input type="hidden" name="time" value="${timeSeconds}"><input type="hidden" name="signature" value="${signature}">
<button class="main" type="submit">返回开单系统</button></form>`,
  });
};

/** A refusal or failure inside the card's frame: what happened, that ordering goes on, and the numbers to quote. */
export const cardProblemPage = (problem: ProblemView, assets: CardAssets): Html =>
  cardFrame({
    title: '未能完成',
    assets,
    drill: false,
    watermark: null,
    content: html`<h1 class="unchecked">未能完成</h1>
<p class="alert" role="alert">${problem.zh}</p>
<p>互认提醒不影响开单。</p>
<dl class="facts"><dt>代码</dt><dd>${problem.code}</dd><dt>请求编号</dt><dd>${problem.requestId}</dd></dl>`,
  });
