import { connect } from 'node:net';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POSTGRES_FAULTS } from '../../src/adapters/postgres/faults.ts';
import { raiser } from '../../src/kernel/fault.ts';
import { EXAMPLE_ID_NUMBER, EXAMPLE_NAME } from '../browser/example-flows.ts';
import { type RunningServer, runningServer } from '../system/http-server.ts';
import {
  checkOrderXml,
  elementsIn,
  envelope,
  escaped,
  postSoap,
  type SoapOrder,
  type SoapReply,
} from './soap-client.ts';

/*
 * What may come in at the SOAP edge: character sets, hostile XML, wrong namespaces, wrong content, wrong credentials.
 * Whatever it is, the answer is valid, coded, in time, and never "nothing found".
 */

const ORDER: SoapOrder = {
  number: EXAMPLE_ID_NUMBER,
  name: EXAMPLE_NAME,
  birthDate: '1949-12-31',
  items: [
    { line: 1, code: 'DR01' },
    { line: 2, code: 'K01' },
  ],
  encounter: 'V1',
};

let running: RunningServer;
let key: string;

beforeAll(async () => {
  running = await runningServer();
  key = await running.addClient('his', ['treatment']);
  await running.addClient('other', ['treatment']);
});
afterAll(() => running?.stop());

const post = (body: string | Uint8Array, headers: Record<string, string> = {}): Promise<SoapReply> =>
  postSoap({ url: running.server.url, code: 'his', key }, body, headers);
const lastRequest = () => running.flows.requests.at(-1);
const refusedWith = (reply: SoapReply) => [reply.status, reply.first('code')];
const declared = (name: string): string => `<?xml version="1.0" encoding="${name}"?>`;

describe('character sets', () => {
  it.each([
    ['GB18030 by the Content-Type', 'gb18030', 'text/xml; charset=GB18030', ''],
    ['GB18030 by the declaration alone', 'gb18030', 'text/xml', declared('GB18030')],
    [
      'UTF-8 by the Content-Type, whatever the declaration says',
      'utf8',
      'text/xml; charset="utf-8"',
      declared('GBK'),
    ],
    ['UTF-8 by a byte order mark', 'utf8-bom', 'text/xml', declared('UTF-8')],
    ['UTF-8 when nothing is said', 'utf8', 'text/xml', ''],
  ])('takes %s, a four-byte name exact', async (_name, encoding, contentType, declaration) => {
    const text = envelope(checkOrderXml(ORDER), declaration);
    const bytes =
      encoding === 'utf8-bom' ? Buffer.from(`\uFEFF${text}`, 'utf8') : iconv.encode(text, encoding);
    const before = running.flows.requests.length;
    const reply = await post(bytes, { 'content-type': contentType });
    expect(reply.first('status'), reply.text).toBe('checked');
    expect(running.flows.requests).toHaveLength(before + 1);
    expect(lastRequest()?.patient.name).toBe(EXAMPLE_NAME);
  });

  it('answers in GBK whoever calls in GBK, what GBK lacks as a character reference', async () => {
    const rare = { ...ORDER, items: [{ line: 1, code: '𠮷项目' }] };
    const text = envelope(checkOrderXml(rare), declared('GBK'));
    // The caller has the same trouble and the same way out.
    const bytes = iconv.encode(text.replaceAll('𠮷', '&#x20BB7;').replaceAll('䶮', '&#x4DAE;'), 'gbk');
    const reply = await post(bytes, { 'content-type': 'text/xml; charset=GBK' });
    expect(reply.contentType).toBe('text/xml; charset=GBK');
    expect(reply.text.startsWith(declared('GBK'))).toBe(true);
    expect(lastRequest()?.patient.name).toBe(EXAMPLE_NAME);
    expect(reply.text).toContain('&#x20BB7;项目');
    expect(reply.all('code')).toContain('𠮷项目');
  });

  it.each([
    ['bytes that are not UTF-8', 'gbk', 'text/xml; charset=utf-8', declared('GBK'), 'SOAP_BYTES_UNDECODABLE'],
    [
      'two sets that could both be meant',
      'utf8',
      'text/xml; charset=GBK',
      declared('UTF-8'),
      'SOAP_CHARSET_CONFLICT',
    ],
    ['a set that is not taken', 'utf8', 'text/xml; charset=Big5', '', 'SOAP_CHARSET_UNSUPPORTED'],
    ['UTF-16', 'utf16le', 'text/xml; charset=utf-16', '', 'SOAP_CHARSET_UNSUPPORTED'],
  ])('refuses %s', async (_name, encoding, contentType, declaration, code) => {
    const before = running.flows.requests.length;
    const order = { ...ORDER, name: '张三' };
    const reply = await post(iconv.encode(envelope(checkOrderXml(order), declaration), encoding), {
      'content-type': contentType,
    });
    expect(refusedWith(reply)).toEqual([500, code]);
    expect(running.flows.requests).toHaveLength(before);
  });
});

