import type { Instant } from '../kernel/instant.ts';
import { type SpokenConsent, spokenConsentBlock } from './consent-block.ts';
import { type OpenEmergency, personEmergencyStrip } from './emergency-strip.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { matchesOrderable } from './orderable-search.ts';
import { personBanner } from './patient-pages.ts';
import type { OrderablesAnswer, PersonSummary } from './wire/order-check-answer.ts';
import { CATEGORY_WORDS } from './words.ts';

type Orderable = OrderablesAnswer['orderables'][number];

/** What the doctor has filled in so far. */
export interface OrderDraft {
  readonly encounterClass: string;
  readonly encounterNumber: string;
  readonly purpose: string;
  readonly serialMonitoring: boolean;
  readonly diagnosisCode: string;
  /** Local codes ticked. */
  readonly codes: readonly string[];
  /** Side by local code. */
  readonly sides: Readonly<Record<string, string>>;
  /** Typed to narrow the list. */
  readonly typed: string;
}

/** What the order page shows. */
export interface OrderView {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
  readonly person: PersonSummary;
  readonly orderables: OrderablesAnswer;
  readonly draft: OrderDraft;
  readonly message: string | null;
  /** The form for consent by word of mouth, where the patient has yet to agree; null where nothing waits for it. */
  readonly consent: SpokenConsent | null;
  /** The emergency access that the viewer has open to the patient; null for those who cannot open one. */
  readonly emergency: OpenEmergency | null;
}

const ENCOUNTERS = ['门诊', '急诊', '住院', '体检'];
const PURPOSES = ['诊疗', '术前', '输血前', '司法鉴定', '伤残病退鉴定', '动态监测', '筛查'];
const SIDES = [
  ['', '侧别…'],
  ['left', '左侧'],
  ['right', '右侧'],
  ['both', '双侧'],
] as const;

const sideChoice = (orderable: Orderable, chosen: string): Html =>
  html`<select name="side.${orderable.code}" aria-label="${orderable.nameZh} 侧别">${SIDES.map(
    ([value, words]) => html`<option value="${value}"${flag('selected', value === chosen)}>${words}</option>`,
  )}</select>`;

const tick = (orderable: Orderable, draft: OrderDraft): Html =>
  html`<li><label><input type="checkbox" name="code" value="${orderable.code}"${flag(
    'checked',
    draft.codes.includes(orderable.code),
  )}> ${orderable.nameZh}${
    orderable.kind === 'panel' && html` <span class="sub">${orderable.memberNamesZh.length} 项</span>`
  }</label>${orderable.hasSide && sideChoice(orderable, draft.sides[orderable.code] ?? '')}</li>`;

const groupsOf = (orderables: readonly Orderable[]): [string, Orderable[]][] => {
  const groups = new Map<string, Orderable[]>();
  for (const orderable of orderables) {
    const key = orderable.kind === 'panel' ? 'panel' : orderable.category;
    const group = groups.get(key) ?? [];
    group.push(orderable);
    groups.set(key, group);
  }
  return [...groups].sort(([left], [right]) => Number(right === 'panel') - Number(left === 'panel'));
};

const group = (
  [key, members]: [string, Orderable[]],
  draft: OrderDraft,
  open: boolean,
): Html => html`<details class="group"${flag('open', open)}>
<summary>${CATEGORY_WORDS[key] ?? key}<span class="sub">（${members.length}）</span></summary>
<ul class="ticks">${members.map((orderable) => tick(orderable, draft))}</ul>
</details>`;

const itemChoice = ({ orderables }: OrderablesAnswer, draft: OrderDraft): Html => {
  const chosen = orderables.filter(({ code }) => draft.codes.includes(code));
  const others = orderables.filter(
    (one) => !draft.codes.includes(one.code) && matchesOrderable(one, draft.typed),
  );
  const groups = groupsOf(others);
  return html`<fieldset class="panel"><legend>拟开项目</legend>
<div class="row"><div class="grow"><label for="typed">按名称、代码或拼音首字母筛选</label>
<input id="typed" name="typed" value="${draft.typed}" maxlength="50" spellcheck="false" autocomplete="off"></div>
<button type="submit" name="act" value="narrow" formnovalidate>筛选</button></div>
${chosen.length > 0 && html`<div class="chosen"><h2>已选 ${chosen.length} 项</h2><ul class="ticks">${chosen.map((one) => tick(one, draft))}</ul></div>`}
${
  others.length === 0
    ? html`<p>${draft.typed ? `没有与“${draft.typed}”相符的项目。` : '本机构尚未对码，没有可选项目；请联系信息科。'}</p>`
    : html`<div class="groups">${groups.map((one, index) => group(one, draft, draft.typed !== '' || index === 0))}</div>`
}
</fieldset>`;
};

/** Tick what is to be ordered for one patient, then have it checked. */
export const orderPage = (view: OrderView): Html => {
  const { draft, person } = view;
  return layout({
    title: '开单核查',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content: html`<h1>开单核查</h1>
${personBanner(person)}
${personEmergencyStrip(view.emergency, person.person, { formToken: view.formToken, back: `/patients/${person.person}/order` })}
<p class="sub"><a href="/clinician/persons/${person.person}">结果历史</a>　<a href="/patients/${person.person}/consent">授权登记</a>　<a href="/persons/${person.person}/emergency-access">紧急调阅</a></p>
${view.consent && spokenConsentBlock(view.consent)}
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
<form method="post" action="/patients/${person.person}/order">
${formTokenField(view.formToken)}
<div class="panel row">
<div><label for="encounterClass">就诊类型</label><select id="encounterClass" name="encounterClass">${ENCOUNTERS.map(
      (word) => html`<option${flag('selected', word === draft.encounterClass)}>${word}</option>`,
    )}</select></div>
<div><label for="purpose">检查目的</label><select id="purpose" name="purpose">${PURPOSES.map(
      (word) => html`<option${flag('selected', word === draft.purpose)}>${word}</option>`,
    )}</select></div>
<div><label for="encounterNumber">就诊流水号（可不填）</label><input id="encounterNumber" name="encounterNumber" value="${draft.encounterNumber}" maxlength="64" autocomplete="off"></div>
<div><label for="diagnosisCode">诊断编码 ICD-10（可不填）</label><input id="diagnosisCode" name="diagnosisCode" value="${draft.diagnosisCode}" maxlength="32" autocomplete="off"></div>
<label class="tick"><input type="checkbox" name="serialMonitoring" value="yes"${flag('checked', draft.serialMonitoring)}> 属医嘱的动态监测</label>
</div>
${itemChoice(view.orderables, draft)}
<p class="acts"><button class="main" type="submit" name="act" value="check">核查</button></p>
</form>`,
  });
};
