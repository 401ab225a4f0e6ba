/** A FHIR resource or element before anybody believes it: members by name, none of them certain. */
export type FhirElement = { readonly [member: string]: unknown };

/** Characters a FHIR id may have; neither `.` nor `..`, which would be steps in a path. */
const FHIR_ID = /^(?!\.{1,2}$)[A-Za-z0-9.-]{1,64}$/;

/** True for the text of a FHIR id. */
export const isFhirId = (text: string): boolean => FHIR_ID.test(text);

/** The value as an element, or undefined when it is none. */
export const elementOf = (value: unknown): FhirElement | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as FhirElement) : undefined;

/** The elements of a repeating member; whatever is not an element is left out. */
export const elementsOf = (value: unknown): readonly FhirElement[] =>
  Array.isArray(value)
    ? value.flatMap((each): readonly FhirElement[] => {
        const element = elementOf(each);
        return element ? [element] : [];
      })
    : [];

/** The text without white space at its ends; undefined when there is none, or when it holds control characters. */
export const wordsOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text === '' || /\p{Cc}/u.test(text) ? undefined : text;
};

/** The type a resource states. */
export const resourceTypeOf = (value: unknown): string | undefined =>
  wordsOf(elementOf(value)?.['resourceType']);

/** The resources of a Bundle in their order; undefined when any entry is none: what was dropped would count as read. */
export const entriesOf = (bundle: FhirElement): readonly FhirElement[] | undefined => {
  const entries = bundle['entry'] ?? [];
  if (!Array.isArray(entries)) return undefined;
  const resources = entries.map((entry) => elementOf(elementOf(entry)?.['resource']));
  return resources.every((resource) => resource !== undefined && resourceTypeOf(resource) !== undefined)
    ? (resources as FhirElement[])
    : undefined;
};

/** Where a reference points. */
export interface ReadReference {
  readonly type: string;
  readonly id: string;
  /** Base of an absolute reference; null for a relative one. */
  readonly base: string | null;
}

const REFERENCE = /^(?:(https?:\/\/.+)\/)?([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]+)?$/;

/** Reads a reference to a resource (`Patient/1`, `https://his.example/fhir/Patient/1`); undefined when it is none. */
export const readReference = (value: unknown): ReadReference | undefined => {
  const text = wordsOf(value);
  const found = text === undefined ? null : REFERENCE.exec(text);
  const [, base, type, id] = found ?? [];
  return type === undefined || id === undefined || !isFhirId(id)
    ? undefined
    : { type, id, base: base ?? null };
};

/** One coding of a concept, as far as it says anything. */
export interface ReadCoding {
  readonly system: string | null;
  readonly code: string;
  readonly display: string | null;
}

/** The codings of a CodeableConcept that have a code. */
export const codingsOf = (concept: FhirElement | undefined): readonly ReadCoding[] =>
  elementsOf(concept?.['coding']).flatMap((coding) => {
    const code = wordsOf(coding['code']);
    return code === undefined
      ? []
      : [{ system: wordsOf(coding['system']) ?? null, code, display: wordsOf(coding['display']) ?? null }];
  });