const LAUGHS = `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>`;
const EXTERNAL = '<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>';
const BODY = '<soapenv:Body>';
const GOOD = () => envelope(checkOrderXml(ORDER), '');

describe('hostile and broken XML', () => {
  it.each([
    ['a billion laughs', () => LAUGHS + GOOD().replace('<h:name>', '<h:name>&c;'), 'SOAP_XML_FORBIDDEN'],
    [
      'an external entity',
      () => EXTERNAL + GOOD().replace('<h:name>', '<h:name>&xxe;'),
      'SOAP_XML_FORBIDDEN',
    ],
    ['any DOCTYPE', () => `<!DOCTYPE x>${GOOD()}`, 'SOAP_XML_FORBIDDEN'],
    ['a processing instruction', () => `<?run it?>${GOOD()}`, 'SOAP_XML_FORBIDDEN'],
    ['an entity nobody declared', () => GOOD().replace('<h:name>', '<h:name>&xxe;'), 'SOAP_XML_MALFORMED'],
    ['an unclosed tag', () => GOOD().replace('</h:name>', ''), 'SOAP_XML_MALFORMED'],
    ['an end without its document', () => GOOD().slice(0, -20), 'SOAP_XML_MALFORMED'],
    ['a second document behind the first', () => GOOD() + GOOD(), 'SOAP_XML_MALFORMED'],
    [
      'a prefix bound to nothing',
      () => GOOD().replace('<h:name>', '<x:name/><h:name>'),
      'SOAP_XML_MALFORMED',
    ],
    ['a NUL character', () => GOOD().replace('<h:name>', '<h:name>\u0000'), 'SOAP_XML_MALFORMED'],
    ['JSON', () => '{"patient":{}}', 'SOAP_XML_MALFORMED'],
    ['nothing', () => ' ', 'SOAP_XML_MALFORMED'],
    ['nesting without end', () => GOOD().replace(BODY, BODY + '<a>'.repeat(5_000)), 'SOAP_XML_TOO_LARGE'],
    ['elements without end', () => GOOD().replace(BODY, BODY + '<a/>'.repeat(30_000)), 'SOAP_XML_TOO_LARGE'],
  ])('is refused: %s', async (_name, body, code) => {
    const before = running.flows.requests.length;
    const reply = await post(body());
    expect(refusedWith(reply)).toEqual([500, code]);
    expect(reply.contentType).toBe('text/xml; charset=UTF-8');
    expect(reply.first('faultcode')).toBe('soap:Client');
    expect(reply.text).not.toContain(EXAMPLE_ID_NUMBER);
    expect(reply.text).not.toContain('root:');
    expect(running.flows.requests).toHaveLength(before);
  });
});

describe('namespaces and the envelope', () => {
  const NS = 'urn:huren:order-check:1';
  it.each([
    [
      'SOAP 1.2',
      () =>
        GOOD().replace(
          'http://schemas.xmlsoap.org/soap/envelope/',
          'http://www.w3.org/2003/05/soap-envelope',
        ),
      'SOAP_VERSION_MISMATCH',
      'soap:VersionMismatch',
    ],
    [
      'another service',
      () => GOOD().replace(NS, 'http://tempuri.org/'),
      'SOAP_NAMESPACE_WRONG',
      'soap:Client',
    ],
    [
      'elements without namespace inside ours',
      () =>
        envelope(
          checkOrderXml(ORDER, '')
            .replace(/^<CheckOrder>/, '<h:CheckOrder>')
            .replace(/<\/CheckOrder>$/, '</h:CheckOrder>'),
        ),
      'SOAP_NAMESPACE_WRONG',
      'soap:Client',
    ],
    ['an unknown operation', () => envelope('<h:DropOrder/>'), 'SOAP_OPERATION_UNKNOWN', 'soap:Client'],
    [
      'two operations',
      () => envelope(checkOrderXml(ORDER) + checkOrderXml(ORDER)),
      'SOAP_ENVELOPE_INVALID',
      'soap:Client',
    ],
    ['no operation', () => envelope(''), 'SOAP_ENVELOPE_INVALID', 'soap:Client'],
    [
      'a header that must be understood',
      () =>
        GOOD().replace(
          BODY,
          `<soapenv:Header><w:Security xmlns:w="urn:w" soapenv:mustUnderstand="1"/></soapenv:Header>${BODY}`,
        ),
      'SOAP_MUST_UNDERSTAND',
      'soap:MustUnderstand',
    ],
  ])('refuses %s', async (_name, body, code, faultCode) => {
    const reply = await post(body());
    expect([reply.status, reply.first('code'), reply.first('faultcode')]).toEqual([500, code, faultCode]);
  });

  it('passes over a header that need not be understood', async () => {
    const header = '<soapenv:Header><w:Trace xmlns:w="urn:w">x</w:Trace></soapenv:Header>';
    expect((await post(GOOD().replace(BODY, header + BODY))).first('status')).toBe('checked');
  });
});

