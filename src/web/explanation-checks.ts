import { type Html, html, wholeDates } from './html.ts';
import type { Explanation } from './wire/order-check-answer.ts';
import { CHECK_WORDS, DATA_WORDS } from './words.ts';

/** One earlier result that was weighed. */
export type ExplainedCandidate = Explanation['lines'][number]['candidates'][number];
type Check = ExplainedCandidate['checks'][number];

/** Number of every list and instrument that an explanation rests on, in the order in which they are first cited. */
export type CitationNumbers = ReadonlyMap<string, number>;

/** Numbers what an explanation cites: each list version and each article once, however many checks rest on it. */
export const citationNumbers = ({ lines }: Explanation): CitationNumbers => {
  const texts = lines.flatMap(({ candidates }) =>
    candidates.flatMap(({ checks }) =>
      checks.flatMap(({ sources }) => sources.map((source) => source.text.zh)),
    ),
  );
  return new Map([...new Set(texts)].map((text, index) => [text, index + 1]));
};

/** How the row of a list is named that stands under the item's own code, so that the results of a panel say the same. */
const OWN_ROW = '本项目行';

/** The lists with their versions and the articles behind an explanation, under the numbers that its checks refer to. */
export const citationList = (numbers: CitationNumbers): Html | false =>
  numbers.size > 0 &&
  html`<section class="line" aria-labelledby="citations"><h2 id="citations">依据的清单与规定</h2>
<p class="sub">“${OWN_ROW}”指清单中编码与该结果项目编码相同的一行。</p>
<ul class="plain citations">${[...numbers].map(
    ([text, number]) => html`<li id="citation-${number}"><b>[${number}]</b> ${text}</li>`,
  )}</ul></section>`;

const references = (check: Check, item: string, numbers: CitationNumbers): Html | string =>
  check.sources.length === 0
    ? '—'
    : html`${check.sources.map(({ text, row }) => {
        const number = numbers.get(text.zh);
        const rowWords = row === null ? '' : row === item ? ` ${OWN_ROW}` : ` 第 ${row} 行`;
        return html`<span class="datum"><a href="#citation-${number}">[${number}]</a>${rowWords}</span> `;
      })}`;

const dataOf = ({ data }: Check): Html | string => {
  const known = data.flatMap(({ name, words }) =>
    words === null
      ? []
      : html`<span class="datum">${DATA_WORDS[name] ?? name} ${wholeDates(words.zh)}</span> `,
  );
  return known.length === 0 ? '—' : html`${known}`;
};

/** One check as a row of a table. */
const checkRow = (check: Check, item: string, numbers: CitationNumbers): Html =>
  html`<tr class="${check.outcome}"><th scope="row">${check.name.zh}</th>
<td><span class="outcome">${CHECK_WORDS[check.outcome]}</span>　${wholeDates(check.text.zh)}</td>
<td data-label="所用数据">${dataOf(check)}</td>
<td data-label="依据">${references(check, item, numbers)}</td></tr>`;

/** The checks of one result as rows, by check. */
export const checkRows = (
  { checks, item }: ExplainedCandidate,
  numbers: CitationNumbers,
): ReadonlyMap<string, Html> =>
  new Map(checks.map((check) => [check.check, checkRow(check, item.code, numbers)]));

/** A table of checks. Its rows stand one below the other where there is no room for columns. */
export const checkTable = (rows: readonly Html[], caption: string): Html =>
  html`<table class="checks"><caption class="unseen">${caption}</caption>
<thead><tr><th scope="col">核查项</th><th scope="col">结果</th><th scope="col">所用数据</th><th scope="col">依据</th></tr></thead>
<tbody>${rows}</tbody></table>`;
