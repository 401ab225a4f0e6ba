import { createClientAsync, BasicAuthSecurity, type Client } from 'soap';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import { checkOrderXml, envelope, postSoap, type SoapOrder } from './soap-client.ts';

/*
 * SOAP 1.1 with WSDL 1.1, document/literal wrapped. The peer is npm's `soap`: it reads nothing but our WSDL.
 */

const CLIENT = 'yx-county-his';

interface CheckedLine {
  readonly line: number;
  readonly outcome: string;
  readonly outcomeText: string;
  readonly candidates?: { readonly candidate: readonly Record<string, unknown>[] };
  readonly offeredReasons?: { readonly reason: readonly { readonly code: string }[] };
  readonly response?: { readonly state: string; readonly kind: string };
}

interface Checked {
  readonly id: string;
  readonly status: string;
  readonly title: string;
  readonly interrupt: boolean;
  readonly cardUrl?: string;
  readonly lines: { readonly line: readonly CheckedLine[] };
}

let system: RealSystem;
let client: Client;
let encounters = 0;

beforeAll(async () => {
  system = await realSystem();
  client = await createClientAsync(`${system.url}/soap/order-check?wsdl`);
  client.setSecurity(new BasicAuthSecurity(CLIENT, system.key));
});
afterAll(() => system?.stop());

const call = async (operation: string, args: object): Promise<Record<string, unknown>> => {
  const [answer] = (await client[`${operation}Async`](args)) as [Record<string, unknown>];
  return answer;
};

/** The same order as the demonstration's HIS sends it. */
const orderOf = (key: string): SoapOrder => {
  const member = memberOf(system.bench, key);
  const { items } = system.bench.orderOf(member) as { items: { line: number; code: string }[] };
  const { nationalId, name, birthDate } = member.person;
  return {
    number: nationalId as string,
    name,
    birthDate: birthDate.replace(/^(\d{4})-?(\d{2})-?(\d{2})$/, '$1-$2-$3'),
    items,
    encounter: `SOAP-${++encounters}`,
  };
};

const argsOf = ({ number, name, birthDate, items, encounter }: SoapOrder) => ({
  patient: { identifiers: { identifier: [{ type: 'national-id', number }] }, name, birthDate },
  encounter: { class: '门诊', number: encounter },
  request: { number: 'SQ-SOAP' },
  doctor: { staffNumber: '100118' },
  department: { name: '儿科' },
  items: { item: items },
});

const checked = async (order: SoapOrder): Promise<Checked> =>
  (await call('CheckOrder', argsOf(order)))['check'] as Checked;

