import { createHash } from 'node:crypto';
import {
  AE_SERVICES,
  type AePeer,
  type AeRegistry,
  type AeService,
  type IncomingInstance,
  type InstanceReceiver,
  type RegisteredAe,
  type StoreOutcome,
} from '../../src/adapters/dimse/ports.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';

/** What a receiver that keeps everything in memory was given. */
export interface ReceivedInstance {
  readonly of: IncomingInstance;
  readonly bytes: number;
  readonly sha256: string;
}

/** A receiver for tests: keeps digests, counts what was given up, and can be made to answer or fail. */
export interface MemoryReceiver extends InstanceReceiver {
  readonly received: ReceivedInstance[];
  /** Sinks that were aborted. */
  aborted(): number;
  /** Sinks neither finished nor aborted. */
  open(): number;
}

/** Makes a receiver. `outcome` may answer otherwise than with success, or throw; `write` may take its time, or throw. */
export const memoryReceiver = (
  behaviour: {
    readonly begin?: (of: IncomingInstance) => Promise<void>;
    readonly write?: (bytes: Uint8Array) => Promise<void>;
    readonly outcome?: (of: IncomingInstance) => Promise<StoreOutcome>;
  } = {},
): MemoryReceiver => {
  const received: ReceivedInstance[] = [];
  let aborted = 0;
  let open = 0;
  return {
    received,
    aborted: () => aborted,
    open: () => open,
    async begin(of) {
      await behaviour.begin?.(of);
      const hash = createHash('sha256');
      let bytes = 0;
      open++;
      return {
        async write(piece) {
          await behaviour.write?.(piece);
          bytes += piece.length;
          hash.update(piece);
        },
        async finish() {
          open--;
          const outcome = (await behaviour.outcome?.(of)) ?? { status: 0 };
          received.push({ of, bytes, sha256: hash.digest('hex') });
          return outcome;
        },
        async abort() {
          open--;
          aborted++;
        },
      };
    },
  };
};

/** An entity of the example institution that may do everything, unless told otherwise. */
export const exampleAe = (aeTitle: string, more: Partial<RegisteredAe> = {}): RegisteredAe => ({
  aeTitle,
  institution: 'H-TEST' as InstitutionCode,
  services: new Set<AeService>(AE_SERVICES),
  certificateFingerprint: null,
  listensAt: null,
  ...more,
});

/** A registry that knows these entities by title, at any address. */
export const memoryRegistry = (
  ...entities: readonly RegisteredAe[]
): AeRegistry & { readonly asked: AePeer[] } => {
  const asked: AePeer[] = [];
  return {
    asked,
    async find(peer) {
      asked.push(peer);
      return entities.find(({ aeTitle }) => aeTitle === peer.callingAeTitle) ?? null;
    },
    async destination(institution, aeTitle) {
      return entities.find((one) => one.institution === institution && one.aeTitle === aeTitle) ?? null;
    },
  };
};
