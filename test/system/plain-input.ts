import { z } from 'zod';

/** An id that nobody has. */
export const UNKNOWN_ID = '019a0000-0000-7000-8000-000000000000';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The plainest value that a declared shape may take. */
const plainValue = (schema: JsonSchema): unknown => {
  const [first] = (schema['anyOf'] ?? schema['oneOf'] ?? []) as JsonSchema[];
  if (first) return plainValue(first);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  switch (schema['type']) {
    case 'object': {
      const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
      const required = (schema['required'] ?? []) as string[];
      return Object.fromEntries(required.map((name) => [name, plainValue(properties[name] ?? {})]));
    }
    case 'array':
      return schema['minItems'] ? [plainValue((schema['items'] ?? {}) as JsonSchema)] : [];
    case 'integer':
    case 'number':
      return Number(schema['minimum'] ?? 1);
    case 'boolean':
      return false;
    default:
      return schema['format'] === 'uuid' || schema['pattern'] ? UNKNOWN_ID : 'x'.repeat(10);
  }
};

/** The plainest input of a declared shape; undefined where there is none. */
export const plainInput = (shape: z.ZodType | undefined): object | undefined =>
  shape === undefined
    ? undefined
    : (plainValue(z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }) as JsonSchema) as object);
