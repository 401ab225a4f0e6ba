import { type Html, html } from '../html.ts';

/** One row of the imitated workstation's orders. */
export interface OrderRow {
  readonly id: string;
  readonly code: string;
  readonly nameZh: string;
  readonly priceYuan: number;
  readonly stateZh: string;
  readonly withdrawn: boolean;
  readonly remark: string | null;
}

/** A card as the workstation draws it itself (CDS Hooks). */
export interface CardBox {
  readonly uuid: string;
  readonly summary: string;
  readonly detail: string;
  readonly source: string;
  readonly suggestions: readonly { readonly uuid: string; readonly label: string }[];
  readonly overrideReasons: readonly { readonly code: string; readonly display: string }[];
  readonly links: readonly { readonly label: string; readonly url: string }[];
  readonly answered: boolean;
}

/** What stands in the right half of the workstation. */
export type PromptView =
  | { readonly kind: 'none' }
  | { readonly kind: 'cards'; readonly cards: readonly CardBox[] }
  | { readonly kind: 'frame'; readonly address: string }
  | { readonly kind: 'line'; readonly text: string; readonly checked: boolean };

/** The workstation with one patient called in. */
export interface WorkstationView {
  readonly face: 'cds-hooks' | 'soap';
  readonly encounter: string;
  readonly version: number;
  readonly patient: {
    readonly name: string;
    readonly sexZh: string;
    readonly birthDate: string;
    readonly recordNumber: string;
    readonly storyZh: string;
    readonly classZh: string;
  };
  readonly suggested: readonly { readonly code: string; readonly nameZh: string }[];
  readonly others: readonly { readonly code: string; readonly nameZh: string }[];
  readonly orders: readonly OrderRow[];
  readonly totalYuan: number;
  readonly prompt: PromptView;
  /** What was written into the imitated record: recognised results and reasons. */
  readonly record: readonly string[];
}

const FACE_WORDS = { 'cds-hooks': '界面一：CDS Hooks', soap: '界面二：SOAP＋嵌入卡片' } as const;

const frame = (title: string, content: Html): Html => html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · 模拟 HIS</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/his.css">
</head>
<body>
<header><a href="/">模拟 HIS</a><span class="label">演示用的医院信息系统，仅供试用接口，不是互认平台的一部分；患者均为虚构</span><span>医生：顾清和（100118）　县人民医院</span></header>
<main>${content}</main>
<script src="/his.js"></script>
</body>
</html>
`;

/** The list of patients waiting, for either face. */
export const waitingRoomPage = (
  patients: readonly { readonly key: string; readonly name: string; readonly storyZh: string }[],
): Html =>
  frame(
    '候诊',
    html`<h1>候诊患者</h1>
<p>同一位患者可用两种界面接诊。界面一由工作站按 CDS Hooks 标准自己画提示；界面二用 SOAP 提交申请，把互认平台的卡片嵌在右侧，医生的应答由平台回调送回。</p>
<table>
<thead><tr><th scope="col">患者</th><th scope="col">接诊</th><th scope="col">来历</th></tr></thead>
<tbody>
${patients.map(
  ({ key, name, storyZh }) => html`<tr><th scope="row">${name}</th>
<td class="nowrap"><form method="post" action="/encounters"><input type="hidden" name="patient" value="${key}"><button name="face" value="cds-hooks">CDS Hooks</button> <button name="face" value="soap">SOAP</button></form></td>
<td>${storyZh}</td></tr>`,
)}
</tbody>
</table>`,
  );

const orderTable = ({ encounter, orders, totalYuan }: WorkstationView): Html => html`<table>
<caption>费用清单</caption>
<thead><tr><th scope="col">项目</th><th scope="col">状态</th><th scope="col" class="number">金额（元）</th><th scope="col"></th></tr></thead>
<tbody>
${orders.map(
  (
    row,
  ) => html`<tr class="${row.withdrawn ? 'withdrawn' : ''}"><th scope="row">${row.nameZh}<small> ${row.code}</small></th>
<td class="nowrap">${row.stateZh}</td><td class="number">${row.withdrawn ? '—' : row.priceYuan.toFixed(2)}</td>
<td>${
    row.stateZh === '待签署' &&
    html`<form method="post" action="/encounters/${encounter}/remove"><button class="quiet" name="order" value="${row.id}" aria-label="删除 ${row.nameZh}">删除</button></form>`
  }</td></tr>`,
)}
${orders.length === 0 && html`<tr><td colspan="4">尚未开单</td></tr>`}
</tbody>
<tfoot><tr><th scope="row" colspan="2">合计</th><td class="number" id="total">${totalYuan.toFixed(2)}</td><td></td></tr></tfoot>
</table>`;

const emphasised = (line: string): Html[] =>
  line.split('**').map((part, index) => (index % 2 === 1 ? html`<b>${part}</b>` : html`${part}`));

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim().replace(/\\(.)/g, '$1'));

const table = (lines: readonly string[]): Html => {
  const [head = '', , ...rows] = lines;
  return html`<div class="wide"><table><thead><tr>${cellsOf(head).map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cellsOf(row).map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
};

