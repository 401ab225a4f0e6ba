import { type Html, html } from './html.ts';
import { layout, type Viewer } from './layout.ts';

/** A refusal as a person reads it. */
export interface ProblemView {
  readonly status: number;
  readonly code: string;
  readonly zh: string;
  readonly requestId: string;
  readonly errors?: readonly { readonly place: string; readonly zh: string }[] | undefined;
}

/** The page of a refusal or failure: what happened, what to do, and the numbers to quote. */
export const problemPage = (problem: ProblemView, viewer: Viewer | null, formToken: string): Html =>
  layout({
    title: '未能完成',
    viewer,
    formToken,
    content: html`<section class="narrow">
<h1>未能完成</h1>
<p class="alert" role="alert">${problem.zh}</p>
${
  problem.errors &&
  problem.errors.length > 0 &&
  html`<ul>${problem.errors.map(({ place, zh }) => html`<li><code>${place}</code>：${zh}</li>`)}</ul>`
}
<dl class="facts"><dt>代码</dt><dd>${problem.code}</dd><dt>请求编号</dt><dd>${problem.requestId}</dd></dl>
<p><a href="/">返回首页</a></p>
</section>`,
  });
