import { countRefused, forgetRefused } from '../../../adapters/postgres/image-reception.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { type Clock, type Instant, instant } from '../../../kernel/instant.ts';

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
const KEPT_MS = 35 * 86_400_000;
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
  const write = async (): Promise<void> => {
    const taken = counted;
    counted = new Map();
    for (const { at, ...refused } of taken.values()) await countRefused(session, refused, at);
    if (taken.size > 0) await forgetRefused(session, instant(clock() - KEPT_MS));
  };
  const timer = setInterval(() => void write().catch(onError), WRITE_MS);
  timer.unref();
  return {
    count(peer, reason) {
      const exact = [printable(peer.callingAeTitle), printable(peer.remoteAddress)] as const;
      const isOneTooMany = counted.size >= DIFFERENT_MAX && !counted.has([...exact, reason].join('|'));
      const [callingAeTitle, remoteAddress] = isOneTooMany ? ['*', '*'] : exact;
      const key = [callingAeTitle, remoteAddress, reason].join('|');
      const known = counted.get(key);
      const at = clock();
      if (known) Object.assign(known, { count: known.count + 1, at });
      else counted.set(key, { callingAeTitle, remoteAddress, reason, count: 1, at });
    },
    write,
    async stop() {
      clearInterval(timer);
      await write();
    },
  };
};
