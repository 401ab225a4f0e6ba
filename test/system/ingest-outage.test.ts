import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/adapters/postgres/database.ts';
import { snapshotSource } from '../../src/adapters/postgres/lists.ts';
import { senderDirectory } from '../../src/adapters/postgres/senders.ts';
import { ingestMessage } from '../../src/apps/flows/ingest/ingest.ts';
import type { IngestDependencies } from '../../src/apps/flows/ingest/ingest-work.ts';
import { answerText, fresh, type IngestBench, ingestBench, reportMessage } from './ingest-fixtures.ts';

/** Stands between the program and PostgreSQL and can break every connection at a chosen moment. */
class Wire {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #refusing = false;
  /** Called with every piece of traffic; true breaks the connection instead of handing the piece on. */
  intercept: (toServer: boolean, piece: Buffer) => boolean = () => false;

  constructor(target: () => Socket) {
    this.#server = createServer((near) => {
      if (this.#refusing) {
        near.destroy();
        return;
      }
      const far = target();
      const pair = [near, far] as const;
      this.#pairs.add(pair);
      const end = () => {
        near.destroy();
        far.destroy();
        this.#pairs.delete(pair);
      };
      for (const socket of pair) socket.on('error', end).on('close', end);
      near.on('data', (piece) => (this.intercept(true, piece) ? end() : far.write(piece)));
      far.on('data', (piece) => (this.intercept(false, piece) ? end() : near.write(piece)));
    });
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve) => this.#server.listen(path, resolve));
  }

  /** Breaks what is there and lets nobody in. */
  cut(): void {
    this.#refusing = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  mend(): void {
    this.#refusing = false;
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

let bench: IngestBench;
let wire: Wire;
let database: Database;
let dependencies: IngestDependencies;
const folder = mkdtempSync(join(tmpdir(), 'wire-'));

beforeAll(async () => {
  bench = await ingestBench();
  const target = new URL(bench.url.replace('@/', '@localhost/'));
  const host = target.searchParams.get('host') ?? target.hostname;
  const port = target.searchParams.get('port') ?? (target.port || '5432');
  wire = new Wire(() =>
    host.startsWith('/') ? connect(join(host, `.s.PGSQL.${port}`)) : connect(Number(port), host),
  );
  await wire.listen(join(folder, '.s.PGSQL.5999'));
  target.searchParams.set('host', folder);
  target.searchParams.set('port', '5999');
  database = openDatabase({
    connectionString: target.toString().replace('@localhost', '@').replace(/@:\d+/, '@'),
    transactionConnections: 4,
  });
  dependencies = {
    ...bench.dependencies,
    database,
    snapshots: snapshotSource(database),
    senders: senderDirectory(database, bench.dependencies.clock),
  };
});
afterAll(async () => {
  await database.close();
  await wire.close();
  await bench.drop();
  rmSync(folder, { recursive: true, force: true });
});

const take = (text: string) => ingestMessage(dependencies, { bytes: Buffer.from(text), peer: 'test' });
const storedTimes = async (reportNumber: string): Promise<number> =>
  (
    await bench.rows(
      'select 1 from report_versions v join reports r using (person_id, report_id) where r.report_number = $1',
      [reportNumber],
    )
  ).length;

test('while the database is not there nothing is acknowledged as taken; when it is back no hand is needed', async () => {
  const reportNumber = fresh('R');
  const message = reportMessage({ reportNumber });
  expect((await take(reportMessage({}))).outcome).toBe('accepted');
  wire.cut();
  const refused = await take(message);
  expect(refused).toMatchObject({ outcome: 'refused', code: 'DATABASE_UNREACHABLE' });
  expect(answerText(refused)).toMatch(/\rMSA\|AE\|/);
  expect(await storedTimes(reportNumber)).toBe(0);
  wire.mend();
  expect((await take(message)).outcome).toBe('accepted');
  expect(await storedTimes(reportNumber)).toBe(1);
});

test('a connection lost after the commit and before its answer: the repeat is told that all is stored, once', async () => {
  const record = fresh('P');
  await take(reportMessage({ record }));
  for (const isKnown of [true, false]) {
    const reportNumber = fresh('R');
    const message = reportMessage({ record: isKnown ? record : fresh('P'), reportNumber });
    let sent = false;
    wire.intercept = (toServer, piece) => {
      if (
        toServer &&
        piece.includes(isKnown ? reportNumber : 'commit') &&
        piece.length > (isKnown ? 1500 : 0)
      )
        sent = true;
      return sent && !toServer;
    };
    const lost = await take(message);
    wire.intercept = () => false;
    expect(sent).toBe(true);
    expect(lost).toMatchObject({ outcome: 'refused', code: 'DATABASE_UNREACHABLE' });
    const again = await take(message);
    expect(['accepted', 'duplicate']).toContain(again.outcome);
    expect(answerText(again)).toMatch(/\rMSA\|AA\|/);
    expect(await storedTimes(reportNumber)).toBe(1);
  }
});

test('under a database that comes and goes every acknowledged message is there, and every one ends there once', async () => {
  const persons = Array.from({ length: 4 }, () => fresh('P'));
  const messages = Array.from({ length: 60 }, (_, index) => {
    const reportNumber = fresh('R');
    return { reportNumber, text: reportMessage({ record: persons[index % 4] as string, reportNumber }) };
  });
  let pieces = 0;
  wire.intercept = () => ++pieces % 23 === 0;
  const acknowledged = new Set<string>();
  const waiting = new Set(messages);
  for (let round = 0; round < 40 && waiting.size > 0; round++) {
    await Promise.all(
      [...waiting].map(async (message) => {
        const { outcome } = await take(message.text);
        if (outcome !== 'accepted' && outcome !== 'duplicate') return;
        acknowledged.add(message.reportNumber);
        waiting.delete(message);
      }),
    );
    for (const reportNumber of acknowledged) expect(await storedTimes(reportNumber)).toBe(1);
  }
  wire.intercept = () => false;
  for (const { text } of waiting) expect(['accepted', 'duplicate']).toContain((await take(text)).outcome);
  const rows = await bench.rows<{ lines: number }>(
    `select count(x.result_id)::integer as lines from reports r join results x using (person_id, report_id)
     where r.report_number = any(string_to_array($1, ',')) group by r.report_id`,
    [messages.map(({ reportNumber }) => reportNumber).join(',')],
  );
  expect(rows).toHaveLength(messages.length);
  expect(rows.every(({ lines }) => lines === 2)).toBe(true);
  expect(await bench.rows("select 1 from quarantined_messages where reason_code = 'INGEST_FAILED'")).toEqual(
    [],
  );
});
