import { localCatalogueOf } from '../../src/apps/demonstration/local-codes.ts';
import { HOME_INSTITUTION } from '../../src/apps/demonstration/region.ts';
import { nameOf, nationalIdOf } from './numbered-reports.ts';
import type { Site } from './site.ts';

/** What the county hospital's HIS is told about its order. */
export interface CheckAnswer {
  readonly httpStatus: number;
  /** Public id of the decision; empty where none was made. */
  readonly id: string;
  /** `checked`, `not-checked`, or empty where the answer is a problem. */
  readonly status: string;
  /** Code of a problem. */
  readonly code: string;
  /** The whole answer as text. */
  readonly text: string;
}

/**
 * Asks the program, as the county hospital's HIS, about an order of ALT for an invented person.
 *
 * @param request number of the request, where the order is to be found by it later
 */
export const checkOrder = async (
  url: string,
  { clientKey }: Pick<Site, 'clientKey'>,
  person: number,
  request?: string,
): Promise<CheckAnswer> => {
  const id = nationalIdOf(person);
  const response = await fetch(`${url}/api/order-checks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      patient: {
        identifiers: [{ type: 'national-id', number: id }],
        name: nameOf(person),
        sex: person % 2 === 0 ? 'female' : 'male',
        birthDate: `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`,
      },
      encounter: { class: '门诊', number: `MZ-${person}` },
      ...(request === undefined ? {} : { request: { number: request } }),
      items: [{ line: 1, code: localCatalogueOf(HOME_INSTITUTION).analytes.get('LC-ALT')?.code }],
    }),
  });
  const text = await response.text();
  const body = JSON.parse(text) as { id?: unknown; status?: unknown; code?: unknown };
  return {
    httpStatus: response.status,
    id: typeof body.id === 'string' ? body.id : '',
    status: typeof body.status === 'string' ? body.status : '',
    code: typeof body.code === 'string' ? body.code : '',
    text,
  };
};

/**
 * What is wrong with an answer about somebody whose results are known: it must list them, or say that nothing was
 * checked. Undefined when nothing is wrong.
 */
export const dishonesty = ({ httpStatus, status, code, text }: CheckAnswer): string | undefined => {
  if (httpStatus === 503 && code === 'ORDER_NOT_CHECKED') return undefined;
  if (httpStatus === 200 && status === 'checked' && !text.includes('"nothing-found"')) return undefined;
  return `${httpStatus} ${status} ${code}`;
};
