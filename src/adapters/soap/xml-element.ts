import { SaxesParser } from 'saxes';
import { soapFault } from './faults.ts';

/** An XML element with its namespace resolved. Attributes are keyed `{namespace}name`. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  /** Character data of the element itself, references resolved. */
  text: string;
}

/** Nesting that no honest message of ours comes near. */
const DEPTH_MAX = 24;
const ELEMENTS_MAX = 20_000;

/**
 * Reads one XML document into elements. No DTD and no processing instruction is taken, so no entity can be declared;
 * an entity that is used without being one of XML's own five is malformed.
 *
 * @param place what to call the document in a fault
 * @throws SOAP_XML_MALFORMED, SOAP_XML_FORBIDDEN, SOAP_XML_TOO_LARGE
 */
export const readXml = (text: string, place: string): XmlElement => {
  const parser = new SaxesParser({ xmlns: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  const at = (): string => `${place} ${parser.line}:${parser.column}`;
  parser.on('error', () => {
    // What the parser says may quote the document.
    throw soapFault('SOAP_XML_MALFORMED', { place: at() });
  });
  const forbidden = (): never => {
    throw soapFault('SOAP_XML_FORBIDDEN', { place: at() });
  };
  parser.on('doctype', forbidden);
  parser.on('processinginstruction', forbidden);
  parser.on('opentag', ({ uri, local, attributes }) => {
    if (open.length >= DEPTH_MAX || ++elements > ELEMENTS_MAX)
      throw soapFault('SOAP_XML_TOO_LARGE', { place: at() });
    const element: XmlElement = {
      namespace: uri,
      name: local,
      attributes: new Map(
        Object.values(attributes).map((attribute) => [
          `{${attribute.uri}}${attribute.local}`,
          attribute.value,
        ]),
      ),
      children: [],
      text: '',
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const append = (characters: string): void => {
    const current = open.at(-1);
    if (current) current.text += characters;
  };
  parser.on('text', append);
  parser.on('cdata', append);
  parser.on('closetag', () => void open.pop());
  parser.write(text).close();
  if (!root) throw soapFault('SOAP_XML_MALFORMED', { place });
  return root;
};

// Characters that XML 1.0 has no place for, lone surrogates among them: a laboratory's text may hold them.
const IMPOSSIBLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

/** A text as XML character data, also inside an attribute. What XML cannot hold becomes U+FFFD. */
export const xmlText = (text: string): string =>
  text.replace(IMPOSSIBLE, '\uFFFD').replace(/[&<>"\r]/g, (character) => REFERENCES[character] as string);
