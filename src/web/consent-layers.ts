import { type Html, html } from './html.ts';
import type { ConsentOverview } from './wire/consent.ts';

/** The layered words: the line, what it means, the whole text. */
export const layers = ({
  wording,
}: ConsentOverview): Html => html`<p class="lead"><b>${wording.treatment.lineZh}</b></p>
<details class="layers"><summary>这是什么意思</summary><ul>${wording.treatment.detailsZh.map((each) => html`<li>${each}</li>`)}</ul></details>
<details class="layers"><summary>全文（${wording.version}）</summary>${wording.treatment.fullZh.map((each) => html`<p>${each}</p>`)}</details>`;

/** What follows from each decision, in plain words. */
export const effects = ({ wording: { effects: each } }: ConsentOverview): Html =>
  html`<dl class="facts effects"><dt>同意后</dt><dd>${each.consentedZh}</dd><dt>不同意</dt><dd>${each.deniedZh}</dd><dt>撤回后</dt><dd>${each.withdrawnZh}</dd></dl>`;
