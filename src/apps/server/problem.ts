import { z } from 'zod';
import { Fault, type FaultContext, raiser } from '../../kernel/fault.ts';
import { SERVER_FAULTS } from './faults.ts';

/** Raises a fault of the HTTP edge. */
export const serverFault = raiser(SERVER_FAULTS);

/** A refusal on the wire (RFC 9457, `application/problem+json`), in both languages. */
export const problemShape = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** Stable code; `docs/errors.md` lists them. */
  code: z.string(),
  zh: z.string(),
  en: z.string(),
  place: z.string().optional(),
  detail: z.string().optional(),
  requestId: z.string(),
  /** One line per place that is wrong. Never holds what was sent. */
  errors: z.array(z.strictObject({ place: z.string(), zh: z.string(), en: z.string() })).optional(),
  /** For readiness: what is not ready. */
  parts: z
    .array(z.strictObject({ part: z.string(), ready: z.boolean(), reason: z.string().nullable() }))
    .optional(),
});

/** A problem document. */
export type Problem = z.output<typeof problemShape>;

/** One place of an input that is wrong. */
export interface InputError {
  readonly place: string;
  readonly zh: string;
  readonly en: string;
}

/** Input that does not fit its declared shape. */
class InputFault extends Fault {
  readonly errors: readonly InputError[];

  constructor(errors: readonly InputError[]) {
    super('INPUT_INVALID', SERVER_FAULTS.INPUT_INVALID, errors[0] ? { place: errors[0].place } : {});
    this.errors = errors;
  }
}

const chinese = z.locales.zhCN().localeError;

/**
 * Reads one part of the input by its shape.
 *
 * @param part `body`, `query`, `params` or `headers`: the first step of every place named
 * @throws INPUT_INVALID with every wrong place
 */
export const readInput = (shape: z.ZodType, value: unknown, part: string): unknown => {
  const english = shape.safeParse(value);
  if (english.success) return english.data;
  const inChinese = shape.safeParse(value, { error: chinese });
  const zhIssues = inChinese.success ? [] : inChinese.error.issues;
  throw new InputFault(
    english.error.issues.map((issue, index) => ({
      place: [part, ...issue.path.map(String)].join('.'),
      zh: zhIssues[index]?.message ?? issue.message,
      en: issue.message,
    })),
  );
};

const byFastifyCode: Readonly<Record<string, keyof typeof SERVER_FAULTS>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'INPUT_INVALID',
  FST_ERR_CTP_INVALID_JSON_BODY: 'INPUT_INVALID',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'INPUT_INVALID',
  FST_ERR_BAD_URL: 'NOT_FOUND',
  FST_ERR_MAX_PARAM_LENGTH: 'NOT_FOUND',
};

/** Whatever was thrown, as a fault. What is not one of ours is INTERNAL and tells the caller nothing about itself. */
export const toFault = (error: unknown): Fault => {
  if (error instanceof Fault) return error;
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  const known = code ? byFastifyCode[code] : undefined;
  const context: FaultContext = { cause: error };
  if (known) return serverFault(known, known === 'INPUT_INVALID' ? { ...context, place: 'body' } : context);
  if (statusCode === 400 || error instanceof SyntaxError)
    return serverFault('INPUT_INVALID', { ...context, place: 'body' });
  return serverFault('INTERNAL', context);
};

/** The problem document of a fault. `internal` and the cause stay here. */
export const problemOf = (fault: Fault, requestId: string): Problem => ({
  type: `urn:huren:fault:${fault.code}`,
  title: fault.en,
  status: fault.status,
  code: fault.code,
  zh: fault.zh,
  en: fault.en,
  ...(fault.place === undefined ? {} : { place: fault.place }),
  ...(fault.detail === undefined ? {} : { detail: fault.detail }),
  requestId,
  ...(fault instanceof InputFault ? { errors: [...fault.errors] } : {}),
});
