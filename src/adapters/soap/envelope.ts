import type { Fault } from '../../kernel/fault.ts';
import { type BodyCharset, charsetLabel, encodeXmlText, readBodyText } from './body-text.ts';
import {
  actionOf,
  answerElement,
  isOperationName,
  type OperationName,
  OPERATIONS,
  REFUSAL,
  SERVICE_NAMESPACE,
  STRING_OPERATION,
} from './contract.ts';
import { soapFault } from './faults.ts';
import { type ContentRecord, readContent, writeContent } from './shape-xml.ts';
import { readXml, type XmlElement, xmlText } from './xml-element.ts';

const ENVELOPE_NAMESPACE = 'http://schemas.xmlsoap.org/soap/envelope/';

/** One operation as it was called. */
export interface OperationCall {
  readonly operation: OperationName;
  readonly content: ContentRecord;
}

/**
 * A call as it came: an operation with typed content, or a document passed as one string, not looked into yet.
 * `charset` is the set in which it has to be answered.
 */
export type SoapCall = { readonly charset: BodyCharset } & (
  | ({ readonly form: 'typed' } & OperationCall)
  | { readonly form: 'document'; readonly document: string }
);

const requireUnderstood = (header: XmlElement): void => {
  for (const { attributes } of header.children)
    if (attributes.get(`{${ENVELOPE_NAMESPACE}}mustUnderstand`)?.trim() === '1')
      throw soapFault('SOAP_MUST_UNDERSTAND', { place: 'Envelope/Header' });
};

/** The one element of the body. */
const bodyElement = (envelope: XmlElement): XmlElement => {
  if (envelope.name !== 'Envelope') throw soapFault('SOAP_ENVELOPE_INVALID', { place: 'Envelope' });
  if (envelope.namespace !== ENVELOPE_NAMESPACE)
    throw soapFault('SOAP_VERSION_MISMATCH', { place: 'Envelope' });
  const parts = envelope.children.filter(({ namespace }) => namespace === ENVELOPE_NAMESPACE);
  const headers = parts.filter(({ name }) => name === 'Header');
  const bodies = parts.filter(({ name }) => name === 'Body');
  for (const header of headers) requireUnderstood(header);
  const [body] = bodies;
  const [operation] = body?.children ?? [];
  if (!body || !operation || bodies.length > 1 || body.children.length > 1 || headers.length > 1)
    throw soapFault('SOAP_ENVELOPE_INVALID', { place: 'Envelope/Body' });
  return operation;
};

/** SOAPAction with or without its quotes; empty says nothing. */
const requireAction = (action: string | undefined, operation: string): void => {
  const stated = (action ?? '').trim().replace(/^"(.*)"$/, '$1');
  if (stated !== '' && stated !== actionOf(operation) && stated !== operation)
    throw soapFault('SOAP_ACTION_DIFFERS', { place: 'SOAPAction' });
};

/**
 * Reads a SOAP 1.1 call from the bytes of its body.
 *
 * @throws faults of `faults.ts`
 */
export const readCall = (
  body: Uint8Array,
  headers: { readonly contentType: string; readonly action: string | undefined },
): SoapCall => {
  const { text, charset } = readBodyText(body, headers.contentType);
  const element = bodyElement(readXml(text, 'Envelope'));
  if (element.namespace !== SERVICE_NAMESPACE)
    throw soapFault('SOAP_NAMESPACE_WRONG', { place: `Envelope/Body/${element.name.slice(0, 60)}` });
  requireAction(headers.action, element.name);
  if (element.name === STRING_OPERATION.name) {
    const { document } = readContent(element, STRING_OPERATION.request, SERVICE_NAMESPACE);
    return { charset, form: 'document', document: document as string };
  }
  return { charset, form: 'typed', ...operationIn(element, SERVICE_NAMESPACE) };
};

const operationIn = (element: XmlElement, namespace: string): OperationCall => {
  if (!isOperationName(element.name))
    throw soapFault('SOAP_OPERATION_UNKNOWN', { detail: element.name.slice(0, 60) });
  return {
    operation: element.name,
    content: readContent(element, OPERATIONS[element.name].request, namespace),
  };
};

/** A document of the string form, and the namespace in which it is answered: its own. */
export interface DocumentCall extends OperationCall {
  readonly namespace: string;
}

/**
 * Reads a document that came as a string. Whatever encoding its declaration names is of the past: the characters are
 * there. Documents put together by hand have no namespace; then none of their elements may have one.
 *
 * @throws faults of `faults.ts`
 */
export const readDocument = (document: string): DocumentCall => {
  const root = readXml(document.replace(/^[\uFEFF\s]+/, ''), 'document');
  if (root.namespace !== '' && root.namespace !== SERVICE_NAMESPACE)
    throw soapFault('SOAP_NAMESPACE_WRONG', { place: `document/${root.name.slice(0, 60)}` });
  return { namespace: root.namespace, ...operationIn(root, root.namespace) };
};

/** A body on the wire. */
export interface SoapBody {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const soapBody = (inner: string, charset: BodyCharset): SoapBody => {
  const label = charsetLabel(charset);
  const text = `<?xml version="1.0" encoding="${label}"?><soap:Envelope xmlns:soap="${ENVELOPE_NAMESPACE}"><soap:Body>${inner}</soap:Body></soap:Envelope>`;
  return { mediaType: `text/xml; charset=${label}`, bytes: encodeXmlText(text, charset) };
};

/** The answer of an operation as an XML document without declaration. */
export const writeAnswer = (
  operation: OperationName,
  content: ContentRecord,
  namespace = SERVICE_NAMESPACE,
): string => writeContent(answerElement(operation), OPERATIONS[operation].answer, content, namespace);

/** A refusal as an XML document, for the string form. */
export const writeRefusal = (fault: Fault, requestId: string, namespace = SERVICE_NAMESPACE): string =>
  writeContent(REFUSAL.name, REFUSAL.shape, refusalContent(fault, requestId), namespace);

const refusalContent = ({ code, zh, en, place, detail }: Fault, requestId: string): ContentRecord => ({
  code,
  zh,
  en,
  place,
  detail,
  requestId,
});

/** Wraps the answer of a typed operation. */
export const typedAnswer = (answer: string, charset: BodyCharset): SoapBody => soapBody(answer, charset);

/** Wraps a document as the one string of the string form. */
export const documentAnswer = (document: string, charset: BodyCharset): SoapBody =>
  soapBody(
    writeContent(
      answerElement(STRING_OPERATION.name),
      STRING_OPERATION.answer,
      { document },
      SERVICE_NAMESPACE,
    ),
    charset,
  );

const FAULT_CODES: Readonly<Record<string, string>> = {
  SOAP_VERSION_MISMATCH: 'VersionMismatch',
  SOAP_MUST_UNDERSTAND: 'MustUnderstand',
};

/** A soap:Fault whose detail carries our code; `faultstring` is what a HIS shows its user. */
export const faultAnswer = (fault: Fault, requestId: string, charset: BodyCharset = 'utf-8'): SoapBody => {
  const code = FAULT_CODES[fault.code] ?? (fault.status < 500 ? 'Client' : 'Server');
  return soapBody(
    `<soap:Fault><faultcode>soap:${code}</faultcode><faultstring xml:lang="zh">${xmlText(
      `${fault.code} ${fault.zh}`,
    )}</faultstring><detail>${writeRefusal(fault, requestId)}</detail></soap:Fault>`,
    charset,
  );
};
