import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registerLaunch } from '../../src/adapters/postgres/client-launches.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { testKeys } from '../system/ingest-fixtures.ts';
import { type RunningServer, runningServer } from '../system/http-server.ts';
import { EXAMPLE_ID_NUMBER } from './example-flows.ts';

/** Somebody's own page around a frame, on an origin of its own, with the answers that were posted to it. */
export interface ParentPage {
  readonly origin: string;
  /** Address of a page that frames this card in 420 CSS pixels and keeps what it is told in `document.title`-free memory. */
  framing(card: string): string;
  readonly posted: URLSearchParams[];
  stop(): Promise<void>;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

/** Starts such a page. */
export const parentPage = async (): Promise<ParentPage> => {
  const posted: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://parent');
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (part: Buffer) => {
        body += part.toString('utf8');
      });
      request.on('end', () => {
        posted.push(new URLSearchParams(body));
        response.setHeader('content-type', 'text/html; charset=utf-8');
        response.end('<p>已收到</p>');
      });
      return;
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><meta charset="utf-8"><title>开单</title><body style="margin:0">
<script>window.told = []; window.addEventListener('message', (event) => window.told.push({ origin: event.origin, data: event.data }));</script>
<iframe name="card" title="互认" style="width:420px;height:700px;border:0" src="${escaped(url.searchParams.get('card') ?? '')}"></iframe></body>`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    framing: (card) => `${origin}/?card=${encodeURIComponent(card)}`,
    posted,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

/** The example hospital's HIS as a client, its page around a frame, and cards of orders that it checked. */
export interface CardBench {
  readonly running: RunningServer;
  readonly parent: ParentPage;
  /** Has these codes checked by the HIS and gives the address of the card. */
  cardOf(codes: readonly string[], over?: object): Promise<string>;
  check(codes: readonly string[], over?: object): Promise<OrderCheckAnswer>;
  addressOf(check: string): string;
  stop(): Promise<void>;
}

const CLIENT = 'county-his';

/** Starts it. */
export const cardBench = async (): Promise<CardBench> => {
  const running = await runningServer();
  const parent = await parentPage();
  const key = await running.addClient(CLIENT, ['treatment']);
  await registerLaunch(
    running.store.database,
    testKeys,
    CLIENT,
    {
      frameOrigins: [parent.origin],
      way: 'form-post',
      answerUrl: `${parent.origin}/answers`,
      newSecrets: true,
    },
    running.act(),
  );
  const check = async (codes: readonly string[], over: object = {}): Promise<OrderCheckAnswer> => {
    const answer = await fetch(`${running.server.url}/api/order-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        patient: { identifiers: [{ type: 'national-id', number: EXAMPLE_ID_NUMBER }] },
        encounter: { class: '门诊', number: 'V1' },
        request: { number: 'SQ1' },
        items: codes.map((code, index) => ({ line: index + 1, code })),
        ...over,
      }),
    });
    return (await answer.json()) as OrderCheckAnswer;
  };
  const addressOf = (id: string) =>
    running.card.cardLinks.addressOf({
      check: id as PublicId,
      institution: 'COUNTY' as InstitutionCode,
      client: CLIENT,
      staffNumber: '1001',
      department: '儿科',
    });
  return {
    running,
    parent,
    check,
    addressOf,
    cardOf: async (codes, over) => addressOf((await check(codes, over)).id),
    async stop() {
      await parent.stop();
      await running.stop();
    },
  };
};
