import { connectMllp, type MllpClient } from '../../src/adapters/hl7v2/mllp-client.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import { type NumberedReport, numberedReport } from './numbered-reports.ts';

/** What happened to a message, as far as its sender knows. */
export interface Sent {
  readonly report: NumberedReport;
  acknowledged: boolean;
  /** How often it was put on the wire. */
  attempts: number;
}

/** An answer that no sender of true messages should ever get. */
export interface Refused {
  readonly controlId: string;
  readonly answer: string;
}

/** Several senders with a memory: each sends its next message only after the one before was acknowledged. */
export interface Lanes {
  readonly sent: readonly Sent[];
  readonly refused: readonly Refused[];
  /** How often a sender was told to try again because nothing could be stored. */
  readonly notStored: () => number;
  /** Begins sending to a port; what was not acknowledged goes first. */
  start(port: number): void;
  /** Sends nothing new; resolves when every connection has ended. */
  stop(): Promise<void>;
  /** Sends only what is still unacknowledged; resolves when there is nothing left of it. */
  settle(port: number): Promise<void>;
  acknowledgedCount(): number;
  /** Called at each acknowledgement, in the same turn in which it arrived. */
  onAcknowledged: () => void;
}

const RETRY_MS = 50;
/** Faults that mean "nothing was done, send again"; their cause is ours, not the message's. */
const TRY_AGAIN = /DATABASE_UNREACHABLE|DATABASE_FULL|OBJECT_STORE_FULL|OBJECT_STORE_UNREACHABLE/;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** MSA-1 and MSA-2 of an acknowledgement. */
export const readAnswer = (answer: Uint8Array): { code: string; controlId: string; text: string } => {
  const text = Buffer.from(answer).toString('utf8');
  const [, code = '', controlId = ''] = /(?:^|\r)MSA\|(\w*)\|([^|\r]*)/.exec(text) ?? [];
  return { code, controlId, text };
};

/** What a lane sends next: of five messages one is about somebody new and one corrects the report before it. */
const laneReports = function* (lane: number, laneCount: number, now: Instant): Iterable<NumberedReport> {
  let person = lane;
  let last: NumberedReport | undefined;
  for (let turn = 0; ; turn++) {
    const serial = turn * laneCount + lane + 1;
    if (turn % 5 === 4) person += laneCount;
    const corrects = turn % 5 === 2 ? last : undefined;
    last = numberedReport({
      serial,
      lines: corrects?.values.length ?? 2 + (serial % 7),
      reportNumber: corrects?.reportNumber ?? `R${serial}`,
      version: (corrects?.version ?? 0) + 1,
      person: corrects?.person ?? person,
      now,
    });
    yield last;
  }
};

/** Makes so many senders. `now` is the moment their reports are about. */
export const makeLanes = (laneCount: number, now: Instant): Lanes => {
  const sent: Sent[] = [];
  const refused: Refused[] = [];
  const sources = Array.from({ length: laneCount }, (_, lane) =>
    laneReports(lane, laneCount, now)[Symbol.iterator](),
  );
  const pending: (Sent | undefined)[] = Array.from({ length: laneCount });
  let notStored = 0;
  let acknowledged = 0;
  let running: Promise<unknown> = Promise.resolve();
  let goesOn: (lane: number) => boolean = () => false;

  const next = (lane: number): Sent => {
    const waiting = pending[lane];
    if (waiting) return waiting;
    const made = { report: sources[lane]?.next().value as NumberedReport, acknowledged: false, attempts: 0 };
    sent.push(made);
    pending[lane] = made;
    return made;
  };

  const lanes: Lanes = {
    sent,
    refused,
    notStored: () => notStored,
    acknowledgedCount: () => acknowledged,
    onAcknowledged: () => undefined,
    start(port) {
      goesOn = () => true;
      running = Promise.all(sources.map((_, lane) => drive(lane, port)));
    },
    async stop() {
      goesOn = () => false;
      await running;
    },
    async settle(port) {
      goesOn = (lane) => pending[lane] !== undefined;
      await Promise.all(sources.map((_, lane) => drive(lane, port)));
    },
  };

  const take = (lane: number, message: Sent, answer: Uint8Array): boolean => {
    const { code, controlId, text } = readAnswer(answer);
    if (code === 'AA' && controlId === message.report.controlId) {
      message.acknowledged = true;
      acknowledged++;
      pending[lane] = undefined;
      lanes.onAcknowledged();
      return true;
    }
    if (TRY_AGAIN.test(text)) notStored++;
    else refused.push({ controlId: message.report.controlId, answer: text });
    return false;
  };

  const drive = async (lane: number, port: number): Promise<void> => {
    while (goesOn(lane)) {
      let client: MllpClient | undefined;
      try {
        client = await connectMllp({ host: '127.0.0.1', port });
        while (goesOn(lane)) {
          const message = next(lane);
          message.attempts++;
          if (!take(lane, message, await client.send(message.report.bytes))) await pause(RETRY_MS);
        }
      } catch {
        // The connection was lost; what is pending goes out again over the next one.
        await pause(RETRY_MS);
      } finally {
        client?.socket.destroy();
      }
    }
  };
  return lanes;
};
