// A HIS that speaks SOAP 1.1 without any SOAP library: one typed call, and one through the string form. Node 20 or later.
//   PLATFORM_URL=… CLIENT_CODE=… CLIENT_KEY=… node soap.mjs ID-NUMBER NAME BIRTH-DATE CODE…
const { PLATFORM_URL = 'http://127.0.0.1:8080', CLIENT_CODE, CLIENT_KEY } = process.env;
const [number, name, birthDate, ...codes] = process.argv.slice(2);

const escape = (text) => text.replace(/[&<>]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[one]);
const unescape = (text) =>
  text.replace(/&(amp|lt|gt|quot);/g, (_, one) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[one]);
const textOf = (xml, element) => unescape(new RegExp(`<${element}(?: [^>]*)?>([^<]*)<`).exec(xml)?.[1] ?? '');

const soap = async (operation) => {
  const response = await fetch(`${PLATFORM_URL}/soap/order-check`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${CLIENT_CODE}:${CLIENT_KEY}`).toString('base64')}`,
      'content-type': 'text/xml; charset=UTF-8',
      soapaction: '""',
    },
    body: `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${operation}</soap:Body></soap:Envelope>`,
    signal: AbortSignal.timeout(6_000),
  });
  const xml = await response.text();
  if (!response.ok) throw new Error(textOf(xml, 'faultstring'));
  return xml;
};

const order = (encounter, namespace = '') =>
  `<CheckOrder${namespace}><patient><identifiers><identifier><type>national-id</type><number>${number}</number></identifier></identifiers><name>${escape(name)}</name><birthDate>${birthDate}</birthDate></patient><encounter><class>门诊</class><number>${encounter}</number></encounter><doctor><staffNumber>100118</staffNumber></doctor><items>${codes
    .map((code, index) => `<item><line>${index + 1}</line><code>${escape(code)}</code></item>`)
    .join('')}</items></CheckOrder>`;

const show = (form, xml) => {
  console.log(`${form}: ${textOf(xml, 'status')} ${textOf(xml, 'title')}`);
  for (const [, line] of xml.matchAll(/<line><line>(.*?)<\/reasonRequired>/gs))
    console.log(`  ${textOf(line, 'name')}: ${textOf(line, 'outcomeText')} ${textOf(line, 'result')} ${textOf(line, 'source')}`);
  console.log(`  ${textOf(xml, 'cardUrl')}`);
};

const NAMESPACE = ' xmlns="urn:huren:order-check:1"';
try {
  show('typed', await soap(order(`V${Date.now()}`, NAMESPACE)));
  const document = `<?xml version="1.0" encoding="GBK"?>${order(`W${Date.now()}`)}`;
  const exchange = `<ExchangeDocument${NAMESPACE}><document>${escape(document)}</document></ExchangeDocument>`;
  show('string', textOf(await soap(exchange), 'document'));
} catch (error) {
  // Whatever went wrong, the order goes on, and the doctor is told that nothing was checked.
  console.log(`本次未核查，不影响开单（${error.message}）`);
}
