import { countRefused, forgetRefused } from '../../../adapters/postgres/image-reception.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { type Clock, DAY_MS, type Instant, instant } from '../../../kernel/instant.ts';

/** Counts associations that are refused, and writes the counts down now and then: a scan of the port writes nothing at once. */
export interface RefusalCounts {
  count(peer: { readonly callingAeTitle: string; readonly remoteAddress: string }, reason: string): void;
  /** Writes what is counted. */
  write(): Promise<void>;
  stop(): Promise<void>;
}

const WRITE_MS = 60_000;
/** Different ones between two writings; further ones are counted together, without title and address. */
const DIFFERENT_MAX = 200;
const KEPT_MS = 35 * DAY_MS;
const TEXT_MAX = 64;

interface Counted {
  readonly callingAeTitle: string;
  readonly remoteAddress: string;
  readonly reason: string;
  count: number;
  at: Instant;
}

/** A title as it may be shown: what came over the network may be anything. */
const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, TEXT_MAX);

/** Opens the counts of one process. */
export const refusalCounts = (
  session: Session,
  clock: Clock,
  onError: (error: unknown) => void,
): RefusalCounts => {
  let counted = new Map<string, Counted>();
  const keyOf = ({ callingAeTitle, remoteAddress, reason }: Omit<Counted, 'count' | 'at'>): string =>
    [callingAeTitle, remoteAddress, reason].join('|');
  const add = (one: Counted): void => {
    const known = counted.get(keyOf(one));
    if (known) Object.assign(known, { count: known.count + one.count, at: one.at });
    else counted.set(keyOf(one), one);
  };
  const write = async (): Promise<void> => {
    if (counted.size === 0) return;
    const taken = counted;
    counted = new Map();
    try {
      for (const [key, { at, ...refused }] of taken) {
        await countRefused(session, refused, at);
        taken.delete(key);
      }
      await forgetRefused(session, instant(clock() - KEPT_MS));
    } catch (error) {
      // What could not be written down waits for the next time, before what came meanwhile.
      const since = counted;
      counted = taken;
      for (const one of since.values()) add(one);
      throw error;
    }
  };
  const timer = setInterval(() => void write().catch(onError), WRITE_MS);
  timer.unref();
  return {
    count(peer, reason) {
      const exact = {
        callingAeTitle: printable(peer.callingAeTitle),
        remoteAddress: printable(peer.remoteAddress),
        reason,
      };
      const isOneTooMany = counted.size >= DIFFERENT_MAX && !counted.has(keyOf(exact));
      const of = isOneTooMany ? { callingAeTitle: '*', remoteAddress: '*', reason } : exact;
      add({ ...of, count: 1, at: clock() });
    },
    write,
    async stop() {
      clearInterval(timer);
      await write();
    },
  };
};
