/** Whose messages: named by those who operate the platform, left out by an institution's own engineers. */
export interface Scope {
  readonly institution?: string;
}

/** Stretch of time of the overview. */
export type Span = 'hour' | 'day' | 'week';

/** Filters of the table of messages, as they stand in the address. */
export interface Filters extends Scope {
  readonly sender?: string;
  readonly state?: 'accepted' | 'open' | 'resolved' | 'discarded';
  readonly reason?: string;
  readonly type?: string;
  readonly controlId?: string;
  readonly before?: string;
}

const word = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined;

const held = <Values extends object>(values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Values;

/** Reads the institution out of an address. */
export const readScope = (search: Record<string, unknown>): Scope =>
  held({ institution: word(search['institution']) }) as Scope;

/** Reads the span out of an address. */
export const readSpan = (search: Record<string, unknown>): Scope & { readonly span?: Span } => {
  const span = search['span'];
  return held({
    ...readScope(search),
    span: span === 'day' || span === 'week' ? span : undefined,
  }) as Scope & {
    span?: Span;
  };
};

const STATES: readonly unknown[] = ['accepted', 'open', 'resolved', 'discarded'];

/** Reads the filters out of an address; what is none is left out. */
export const readFilters = (search: Record<string, unknown>): Filters => {
  const { state } = search;
  return held({
    ...readScope(search),
    sender: word(search['sender']),
    state: STATES.includes(state) ? state : undefined,
    reason: word(search['reason']),
    type: word(search['type']),
    controlId: word(search['controlId']),
    before: word(search['before']),
  }) as Filters;
};

/** The query of a call to the API: what is absent is left out. */
export const queryText = (values: Readonly<Record<string, string | number | undefined>>): string => {
  const held = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return held.length === 0 ? '' : `?${new URLSearchParams(held).toString()}`;
};