describe('a client generated from the WSDL', () => {
  it('finds all operations and the true address', () => {
    const description = client.describe() as Record<string, Record<string, Record<string, unknown>>>;
    expect(Object.keys(description['OrderCheckService']?.['OrderCheckPort'] ?? {}).sort()).toEqual([
      'CheckOrder',
      'ConfirmCancellation',
      'ExchangeDocument',
      'ReadCheck',
      'ReadResponses',
      'RespondToCheck',
    ]);
    const { ports } = (
      client.wsdl as unknown as { services: Record<string, { ports: Record<string, { location: string }> }> }
    ).services['OrderCheckService'] as { ports: Record<string, { location: string }> };
    expect(ports['OrderCheckPort']?.location).toBe(`${system.url}/soap/order-check`);
  });

  it('is told the public address by a process that listens elsewhere, whatever host the caller named', async () => {
    const other = await system.startAnother();
    try {
      const description = await fetch(`${other.url}/soap/order-check?wsdl`);
      expect(await description.text()).toContain(`location="${system.url}/soap/order-check"`);
    } finally {
      await other.close();
    }
  });

  it('gets the same verdict, words and reasons as the JSON call, and the address of the card', async () => {
    const order = orderOf('child');
    const answer = await checked(order);
    const byJson = await system.bench.check(system.bench.orderOf(memberOf(system.bench, 'child')));
    expect(answer.status).toBe('checked');
    expect(answer.title).toBe(byJson.title.zh);
    expect(answer.interrupt).toBe(true);
    expect(answer.lines.line.map(({ outcome }) => outcome)).toEqual(
      byJson.lines.map(({ outcome }) => outcome),
    );
    const chest = answer.lines.line.at(-1) as CheckedLine;
    const jsonChest = byJson.lines.at(-1)?.candidates[0];
    expect(chest.outcome).toBe('must-consider');
    expect(chest.candidates?.candidate[0]).toMatchObject({
      report: jsonChest?.report,
      institutionName: jsonChest?.institution.nameZh,
      gradeText: '可互认',
      recognisable: true,
      impression: jsonChest?.examination?.impression,
    });
    expect(chest.candidates?.candidate[0]?.['source']).toMatch(
      /^望溪市妇幼保健院（.+）│\d{4}-\d\d-\d\d \d\d:\d\d 检查│.*参考时限至 \d{4}-\d\d-\d\d/,
    );
    expect(chest.offeredReasons?.reason.map(({ code }) => code)).toEqual([
      'N1',
      'N2',
      'N3',
      'N4',
      'N5',
      'N6',
    ]);
    const { cardUrl } = answer;
    expect(cardUrl?.startsWith(`${system.url}/card/`)).toBe(true);
    const granted = system.cardLinks.read((cardUrl as string).split('/card/')[1] as string);
    expect(granted.ok && granted.value.grant).toMatchObject({
      check: answer.id,
      client: CLIENT,
      staffNumber: '100118',
      department: '儿科',
    });
  });

  it('answers, polls, and confirms the cancellation, each once', async () => {
    const order = orderOf('child');
    const { id, lines } = await checked(order);
    const { line } = lines.line.at(-1) as CheckedLine;
    const before = await call('ReadResponses', { check: id });
    expect(before['complete']).toBe(false);
    const answer = { check: id, line, kind: 'recognise', idempotencyKey: 'soap-1' };
    const first = await call('RespondToCheck', answer);
    const again = await call('RespondToCheck', answer);
    expect([first['repeated'], again['repeated']]).toEqual([false, true]);
    expect((first['response'] as { recordText: string }).recordText).toContain('望溪市妇幼保健院');
    const polled = (await call('ReadResponses', { check: id })) as {
      complete: boolean;
      lines: { line: { line: number; response?: { kind: string; recordText?: string } }[] };
    };
    const told = polled.lines.line.find((each) => each.line === line)?.response;
    expect(told?.kind).toBe('recognise');
    expect(told?.recordText).toBeUndefined();
    const fulfilled = await call('ConfirmCancellation', {
      check: id,
      line,
      orderNumber: 'SQ-SOAP',
      cancelledAt: '2026-11-23T11:30:00+08:00',
    });
    expect(fulfilled['state']).toBe('fulfilled');
    const read = (await call('ReadCheck', { check: id }))['check'] as Checked;
    expect(read.lines.line.at(-1)?.response).toMatchObject({ kind: 'recognise', state: 'fulfilled' });
  });

  it('is told of a refusal by a soap:Fault with the code, in both languages', async () => {
    const refused = await call('ReadResponses', { check: '01930000-0000-7000-8000-0000000000ff' }).catch(
      (error: unknown) => error as { root: { Envelope: { Body: { Fault: Record<string, unknown> } } } },
    );
    const fault = (refused as { root: { Envelope: { Body: { Fault: Record<string, unknown> } } } }).root
      .Envelope.Body.Fault;
    expect(fault['faultcode']).toBe('soap:Client');
    expect((fault['detail'] as { Refusal: Record<string, string> }).Refusal).toMatchObject({
      code: 'ORDER_CHECK_UNKNOWN',
    });
  });
});

describe('a call put together by hand', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    postSoap({ url: system.url, code: CLIENT, key: system.key }, body, headers);

  it.each([
    ['quoted', '"urn:huren:order-check:1#CheckOrder"'],
    ['unquoted', 'urn:huren:order-check:1#CheckOrder'],
    ['empty', '""'],
    ['its name alone', 'CheckOrder'],
  ])('may send SOAPAction %s', async (_name, action) => {
    const reply = await post(envelope(checkOrderXml(orderOf('child'))), { soapaction: action });
    expect(reply.status).toBe(200);
    expect(reply.first('status')).toBe('checked');
  });

  it('is refused when SOAPAction names another operation than the body', async () => {
    const reply = await post(envelope(checkOrderXml(orderOf('child'))), {
      soapaction: '"urn:huren:order-check:1#ConfirmCancellation"',
    });
    expect([reply.status, reply.first('code')]).toEqual([500, 'SOAP_ACTION_DIFFERS']);
  });

  it('may send the key as Bearer too', async () => {
    const reply = await post(envelope(checkOrderXml(orderOf('child'))), {
      authorization: `Bearer ${system.key}`,
    });
    expect(reply.first('status')).toBe('checked');
  });
});
