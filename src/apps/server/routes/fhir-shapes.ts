import { z } from 'zod';
import { operationOutcome } from '../../../adapters/fhir/operation-outcome.ts';
import type { FhirResource } from '../../../adapters/fhir/result-resources.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { DAY_MS, instant, parseInstant } from '../../../kernel/instant.ts';
import { serverFault } from '../problem.ts';
import type { Answer, AnswerShape, Limits } from '../route.ts';
import type { SearchedSpan, SearchedToken } from './fhir-port.ts';

/** Media type of every resource. */
export const FHIR_TYPE = 'application/fhir+json';

/** Limits of reads and of searches by address. */
export const FHIR_READING: Limits = { bodyBytes: 1, perMinute: 300_000 };
/** Limits of searches by form. */
export const FHIR_SEARCHING: Limits = { bodyBytes: 8 * 1024, perMinute: 300_000 };

/** Matches on a page where nothing is said. */
const COUNT_DEFAULT = 50;
/** Matches on a page at most. */
const COUNT_MAX = 200;

/** What every route answers. */
export const FHIR_ANSWERS: readonly AnswerShape[] = [
  { status: 200, description: 'The resource', mediaType: FHIR_TYPE },
];

/** A resource as an answer. */
export const resource = (value: FhirResource): Answer => ({
  kind: 'text',
  status: 200,
  mediaType: `${FHIR_TYPE}; charset=utf-8`,
  text: JSON.stringify(value),
});

/** A refusal as an OperationOutcome. */
export const refusal = (fault: Fault) => ({
  mediaType: `${FHIR_TYPE}; charset=utf-8`,
  bytes: Buffer.from(JSON.stringify(operationOutcome(fault)), 'utf8'),
});

/** Ids of FHIR; whether there is such a resource is another question. */
export const idParams = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/) });

/** One short value. */
export const wordShape = z.string().min(1).max(200);
/** Once or several times in one address. */
export const manyShape = z.union([wordShape, z.array(wordShape).max(8)]).optional();

/** Parameters by which an answer is given in pages. */
export const PAGED_BY = {
  _count: z.coerce.number().int().min(1).max(COUNT_MAX).default(COUNT_DEFAULT),
  _cursor: wordShape.optional(),
} as const;

/** Parameters of every search. */
export const SEARCHED_BY_ALL = {
  _id: manyShape,
  _lastUpdated: manyShape,
  _include: manyShape,
  ...PAGED_BY,
  _format: z.literal(['json', 'application/json', FHIR_TYPE]).optional(),
} as const;

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** The values of a parameter, several of which may stand in one place. */
export const valuesOf = (value: string | readonly string[] | undefined): readonly string[] =>
  listOf(value)
    .flatMap((each) => each.split(','))
    .filter(Boolean);

/** What is to be included. @throws INPUT_INVALID for what cannot be */
export const includesOf = (
  value: string | readonly string[] | undefined,
  known: readonly string[],
): readonly string[] => {
  const includes = listOf(value);
  if (includes.some((each) => !known.includes(each)))
    throw serverFault('INPUT_INVALID', { place: 'query._include' });
  return includes;
};

/** Address of a search as it was asked, without its cursor. */
export const searchAddress = (
  path: string,
  {
    _cursor: _asked,
    _count,
    ...others
  }: { readonly _count: number } & Readonly<Record<string, number | string | readonly string[] | undefined>>,
): string => {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(others))
    for (const each of listOf(value as string | readonly string[] | undefined)) kept.append(name, each);
  kept.append('_count', String(_count));
  return `${path}?${kept.toString()}`;
};

/** A token with or without its system. */
export const tokenOf = (text: string): SearchedToken => {
  const bar = text.lastIndexOf('|');
  return bar < 0
    ? { system: null, code: text }
    : { system: text.slice(0, bar) || null, code: text.slice(bar + 1) };
};

/** A civil day is meant in Beijing, where the results are made. */
const dayStart = (text: string): number | undefined =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(`${text}T00:00:00+08:00`) : undefined;

/** Reads a date with its prefix, for the parameter of this name. @throws INPUT_INVALID */
export const spanOf =
  (place: string) =>
  (text: string): SearchedSpan => {
    const [, prefix = 'eq', value = ''] = /^(eq|ge|gt|le|lt)?(\d.*)$/.exec(text) ?? [];
    const day = dayStart(value);
    const start = day ?? parseInstant(value);
    if (start === undefined) throw serverFault('INPUT_INVALID', { place: `query.${place}` });
    const from = instant(start);
    const after = instant(day === undefined ? start + 1 : start + DAY_MS);
    switch (prefix) {
      case 'ge':
        return { from, before: null };
      case 'gt':
        return { from: after, before: null };
      case 'le':
        return { from: null, before: after };
      case 'lt':
        return { from: null, before: from };
      default:
        return { from, before: after };
    }
  };

/** All dates of a parameter. @throws INPUT_INVALID */
export const spansOf = (
  place: string,
  value: string | readonly string[] | undefined,
): readonly SearchedSpan[] => listOf(value).map(spanOf(place));

/** @throws INPUT_INVALID for a cursor that we did not give */
export const offsetOf = (cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  const [, after] = /^after (\d{1,5})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (after === undefined) throw serverFault('INPUT_INVALID', { place: 'query._cursor' });
  return Number(after);
};
