/** Posts SOAP envelopes as an integration engine without any SOAP library does. */
export interface SoapPost {
  readonly url: string;
  readonly code: string;
  readonly key: string;
}

/** What came back. */
export interface SoapReply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** Text of the first element of this name, whatever its prefix. */
  first(name: string): string | undefined;
  /** Texts of all elements of this name. */
  all(name: string): readonly string[];
}

const UNESCAPED: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&amp;': '&',
  '&#13;': '\r',
};

/** Resolves the references that a writer of XML needs. */
export const unescaped = (text: string): string =>
  text
    .replace(/&(?:lt|gt|quot|amp|#13);/g, (reference) => UNESCAPED[reference] as string)
    .replace(/&#x([0-9A-F]+);/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));

/** Text as character data. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Reads elements out of a text by their names. */
export const elementsIn = (text: string) => {
  const all = (name: string): readonly string[] =>
    [...text.matchAll(new RegExp(`<(?:\\w+:)?${name}(?: [^>]*)?>([^<]*)</`, 'g'))].map((found) =>
      unescaped(found[1] as string),
    );
  return { all, first: (name: string): string | undefined => all(name)[0] };
};

/** An envelope around the content of its body. */
export const envelope = (body: string, declaration = '<?xml version="1.0" encoding="UTF-8"?>'): string =>
  `${declaration}<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:h="urn:huren:order-check:1"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;

/** Sends a body as it is, with Basic credentials. */
export const postSoap = async (
  { url, code, key }: SoapPost,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<SoapReply> => {
  const response = await fetch(`${url}/soap/order-check`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${code}:${key}`).toString('base64')}`,
      'content-type': 'text/xml; charset=UTF-8',
      ...headers,
    },
    body: typeof body === 'string' ? body : Buffer.from(body),
  });
  const contentType = response.headers.get('content-type') ?? '';
  const charset = /charset=([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  const text = new TextDecoder(charset.toLowerCase().startsWith('gb') ? 'gb18030' : charset).decode(
    await response.arrayBuffer(),
  );
  return { status: response.status, contentType, text, ...elementsIn(text) };
};

/** What a test order says. */
export interface SoapOrder {
  readonly number: string;
  readonly name: string;
  readonly birthDate: string;
  readonly items: readonly { readonly line: number; readonly code: string }[];
  readonly encounter: string;
  readonly request?: string;
}

/** The CheckOrder element. `p` is the prefix of its elements with its colon, or empty. */
export const checkOrderXml = (
  { number, name, birthDate, items, encounter, request = 'SQ-SOAP' }: SoapOrder,
  p = 'h:',
): string =>
  `<${p}CheckOrder><${p}patient><${p}identifiers><${p}identifier><${p}type>national-id</${p}type><${p}number>${number}</${p}number></${p}identifier></${p}identifiers><${p}name>${name}</${p}name><${p}birthDate>${birthDate}</${p}birthDate></${p}patient><${p}encounter><${p}class>门诊</${p}class><${p}number>${encounter}</${p}number></${p}encounter><${p}request><${p}number>${request}</${p}number></${p}request><${p}doctor><${p}staffNumber>100118</${p}staffNumber></${p}doctor><${p}items>${items
    .map(({ line, code }) => `<${p}item><${p}line>${line}</${p}line><${p}code>${code}</${p}code></${p}item>`)
    .join('')}</${p}items></${p}CheckOrder>`;
