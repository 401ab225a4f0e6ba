import { fail, ok, type Result } from '../../kernel/result.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { elementOf, type FhirElement, resourceTypeOf } from './fhir-reading.ts';

const ANSWER_BYTES_MAX = 1024 * 1024;

/** Why a resource could not be had. */
export type FhirProblem = 'unreachable' | 'refused' | 'unreadable';

/** A hospital's FHIR server, as one hook call may ask it. */
export interface FhirServer {
  /** Reads one resource by type and id. */
  read(type: string, id: string): Promise<Result<FhirElement, FhirProblem>>;
}

/**
 * The server at a registered base, asked with the token that came with the call. Nothing else is ever asked: the base is
 * the registered one, type and id are single steps of a path, redirects are refused.
 *
 * @param waitMs longest wait for all that is asked, from now on
 */
export const fhirServer = (base: string, accessToken: string | undefined, waitMs: number): FhirServer => {
  const until = performance.now() + waitMs;
  return {
    async read(type, id) {
      try {
        const answer = await boundedFetch(`${base}/${type}/${id}`, {
          headers: {
            accept: 'application/fhir+json',
            ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
          },
          timeoutMs: Math.max(1, Math.ceil(until - performance.now())),
          bytesMax: ANSWER_BYTES_MAX,
        });
        if (answer.status !== 200) return fail('refused');
        const resource = elementOf(await answer.json());
        return resource && resourceTypeOf(resource) === type ? ok(resource) : fail('unreadable');
      } catch (error) {
        return fail(
          error instanceof SyntaxError || error instanceof RangeError ? 'unreadable' : 'unreachable',
        );
      }
    },
  };
};
