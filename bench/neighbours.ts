import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { connectMllp } from '../src/adapters/hl7v2/mllp-client.ts';
import { bulkPatient } from '../src/apps/demonstration/bulk-people.ts';
import { HOUR_MS, instant } from '../src/kernel/instant.ts';
import { messageFor, reportedItems } from './ingest.ts';
import type { RunningServer } from './server-process.ts';
import type { Site } from './site.ts';

/** Small senders, each on a connection of its own: a report of five lines, an answer, a pause. */
const SENDERS = 4;
const LINES = 5;
const PAUSE_MS = 20;
const WARM_UP_SECONDS = 3;
/** Reports with a large document that come in one after the other in one round, and the pause behind each. */
const LARGE_ONES = 8;
const LARGE_PAUSE_MS = 300;
const DOCUMENT_BYTES = 20 * 1024 * 1024;

/** How long the small senders waited for their answers. */
export interface Waits {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
}

/** One round: the small senders alone, and right after it the same beside the large reports. */
export interface NeighbourRound {
  readonly alone: Waits;
  readonly beside: Waits;
  /** After how many milliseconds each large report was answered. */
  readonly largeMs: readonly number[];
}

const waitsOf = (samples: readonly number[]): Waits => {
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), slowestMs: sorted.at(-1) ?? Number.NaN };
};

const isAccepted = (answer: Uint8Array): boolean => Buffer.from(answer).includes('\rMSA|AA|');

/** Writes reports with a document that no compression makes small, and sends them when it is told to. */
const sendLargeOnes = async (): Promise<void> => {
  const { port, run } = workerData as { readonly port: number; readonly run: string };
  const at = instant(Date.now() - HOUR_MS);
  const messages = Array.from({ length: LARGE_ONES }, (_, index) => {
    const report = Buffer.from(
      messageFor(bulkPatient(index), `${run}L${index}`, at, reportedItems().slice(0, 1)),
    );
    const document = randomBytes(DOCUMENT_BYTES);
    document.write('%PDF-1.7\n');
    // Before the specimen: a line behind it would be about the specimen.
    const specimenAt = report.indexOf('\rSPM|') + 1;
    return Buffer.concat([
      report.subarray(0, specimenAt),
      Buffer.from(`OBX|9|ED|PDF^报告^L||^application^pdf^Base64^${document.toString('base64')}||||||F\r`),
      report.subarray(specimenAt),
    ]);
  });
  const client = await connectMllp({ host: '127.0.0.1', port });
  const told = new Promise((resolve) => parentPort?.once('message', resolve));
  parentPort?.postMessage('ready');
  await told;
  const largeMs: number[] = [];
  for (const message of messages) {
    const sentAt = performance.now();
    if (!isAccepted(await client.send(message))) throw new Error('a large report was not accepted');
    largeMs.push(performance.now() - sentAt);
    await delay(LARGE_PAUSE_MS);
  }
  await client.close();
  parentPort?.postMessage(largeMs);
};

/**
 * Small senders alone for `seconds`, then beside a sender of reports with a document of 20 MB, so many times. The large ones
 * are sent by a thread: what it costs to write them is not to be waited for by those who are measured.
 */
export const timeNeighbours = async (
  site: Pick<Site, 'persons'>,
  { mllpPort: port }: Pick<RunningServer, 'mllpPort'>,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<readonly NeighbourRound[]> => {
  const run = Date.now().toString(36);
  const at = instant(Date.now() - HOUR_MS);
  const items = reportedItems().slice(0, LINES);
  let sent = 0;
  const clients = await Promise.all(
    Array.from({ length: SENDERS }, () => connectMllp({ host: '127.0.0.1', port })),
  );
  const during = async <Value>(
    work: () => Promise<Value>,
  ): Promise<{ readonly waits: Waits; readonly value: Value }> => {
    const samples: number[] = [];
    let isOver = false;
    const loops = clients.map(async (client) => {
      while (!isOver) {
        const message = messageFor(bulkPatient(sent % site.persons), `${run}S${sent++}`, at, items);
        const sentAt = performance.now();
        if (!isAccepted(await client.send(message))) throw new Error('a small report was not accepted');
        samples.push(performance.now() - sentAt);
        await delay(PAUSE_MS);
      }
    });
    const value = await work().finally(() => {
      isOver = true;
    });
    await Promise.all(loops);
    return { waits: waitsOf(samples), value };
  };
  await during(() => delay(WARM_UP_SECONDS * 1000));
  const measured: NeighbourRound[] = [];
  for (let round = 0; round < rounds; round++) {
    const alone = await during(() => delay(seconds * 1000));
    const large = new Worker(new URL(import.meta.url), { workerData: { port, run: `${run}${round}` } });
    const heard = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        large.once('message', resolve);
        large.once('error', reject);
      });
    await heard();
    const beside = await during(() => {
      const over = heard() as Promise<readonly number[]>;
      large.postMessage('go');
      return over;
    });
    measured.push({ alone: alone.waits, beside: beside.waits, largeMs: beside.value });
  }
  await Promise.all(clients.map((client) => client.close()));
  return measured;
};

if (!isMainThread && workerData?.port !== undefined) await sendLargeOnes();
