import type { JsonValue } from '../../kernel/canonical-json.ts';

/** A member of a stored JSON object; undefined when the value is no object or lacks it. */
export const memberOf = (value: JsonValue | undefined, name: string): JsonValue | undefined =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as { readonly [key: string]: JsonValue | undefined })[name]
    : undefined;

/** A stored text; empty when there is none. */
export const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
