import { type Html, html } from './html.ts';
import { flagClass } from './kit/flag-class.ts';
import type { OrderCheckCandidate, ReportAnswer } from './wire/order-check-answer.ts';
import { FLAG_WORDS, STANDING_WORDS } from './words.ts';

/** A value as a laboratory printed it. */
export type PrintedValue = NonNullable<OrderCheckCandidate['value']>;
/** The flag as a word with an arrow; nothing for a normal or unflagged value. */
export const flagMark = ({ flag }: PrintedValue): Html | null =>
  flag === null || FLAG_WORDS[flag] === '' ? null : html`<span class="flag">${FLAG_WORDS[flag]}</span>`;

/** The text of a value exactly as printed. */
export const valueText = ({ text }: PrintedValue): string => (text === '' ? '—' : text);

/** A report's state beside a value, unless it is the usual one. */
export const standingMark = (standing: ReportAnswer['standing']): Html | false =>
  standing !== 'final' && html` <span class="standing">${STANDING_WORDS[standing]}</span>`;

/** One line of a laboratory table. */
export interface ResultRow {
  readonly name: Html | string;
  readonly value: PrintedValue;
  readonly standing: ReportAnswer['standing'];
  /** Measurement method as printed; absent in tables that do not name methods. */
  readonly method?: string | null;
}

/** Lines of which the same is to be said; the heading says it. */
export interface ResultRows {
  readonly heading: Html | null;
  readonly rows: readonly ResultRow[];
}

const COLUMNS = ['项目', '结果', '提示', '单位', '参考区间'] as const;
/** Up to here a text stays on one line: a number or interval broken in two is misread. */
const UNBROKEN_CHARACTERS = 12;

const unbroken = (text: string): Html | string =>
  text.length <= UNBROKEN_CHARACTERS ? html`<span class="nowrap">${text}</span>` : text;

const resultRow = ({
  name,
  value,
  standing,
  method,
}: ResultRow): Html => html`<tr class="${flagClass(value)}">
<th scope="row">${name}${standingMark(standing)}</th>
<td class="number"><b>${unbroken(valueText(value))}</b></td>
<td>${flagMark(value)}</td>
<td>${unbroken(value.unit || '—')}</td>
<td>${unbroken(value.referenceText || '—')}</td>${method !== undefined && html`<td>${method || '—'}</td>`}</tr>`;

const rowGroup = ({ heading, rows }: ResultRows, columns: number): Html => html`<tbody>
${heading && html`<tr class="heading"><th colspan="${columns}" scope="rowgroup">${heading}</th></tr>`}
${rows.map(resultRow)}</tbody>`;

/** A laboratory table as Chinese reports print it: 项目│结果│提示│单位│参考区间, and 方法 where the rows name theirs. */
export const resultTable = (groups: readonly ResultRows[], caption: string): Html => {
  const hasMethods = groups.some(({ rows }) => rows.some(({ method }) => method !== undefined));
  const columns = hasMethods ? [...COLUMNS, '方法'] : COLUMNS;
  return html`<table class="compact"><caption class="unseen">${caption}</caption>
<thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
${groups.map((group) => rowGroup(group, columns.length))}</table>`;
};
