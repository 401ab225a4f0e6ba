import { type Html, html } from './html.ts';
import { formTokenField } from './layout.ts';
import type { OrderCheckLine } from './wire/order-check-answer.ts';

/** Who agrees, as the buttons name it, in the order in which they are asked for. */
export const RELATION_BUTTONS = [
  ['self', '患者本人'],
  ['parent', '父母'],
  ['guardian', '其他监护人'],
  ['spouse', '配偶'],
  ['child', '子女'],
  ['sibling', '兄弟姐妹'],
  ['other', '其他亲属'],
] as const;

/** Who can agree: for a child under fourteen a parent or guardian alone. */
export const relationsFor = (needsGuardian: boolean): readonly (typeof RELATION_BUTTONS)[number][] =>
  RELATION_BUTTONS.filter(([relation]) => !needsGuardian || relation === 'parent' || relation === 'guardian');

/** What the block by which a doctor records consent by word of mouth needs. */
export interface SpokenConsent {
  /** Takes the form. */
  readonly action: string;
  readonly formToken: string;
  /** By which sending the same form twice is one act. */
  readonly key: string;
  /** True for a child under fourteen, who does not agree alone. */
  readonly needsGuardian: boolean;
  /** What there is to be read then: where, when; no value and no conclusion. */
  readonly existing: readonly string[];
  /** Why the last press recorded nothing. */
  readonly refusal: string | null;
}

/** What there is to read once the patient agrees: each place and time once, with all items made there and then. */
export const existingWords = (
  existing: readonly {
    readonly item: Pick<OrderCheckLine['existing'][number]['item'], 'nameZh'>;
    readonly text: Pick<OrderCheckLine['existing'][number]['text'], 'zh'>;
  }[],
): string[] => {
  const items = new Map<string, Set<string>>();
  for (const { item, text } of existing)
    items.set(text.zh, (items.get(text.zh) ?? new Set()).add(item.nameZh));
  return [...items].map(([words, names]) => `${[...names].join('、')}：${words}`);
};

/**
 * Consent by word of mouth: whoever agreed is named by the button itself, so that one press records the consent and opens
 * the results.
 */
export const spokenConsentBlock = (view: SpokenConsent): Html => {
  const relations = relationsFor(view.needsGuardian);
  return html`<section class="line maybe consent" id="consent" aria-labelledby="consent-title">
<h2 id="consent-title">征得患者同意后可查看</h2>
${view.refusal !== null && html`<p class="alert" role="alert">${view.refusal}</p>`}
${view.existing.length > 0 && html`<ul class="plain existing">${view.existing.map((each) => html`<li>${each}</li>`)}</ul>`}
<form method="post" action="${view.action}">${formTokenField(view.formToken)}<input type="hidden" name="idempotencyKey" value="${view.key}">
<fieldset class="choices acts"><legend>已征得患者（监护人）同意，立即调阅</legend>
${relations.map(
  ([relation, words], place) =>
    html`<button type="submit" name="relation" value="${relation}"${place === 0 && html` class="main"`}>${words}<span class="unseen">已同意，立即调阅</span></button>`,
)}
</fieldset></form>
<p class="sub">按下即登记同意：谁同意、何时、由谁征得。${view.needsGuardian && '患者不满十四周岁，由父母或其他监护人同意。'}</p>
</section>`;
};
