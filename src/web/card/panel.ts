import {
  candidateBlock,
  type LineAddresses,
  provenance,
  reasonList,
  sourceLine,
  verdictClass,
  verdictWords,
} from './candidate.ts';
import { type Html, html } from '../html.ts';
import { type PrintedValue, type ResultRow, resultTable } from '../result-table.ts';
import { absentMembers, countsMissingOnly, type PanelCover, panelHeadline } from '../panel-words.ts';
import type { OrderCheckCandidate, OrderCheckLine } from '../wire/order-check-answer.ts';

type Valued = OrderCheckCandidate & { readonly value: PrintedValue };

const isValued = (candidate: OrderCheckCandidate): candidate is Valued => candidate.value !== null;

const groupedBy = <One>(all: readonly One[], keyOf: (one: One) => string): readonly One[][] => {
  const groups = new Map<string, One[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return [...groups.values()];
};

const verdictKey = (candidate: OrderCheckCandidate): string =>
  JSON.stringify([candidate.own, candidate.grade, candidate.mark, candidate.reasons.map(({ zh }) => zh)]);

/** What holds of this result and not of the usual one: another verdict, and the reasons that differ. */
const difference = (candidate: OrderCheckCandidate, usual: OrderCheckCandidate): Html => {
  const said = new Set(usual.reasons.map(({ zh }) => zh));
  const words = verdictWords(candidate);
  const reasons = candidate.reasons.map(({ zh }) => zh).filter((zh) => !said.has(zh));
  return html`${words !== verdictWords(usual) && html`<span class="badge ${verdictClass(candidate)}">${words}</span> `}${reasons.join('；')}`;
};

const rowOf = ({ item, value, standing }: Valued): ResultRow => ({ name: item.nameZh, value, standing });

/** The results of one report: what most of them share is said once, what differs above those of which it holds. */
const reportBlock = (candidates: readonly OrderCheckCandidate[], addresses: LineAddresses): Html => {
  const valued = candidates.filter(isValued);
  if (valued.length < candidates.length)
    return html`<ul class="plain">${candidates.map((each) => candidateBlock(each, true, addresses, null))}</ul>`;
  const groups = groupedBy(valued, verdictKey).toSorted((left, right) => right.length - left.length);
  const usual = groups[0]?.[0] as Valued;
  const others = valued.filter((each) => verdictWords(each) !== verdictWords(usual)).length;
  const tables = groups.map((rows, index) => ({
    heading: index === 0 ? null : difference(rows[0] as Valued, usual),
    rows: rows.map(rowOf),
  }));
  return html`<div class="candidate ${verdictClass(usual)}">
<p class="verdict"><span class="badge">${verdictWords(usual)}</span> <b>${valued.length - others} 项</b>${
    others > 0 && html` <span class="standing">另有 ${others} 项判定不同，见表内说明</span>`
  }</p>
${provenance(usual, valued)}
${reasonList(usual.reasons)}
${sourceLine(usual, addresses)}
${resultTable(tables, `${usual.institution.shortNameZh}的结果`)}
</div>`;
};

/** The results of a panel: one table per source report, what they have in common said once above it. */
export const panelResults = ({ candidates }: OrderCheckLine, addresses: LineAddresses): Html =>
  html`${groupedBy(candidates, ({ report }) => report).map((each) => reportBlock(each, addresses))}`;

/** What can be ordered of a panel that is covered in part. Of what is shown below none is said to be missing. */
const orderAdvice = (panel: PanelCover, name: string): string => {
  if (panel.advice === 'order-missing-alone') {
    const alone = panel.missing.map(({ item, single }) => `${item.nameZh}（${single ?? '无'}）`).join('、');
    return panel.missing.every(({ grade }) => grade === null)
      ? `可只开所缺项目：${alone}`
      : `如需检查，可单独开单：${alone}`;
  }
  const absent = absentMembers(panel);
  if (absent.length === 0 && panel.covered === panel.mayConsider) return `如需检查，${name} 可照常开单`;
  const told = absent.length === panel.missing.length ? '所缺项目' : '无可互认结果的项目';
  const isListed = absent.length < panel.missing.length || countsMissingOnly(panel);
  const names = panel.missing.map(({ item }) => item.nameZh).join('、');
  return `${told}${isListed ? `（${names}）` : ''}不能单独开单，如需检查请整组重做`;
};

/** How far earlier results cover a panel, and what can be ordered instead of all of it. */
export const panelNote = ({ panel, name, candidates, outcome }: OrderCheckLine): Html | null => {
  if (!panel || candidates.length === 0 || outcome === 'own-institution') return null;
  if (panel.covered === 0) {
    const use = candidates.every(({ grade }) => grade === 'may-consider') ? '参考' : '查阅';
    return html`<p class="note">参考时限内未发现可互认结果，可供${use}的结果如下；${name} 可照常开单。</p>`;
  }
  const headline = panelHeadline(panel, name).zh;
  if (panel.missing.length === 0) return panel.total > 1 ? html`<p class="note">${headline}。</p>` : null;
  return html`<p class="note"><b>${headline}</b><br>${orderAdvice(panel, name)}</p>`;
};