describe('content', () => {
  const order = (change: (xml: string) => string): string => envelope(change(checkOrderXml(ORDER)));
  const patientOf = (xml: string): string => /<h:patient>.*<\/h:patient>/.exec(xml)?.[0] as string;
  const items = (count: number): SoapOrder['items'] =>
    Array.from({ length: count }, (_, index) => ({ line: index + 1, code: `C${index}` }));

  it.each([
    [
      'no patient',
      order((xml) => xml.replace(patientOf(xml), '')),
      'SOAP_ELEMENT_MISSING',
      'CheckOrder/patient',
    ],
    [
      'two patients',
      order((xml) => xml.replace(patientOf(xml), patientOf(xml).repeat(2))),
      'SOAP_ELEMENT_REPEATED',
      'CheckOrder/patient',
    ],
    [
      'a patient without number',
      order((xml) => xml.replace(/<h:identifiers>.*<\/h:identifiers>/, '')),
      'SOAP_VALUE_INVALID',
      'CheckOrder/patient/identifiers',
    ],
    [
      '500 orders',
      envelope(checkOrderXml({ ...ORDER, items: items(500) })),
      'SOAP_VALUE_INVALID',
      'CheckOrder/items',
    ],
    [
      'no order',
      envelope(checkOrderXml({ ...ORDER, items: [] })),
      'SOAP_ELEMENT_MISSING',
      'CheckOrder/items',
    ],
    [
      'a line twice',
      order((xml) => xml.replace('<h:line>2', '<h:line>1')),
      'SOAP_VALUE_INVALID',
      'CheckOrder/items',
    ],
    [
      'a line that is no number',
      order((xml) => xml.replace('<h:line>2', '<h:line>two')),
      'SOAP_VALUE_INVALID',
      'CheckOrder/items/item[2]/line',
    ],
    [
      'a code too long',
      order((xml) => xml.replace('K01', 'K'.repeat(65))),
      'SOAP_VALUE_INVALID',
      'CheckOrder/items/item[2]/code',
    ],
    [
      'an impossible birth date',
      order((xml) => xml.replace('1949-12-31', '1949-02-30')),
      'SOAP_VALUE_INVALID',
      'CheckOrder/patient/birthDate',
    ],
    [
      'an unknown kind of encounter',
      order((xml) => xml.replace('门诊', '门珍')),
      'SOAP_VALUE_INVALID',
      'CheckOrder/encounter/class',
    ],
    [
      'a misspelt element',
      order((xml) => xml.replaceAll('h:birthDate', 'h:birthdate')),
      'SOAP_ELEMENT_UNKNOWN',
      'CheckOrder/patient/birthdate',
    ],
    [
      'an element where text belongs',
      order((xml) => xml.replace('门诊', '<h:b/>')),
      'SOAP_ELEMENT_UNKNOWN',
      'CheckOrder/encounter/class/b',
    ],
    [
      'text between elements',
      order((xml) => xml.replace('<h:encounter>', '<h:encounter>门诊')),
      'SOAP_VALUE_INVALID',
      'CheckOrder/encounter',
    ],
  ])('refuses %s, naming the place', async (_name, body, code, place) => {
    const before = running.flows.requests.length;
    const reply = await post(body);
    expect([...refusedWith(reply), reply.first('place')]).toEqual([500, code, place]);
    expect(reply.first('faultstring')).toMatch(/\p{Script=Han}/u);
    expect(running.flows.requests).toHaveLength(before);
  });

  it('reads elements in any order, empty ones as left out, and an offset behind a birth date as nothing', async () => {
    const body = order((xml) =>
      xml
        .replace(patientOf(xml), '')
        .replace(
          '</h:CheckOrder>',
          `${patientOf(xml).replace('1949-12-31', '1949-12-31Z')}<h:campus/></h:CheckOrder>`,
        ),
    );
    expect((await post(body)).first('status')).toBe('checked');
    expect(lastRequest()).toMatchObject({ patient: { birthDate: '1949-12-31' } });
    expect(lastRequest()?.campus).toBeUndefined();
  });

  it('takes an empty list of interventions as unknown, and none only where it is said', async () => {
    const put = (xml: string) => order((whole) => whole.replace('<h:items>', `${xml}<h:items>`));
    await post(put('<h:interventions/>'));
    expect(lastRequest()?.interventions).toBeUndefined();
    await post(put('<h:noInterventions>true</h:noInterventions>'));
    expect(lastRequest()?.interventions).toEqual([]);
    const one =
      '<h:intervention><h:kind>transfusion</h:kind><h:at>2026-11-20T08:00:00+08:00</h:at></h:intervention>';
    await post(put(`<h:interventions>${one}</h:interventions>`));
    expect(lastRequest()?.interventions).toEqual([{ kind: 'transfusion', at: '2026-11-20T08:00:00+08:00' }]);
    const both = await post(
      put(`<h:noInterventions>true</h:noInterventions><h:interventions>${one}</h:interventions>`),
    );
    expect(refusedWith(both)).toEqual([500, 'SOAP_VALUE_INVALID']);
  });

  it('is refused whole when it is too large or no XML by its Content-Type', async () => {
    const large = await post(order((xml) => xml.replace('K01', 'K'.repeat(300 * 1024))));
    expect(refusedWith(large)).toEqual([413, 'BODY_TOO_LARGE']);
    const json = await post('{}', { 'content-type': 'application/json' });
    expect(refusedWith(json)).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
  });
});

