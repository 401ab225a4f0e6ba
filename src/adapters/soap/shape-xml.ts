import { soapFault } from './faults.ts';
import type { RecordShape, ScalarShape, Shape } from './shape.ts';
import { type XmlElement, xmlText } from './xml-element.ts';

/** A message's content as plain values: what JSON would hold. */
export type Content = string | number | boolean | readonly Content[] | ContentRecord;
/** A record's content; what is absent has no member. */
export interface ContentRecord {
  readonly [name: string]: Content | undefined;
}

const NIL = '{http://www.w3.org/2001/XMLSchema-instance}nil';

const isNil = ({ attributes }: XmlElement): boolean => /^(true|1)$/.test(attributes.get(NIL)?.trim() ?? '');

const readScalar = (element: XmlElement, { kind }: ScalarShape, place: string): Content | undefined => {
  const [inner] = element.children;
  if (inner) throw soapFault('SOAP_ELEMENT_UNKNOWN', { place: `${place}/${inner.name.slice(0, 60)}` });
  const text = element.text.trim();
  if (text === '' || isNil(element)) return undefined;
  const invalid = () => soapFault('SOAP_VALUE_INVALID', { place });
  switch (kind) {
    case 'int':
      if (!/^[+-]?\d{1,9}$/.test(text)) throw invalid();
      return Number(text);
    case 'boolean':
      if (!/^(true|false|0|1)$/.test(text)) throw invalid();
      return text === 'true' || text === '1';
    case 'date':
      // A generated client may append the offset that xs:date allows; a birth date has none.
      return text.replace(/(Z|[+-]\d{2}:\d{2})$/, '');
    case 'dateTime':
    case 'string':
      return text;
  }
};

const readRecord = (
  element: XmlElement,
  { fields }: RecordShape,
  namespace: string,
  place: string,
): ContentRecord | undefined => {
  if (isNil(element)) return undefined;
  if (element.text.trim() !== '') throw soapFault('SOAP_VALUE_INVALID', { place });
  const content: Record<string, Content | undefined> = {};
  const seen = new Set<string>();
  for (const child of element.children) {
    const inner = `${place}/${child.name.slice(0, 60)}`;
    const field = fields.find(({ name }) => name === child.name);
    if (!field) throw soapFault('SOAP_ELEMENT_UNKNOWN', { place: inner });
    if (child.namespace !== namespace) throw soapFault('SOAP_NAMESPACE_WRONG', { place: inner });
    if (seen.has(child.name)) throw soapFault('SOAP_ELEMENT_REPEATED', { place: inner });
    seen.add(child.name);
    content[field.name] = readShape(child, field.shape, namespace, inner);
  }
  const missing = fields.find(({ name, required }) => required && content[name] === undefined);
  if (missing) throw soapFault('SOAP_ELEMENT_MISSING', { place: `${place}/${missing.name}` });
  return content;
};

const readShape = (
  element: XmlElement,
  shape: Shape,
  namespace: string,
  place: string,
): Content | undefined => {
  if (shape.kind === 'record') return readRecord(element, shape, namespace, place);
  if (shape.kind !== 'list') return readScalar(element, shape, place);
  if (element.text.trim() !== '') throw soapFault('SOAP_VALUE_INVALID', { place });
  const items = element.children.flatMap((child, index) => {
    const inner = `${place}/${child.name.slice(0, 60)}[${index + 1}]`;
    if (child.name !== shape.item) throw soapFault('SOAP_ELEMENT_UNKNOWN', { place: inner });
    if (child.namespace !== namespace) throw soapFault('SOAP_NAMESPACE_WRONG', { place: inner });
    return readShape(child, shape.of, namespace, inner) ?? [];
  });
  return items.length === 0 ? undefined : items;
};

/**
 * Reads the content of a message element by its shape. Elements may come in any order; what the shape does not know,
 * what stands twice and what is in another namespace is refused, because guessing would be about a patient.
 *
 * @param namespace in which every element has to be
 * @throws SOAP_ELEMENT_UNKNOWN, SOAP_ELEMENT_REPEATED, SOAP_ELEMENT_MISSING, SOAP_NAMESPACE_WRONG, SOAP_VALUE_INVALID
 */
export const readContent = (element: XmlElement, shape: RecordShape, namespace: string): ContentRecord =>
  readRecord(element, shape, namespace, element.name) ?? {};

const writeShape = (name: string, shape: Shape, content: Content): string => {
  if (shape.kind === 'record')
    return `<${name}>${shape.fields
      .map((field) => {
        const value = (content as ContentRecord)[field.name];
        return value === undefined ? '' : writeShape(field.name, field.shape, value);
      })
      .join('')}</${name}>`;
  if (shape.kind === 'list')
    return `<${name}>${(content as readonly Content[])
      .map((item) => writeShape(shape.item, shape.of, item))
      .join('')}</${name}>`;
  return `<${name}>${xmlText(String(content as string | number | boolean))}</${name}>`;
};

/**
 * Writes a message element.
 *
 * @param namespace default namespace of the element and all in it; none where empty
 */
export const writeContent = (
  name: string,
  shape: RecordShape,
  content: ContentRecord,
  namespace: string,
): string => {
  const written = writeShape(name, shape, content);
  return namespace === '' ? written : written.replace(`<${name}>`, `<${name} xmlns="${namespace}">`);
};

/** Path of a place in the content (`items.0.code`) as a path of elements (`CheckOrder/items/item[1]/code`). */
export const elementPath = (message: string, shape: RecordShape, path: readonly PropertyKey[]): string => {
  let current: Shape | undefined = shape;
  let place = message;
  for (const step of path) {
    if (current?.kind === 'list') {
      place += `/${current.item}[${Number(step) + 1}]`;
      current = current.of;
    } else {
      place += `/${String(step)}`;
      current =
        current?.kind === 'record' ? current.fields.find(({ name }) => name === step)?.shape : undefined;
    }
  }
  return place;
};
