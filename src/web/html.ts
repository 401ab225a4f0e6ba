/** A piece of HTML that is safe to send: every value in it was escaped or is itself such a piece. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** What may stand between the braces of a template. null, undefined and false stand for nothing. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

const textOf = (value: HtmlValue): string => {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(textOf).join('');
  return escape(String(value));
};

/**
 * Template tag for HTML. Values are escaped for element content and for quoted attributes, so attributes must be
 * written with quotes.
 */
export const html = (strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html => {
  let text = strings[0] ?? '';
  for (let index = 0; index < values.length; index++)
    text += textOf(values[index]) + (strings[index + 1] ?? '');
  return new Html(text);
};

/** `name="value"` when the value is there, nothing when it is not. */
export const flag = (name: string, on: boolean): Html => new Html(on ? ` ${name}` : '');

/** A date, with its time of day where one follows. */
const DATE = /(\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?)/;

/** A sentence whose dates stay whole at the end of a line: `2026-12-` and `21` below it is misread. */
export const wholeDates = (text: string): Html =>
  html`${text.split(DATE).map((part, index) => (index % 2 === 1 ? html`<span class="nowrap">${part}</span>` : part))}`;