describe('the string form', () => {
  const NS = ' xmlns="urn:huren:order-check:1"';
  const exchange = async (argument: string) => {
    const reply = await post(
      envelope(`<h:ExchangeDocument><h:document>${argument}</h:document></h:ExchangeDocument>`),
    );
    const document = reply.first('document') ?? '';
    return { status: reply.status, document, ...elementsIn(document) };
  };
  const plain = checkOrderXml(ORDER, '');

  it.each([
    ['escaped', escaped(plain)],
    ['in CDATA', `<![CDATA[${plain}]]>`],
    ['with a GBK declaration of the past', escaped(`\n ${declared('GBK')}\n${plain}`)],
    ['with the UTF-16 declaration of .NET', `<![CDATA[${declared('utf-16')}${plain}]]>`],
  ])('takes a document %s and answers with one', async (_name, argument) => {
    const answer = await exchange(argument);
    expect([answer.status, answer.first('status')]).toEqual([200, 'checked']);
    expect(answer.document.startsWith('<CheckOrderResponse><check><id>')).toBe(true);
    expect(lastRequest()?.patient.name).toBe(EXAMPLE_NAME);
  });

  it('answers in the namespace it was asked in', async () => {
    const answer = await exchange(escaped(plain.replace('<CheckOrder>', `<CheckOrder${NS}>`)));
    expect(answer.document.startsWith(`<CheckOrderResponse${NS}><check>`)).toBe(true);
  });

  it('carries the other operations too', async () => {
    const { first } = await exchange(escaped(plain));
    const check = first('id') as string;
    const answered = await exchange(
      escaped(`<RespondToCheck><check>${check}</check><line>1</line><kind>recognise</kind></RespondToCheck>`),
    );
    expect(answered.first('kind')).toBe('recognise');
    expect(
      (await exchange(escaped(`<ReadResponses><check>${check}</check></ReadResponses>`))).all('kind'),
    ).toContain('recognise');
  });

  it.each([
    ['malformed', escaped('<CheckOrder><patient></CheckOrder>'), 'SOAP_XML_MALFORMED'],
    ['with a DOCTYPE', escaped(LAUGHS + plain), 'SOAP_XML_FORBIDDEN'],
    ['of no operation', escaped('<Query/>'), 'SOAP_OPERATION_UNKNOWN'],
    ['of another namespace', escaped('<CheckOrder xmlns="http://tempuri.org/"/>'), 'SOAP_NAMESPACE_WRONG'],
    ['of two namespaces', escaped(plain.replace('<items>', `<items${NS}>`)), 'SOAP_NAMESPACE_WRONG'],
    [
      'without a patient',
      escaped('<CheckOrder><encounter><class>门诊</class></encounter></CheckOrder>'),
      'SOAP_ELEMENT_MISSING',
    ],
  ])('refuses a document %s by a document', async (_name, argument, code) => {
    const answer = await exchange(argument);
    expect([answer.status, answer.first('code')]).toEqual([200, code]);
    expect(answer.document.startsWith('<Refusal')).toBe(true);
    expect(answer.first('zh')).toMatch(/\p{Script=Han}/u);
  });

  it('refuses by a soap:Fault what has no document at all', async () => {
    const reply = await post(envelope('<h:ExchangeDocument><h:document/></h:ExchangeDocument>'));
    expect(refusedWith(reply)).toEqual([500, 'SOAP_ELEMENT_MISSING']);
  });
});

