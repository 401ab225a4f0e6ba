import { type Side, understandSide } from '../../catalogue/index.ts';
import type { CdsRegistration } from '../postgres/cds-clients.ts';
import { codingsOf, elementOf, elementsOf, type FhirElement, isFhirId, wordsOf } from './fhir-reading.ts';

/** Code system under which an order may state our own item code. */
export const ITEM_CODE_SYSTEM = 'urn:huren:item';
const LOINC = 'http://loinc.org';
const ICD_10 = /icd-?10/i;
const CODE_CHARACTERS_MAX = 64;
const NAME_CHARACTERS_MAX = 200;
const DIAGNOSIS_CHARACTERS_MAX = 32;

/** Orders that are over or never were: there is nothing left to recognise for them. */
const ENDED = new Set(['revoked', 'completed', 'entered-in-error']);

/** A ServiceRequest as far as an order check asks. */
export interface StatedOrder {
  /** Id of the resource; null for one that has none, which no suggestion can name. */
  readonly id: string | null;
  /** False for a draft; true for what has been signed, which is revoked, not deleted. */
  readonly isSigned: boolean;
  /** The hospital's own code; or, where it states none, any other with its system, which no code map has. */
  readonly code: string;
  /** Codes by which the item may be known where the hospital states no own one. */
  readonly itemCode: string | null;
  readonly loinc: string | null;
  readonly name: string | null;
  readonly side: Side | null;
  readonly diagnoses: readonly string[];
  /** Words of the reasons, among which the purpose of the order may be. */
  readonly reasons: readonly string[];
  /** 申请单号: number of the requisition; null where none is stated. */
  readonly requestNumber: string | null;
  /** Id of the encounter it belongs to. */
  readonly encounter: unknown;
  readonly resource: FhirElement;
}

type Codes = Pick<StatedOrder, 'code' | 'itemCode' | 'loinc' | 'name'>;

const cut = (text: string, characters: number): string => [...text].slice(0, characters).join('');

/**
 * What is ordered. Null when nothing has been chosen yet: no code at all, or a coding without any content. Whatever is
 * there but cannot be read stays an order with a code that no map has, so that it is said not to have been checked.
 */
const codesOf = (order: FhirElement, { orderCodeSystems }: CdsRegistration): Codes | null => {
  const stated = order['code'];
  if (stated === undefined || stated === null) return null;
  const concept = elementOf(stated);
  const codings = codingsOf(concept);
  const text = wordsOf(concept?.['text']) ?? null;
  // What stands there beside an empty coding, be it an extension, may be the order: then it is not nothing.
  const isEmpty =
    concept !== undefined &&
    Object.keys(concept).every((member) => member === 'coding') &&
    (concept['coding'] === undefined ||
      (Array.isArray(concept['coding']) &&
        concept['coding'].every(
          (coding) => Object.keys(elementOf(coding) ?? { unread: coding }).length === 0,
        )));
  if (isEmpty) return null;
  const own = codings.filter(({ system }) => system !== null && orderCodeSystems.includes(system));
  const [first] = own.length > 0 ? own : codings;
  const name = cut(text ?? first?.display ?? '', NAME_CHARACTERS_MAX) || null;
  const unread = { itemCode: null, loinc: null, name };
  const single = new Set(own.map(({ code }) => code)).size === 1 ? own[0] : undefined;
  if (single && single.code.length <= CODE_CHARACTERS_MAX) return { ...unread, code: single.code };
  // Two codes of the hospital's own, or one that no code map can hold: nobody knows what is meant.
  if (own.length > 0 || !first) return { ...unread, code: cut(`|${name ?? '?'}`, CODE_CHARACTERS_MAX) };
  const codeOf = (wanted: string) => codings.find(({ system }) => system === wanted)?.code ?? null;
  return {
    code: cut(`${first.system ?? ''}|${first.code}`, CODE_CHARACTERS_MAX),
    itemCode: codeOf(ITEM_CODE_SYSTEM),
    loinc: codeOf(LOINC),
    name,
  };
};

/** The side that the body sites name; null when they name none, or when one of them cannot be read as a side. */
const sideOf = (order: FhirElement): Side | null => {
  const sides = new Set(
    elementsOf(order['bodySite']).flatMap((site): Side[] => {
      const words = [
        ...codingsOf(site).flatMap(({ code, display }) => [code, display ?? '']),
        wordsOf(site['text']) ?? '',
      ];
      const found = words.map((word) => understandSide(word)).find((side) => side !== null);
      return found ? [found] : [];
    }),
  );
  if (sides.size > 1) return 'both';
  return [...sides][0] ?? null;
};

const numberOf = (order: FhirElement): string | null => {
  const requisition = wordsOf(elementOf(order['requisition'])?.['value']);
  const number = requisition ?? wordsOf(elementsOf(order['identifier'])[0]?.['value']);
  return number !== undefined && number.length <= CODE_CHARACTERS_MAX ? number : null;
};

/** Reads one ServiceRequest; null when it is over, says that something is not to be done, or names nothing yet. */
export const readOrder = (order: FhirElement, registration: CdsRegistration): StatedOrder | null => {
  const status = wordsOf(order['status']);
  if (order['doNotPerform'] === true || ENDED.has(status ?? '')) return null;
  const codes = codesOf(order, registration);
  if (!codes) return null;
  const id = wordsOf(order['id']);
  const reasons = elementsOf(order['reasonCode']);
  return {
    ...codes,
    id: id !== undefined && isFhirId(id) ? id : null,
    isSigned: status !== undefined && status !== 'draft',
    side: sideOf(order),
    diagnoses: reasons
      .flatMap((reason) => codingsOf(reason))
      .filter(({ system, code }) => ICD_10.test(system ?? '') && code.length <= DIAGNOSIS_CHARACTERS_MAX)
      .map(({ code }) => code),
    reasons: reasons.flatMap((reason) => [
      ...codingsOf(reason).flatMap(({ code, display }) => [code, ...(display === null ? [] : [display])]),
      ...[wordsOf(reason['text'])].filter((text) => text !== undefined),
    ]),
    requestNumber: numberOf(order),
    encounter: elementOf(order['encounter'])?.['reference'],
    resource: order,
  };
};
