import type { Database } from '../../../adapters/postgres/database.ts';
import { addTraffic, type TrafficCount, type TrafficWay } from '../../../adapters/postgres/image-figures.ts';
import { civilDateText } from '../../../kernel/civil-day.ts';
import { type Clock, HOUR_MS } from '../../../kernel/instant.ts';
import type { StoredPart } from '../../server/routes/dicom-web-port.ts';

/** Counts what images move, in memory first: a frame costs an addition, never a write. */
export interface TrafficCounter {
  /** @param institutionKey whose images they are */
  count(institutionKey: string, way: TrafficWay, bytes: number): void;
  /** Writes what was counted. What a crash takes along is at most some seconds of it. */
  flush(): Promise<void>;
}

const FLUSH_MS = 10_000;

/** A counter that writes every ten seconds while there is something to write. */
export const trafficCounter = ({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): TrafficCounter => {
  let counts = new Map<string, TrafficCount>();
  let timer: NodeJS.Timeout | undefined;
  const add = (one: TrafficCount): void => {
    const key = `${one.institutionKey}|${one.month}|${one.way}`;
    const { transfers = 0, bytes = 0 } = counts.get(key) ?? {};
    counts.set(key, { ...one, transfers: one.transfers + transfers, bytes: one.bytes + bytes });
  };
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (counts.size === 0) return;
    const taken = counts;
    counts = new Map();
    try {
      await addTraffic(database, [...taken.values()]);
    } catch (error) {
      for (const one of taken.values()) add(one);
      throw error;
    }
  };
  let hour = Number.NaN;
  let month = '';
  /** Asked for each image and frame: written out once an hour. */
  const monthNow = (): string => {
    const at = clock();
    if (Math.floor(at / HOUR_MS) !== hour) {
      hour = Math.floor(at / HOUR_MS);
      month = civilDateText(at).slice(0, 7);
    }
    return month;
  };
  return {
    count(institutionKey, way, bytes) {
      add({ institutionKey, month: monthNow(), way, transfers: 1, bytes });
      // A database that is away keeps nothing from being read: what was counted waits for the next one.
      timer ??= setTimeout(() => void flush().catch(() => undefined), FLUSH_MS).unref();
    },
    flush,
  };
};

/** The same bytes, counted as they are sent. */
export const countedPieces = async function* (
  pieces: AsyncIterable<Uint8Array>,
  tell: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  let sent = 0;
  try {
    for await (const piece of pieces) {
      sent += piece.length;
      yield piece;
    }
  } finally {
    if (sent > 0) tell(sent);
  }
};

/** The same part, counted as it is sent. */
export const countedPart = (part: StoredPart, tell: (bytes: number) => void): StoredPart => {
  const { whole } = part;
  return {
    ...part,
    pieces: (from, length) => countedPieces(part.pieces(from, length), tell),
    ...(whole && {
      async whole() {
        const bytes = await whole();
        tell(part.length);
        return bytes;
      },
    }),
  };
};