describe('a check that could not be done', () => {
  const failing = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    running.flows.failWith = raiser(POSTGRES_FAULTS)('DATABASE_UNREACHABLE');
    try {
      return await work();
    } finally {
      running.flows.failWith = null;
    }
  };

  it.each([
    ['typed', () => envelope(checkOrderXml(ORDER))],
    [
      'as a string',
      () =>
        envelope(
          `<h:ExchangeDocument><h:document>${escaped(checkOrderXml(ORDER, ''))}</h:document></h:ExchangeDocument>`,
        ),
    ],
  ])('is answered as not checked, %s, and logged', async (form, body) => {
    const reply = await failing(() => post(body()));
    const { first, all } = form === 'typed' ? reply : elementsIn(reply.first('document') as string);
    expect(reply.status).toBe(200);
    expect(first('status')).toBe('not-checked');
    expect(first('title')).toBe('互认服务暂不可用，本次未核查，不影响开单');
    expect(all('outcome')).toEqual(['not-checked', 'not-checked']);
    expect(first('interrupt')).toBe('false');
    expect(first('id')).toBeUndefined();
    expect(reply.text).not.toContain('未发现');
    expect(running.logText()).toContain('ORDER_NOT_CHECKED');
  });

  it('is not pretended for an answer or a confirmation: those fail as a fault of ours', async () => {
    const body = envelope(
      '<h:RespondToCheck><h:check>01930000-0000-7000-8000-0000000000ff</h:check><h:line>1</h:line><h:kind>recognise</h:kind></h:RespondToCheck>',
    );
    const reply = await failing(() => post(body));
    expect([reply.status, reply.first('faultcode'), reply.first('code')]).toEqual([
      500,
      'soap:Server',
      'DATABASE_UNREACHABLE',
    ]);
  });
});

describe('credentials', () => {
  const basic = (user: string, password: string): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

  it.each([
    ['no credentials', ''],
    ['a wrong key', () => basic('his', `${key.slice(0, -1)}_`)],
    ['the right key under another client’s code', () => basic('other', key)],
    ['the right key without a code', () => basic('', key)],
    ['something that is no Basic', 'Basic !!!!'],
  ])('refuses %s with 401 and both challenges', async (_name, authorization) => {
    const given = typeof authorization === 'string' ? authorization : authorization();
    const response = await fetch(`${running.server.url}/soap/order-check`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml', ...(given ? { authorization: given } : {}) },
      body: '<broken',
    });
    expect(response.status).toBe(401);
    const challenge = response.headers.get('www-authenticate') ?? '';
    expect(challenge).toContain('Bearer realm="huren"');
    expect(challenge).toContain('Basic realm="huren"');
    expect(elementsIn(await response.text()).first('code')).toBe('SIGN_IN_REQUIRED');
  });

  it('refuses before the body is read: the answer is there while none of it has been sent', async () => {
    const { hostname, port } = new URL(running.server.url);
    const socket = connect(Number(port), hostname);
    const answer = await new Promise<string>((resolve, reject) => {
      socket.on('error', reject);
      socket.once('data', (chunk) => resolve(chunk.toString()));
      socket.write(
        `POST /soap/order-check HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: text/xml\r\nContent-Length: 200000\r\nAuthorization: ${basic('his', 'wrong')}\r\n\r\n`,
      );
    });
    socket.destroy();
    expect(answer.startsWith('HTTP/1.1 401')).toBe(true);
  });

  it('refuses a client without the purpose', async () => {
    const operations = await running.addClient('ops', ['operations']);
    const reply = await postSoap({ url: running.server.url, code: 'ops', key: operations }, GOOD());
    expect(refusedWith(reply)).toEqual([403, 'NOT_PERMITTED']);
  });
});