/** A card's text as this workstation draws GitHub-flavoured Markdown: tables, lists, emphasis; all else as plain lines. */
const markdown = (text: string): Html[] => {
  const drawn: Html[] = [];
  let rows: string[] = [];
  const endTable = (): void => {
    if (rows.length > 0) drawn.push(table(rows));
    rows = [];
  };
  for (const line of text.split('\n')) {
    if (line.trimStart().startsWith('|')) {
      rows.push(line);
      continue;
    }
    endTable();
    const words = line.replace(/^\s*[-*]\s+/, '· ').replace(/^#+\s*/, '');
    if (words.trim() !== '') drawn.push(html`<p>${emphasised(words.replace(/\\(.)/g, '$1'))}</p>`);
  }
  endTable();
  return drawn;
};

const cardBox = (
  encounter: string,
  card: CardBox,
): Html => html`<section class="card${card.answered ? ' answered' : ''}" tabindex="0" aria-label="${card.summary}">
<h2>${card.summary}</h2>
${markdown(card.detail)}
<p class="source">来源：${card.source} ${card.links.map(({ label, url }) => html`<a href="${url}" target="_blank" rel="noopener">${label}</a> `)}</p>
${
  !card.answered &&
  html`<form method="post" action="/encounters/${encounter}/cards/${card.uuid}">
${card.suggestions.map(({ uuid, label }, index) => html`<button name="suggestion" value="${uuid}" ${index === 0 ? html`data-key="r"` : null}>${label}${index === 0 && html` <kbd>R</kbd>`}</button> `)}
${
  card.overrideReasons.length > 0 &&
  html`<fieldset><legend>仍要检查，请选择原因</legend>
${card.overrideReasons.map(({ code, display }, index) => html`<button class="quiet" name="reason" value="${code}" data-key="${index + 1}">${index + 1} ${display}</button> `)}
<label>补充说明 <input name="comment" maxlength="200"></label></fieldset>`
}
</form>`
}
</section>`;

const promptBox = ({ encounter, prompt }: WorkstationView): Html | null => {
  switch (prompt.kind) {
    case 'none':
      return null;
    case 'line':
      return html`<p role="status" class="${prompt.checked ? 'line' : 'line not-checked'}">${prompt.text}</p>`;
    case 'cards':
      return html`${prompt.cards.map((card) => cardBox(encounter, card))}`;
    case 'frame':
      return html`<iframe title="互认平台的卡片" src="${prompt.address}"></iframe>`;
  }
};

const picker = ({
  encounter,
  suggested,
  others,
}: WorkstationView): Html => html`<form method="post" action="/encounters/${encounter}/orders" class="picker">
<fieldset><legend>开单</legend>
${suggested.map(({ code, nameZh }) => html`<label><input type="checkbox" name="code" value="${code}" checked> ${nameZh}</label> `)}
<label>其他项目 <input name="code" list="items" placeholder="名称或代码"></label>
<datalist id="items">${others.map(({ code, nameZh }) => html`<option value="${code}">${nameZh}</option>`)}</datalist>
<button>加入</button>
</fieldset></form>`;

/** The part of the workstation that changes by itself: orders, fees and record. */
export const workstationOrders = (
  view: WorkstationView,
): Html => html`<div id="orders" data-version="${view.version}">
${orderTable(view)}
${
  view.record.length > 0 &&
  html`<h2>病历记录</h2><ul>${view.record.map((line) => html`<li>${line}</li>`)}</ul>`
}
</div>`;

/** The workstation. */
export const workstationPage = (view: WorkstationView): Html =>
  frame(
    '工作站',
    html`<p class="patient"><b>${view.patient.name}</b>　${view.patient.sexZh}　${view.patient.birthDate}　病案号 ${view.patient.recordNumber}　${view.patient.classZh}　就诊流水号 ${view.encounter}　<span class="face">${FACE_WORDS[view.face]}</span></p>
<p class="story">${view.patient.storyZh}</p>
<div class="columns">
<div class="left" data-encounter="${view.encounter}">
${picker(view)}
${workstationOrders(view)}
<form method="post" action="/encounters/${view.encounter}/sign" class="sign"><button class="main" name="act" value="ask">提交（先问互认平台）</button> <button name="act" value="sign">签署全部医嘱</button></form>
<p class="hint">签署随时可按，不受提示影响。</p>
</div>
<div class="right" id="prompt">${promptBox(view)}</div>
</div>`,
  );
