import {
  readAssociateAccept,
  readAssociateRequest,
  writeRelease,
} from '../../src/adapters/dimse/associate.ts';
import { startDimseListener } from '../../src/adapters/dimse/listener.ts';
import { MessageReader } from '../../src/adapters/dimse/message-reader.ts';
import { negotiate } from '../../src/adapters/dimse/negotiate.ts';
import { PDU, PduReader } from '../../src/adapters/dimse/pdu-reader.ts';
import { AE_SERVICES } from '../../src/adapters/dimse/ports.ts';
import { exampleAe, memoryReceiver, memoryRegistry } from '../contract/dimse-memory.ts';
import { associateRequest, commandPdu, pData, pdv, storeCommand, wirePeer } from '../contract/dimse-wire.ts';

type Random = (below: number) => number;

/** A small deterministic generator (mulberry32): the same seed gives the same run anywhere. */
const randomOf = (seed: number): Random => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
};

/** What a well-behaved modality writes, PDU by PDU. */
const conversation = (): readonly Buffer[] => [
  associateRequest({ roles: [{ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', scu: true, scp: true }] }),
  commandPdu(1, { commandField: 0x30, messageId: 1, affectedSopClassUid: '1.2.840.10008.1.1' }),
  commandPdu(3, storeCommand(), true),
  pData(pdv(3, 0, Buffer.alloc(300, 1)), pdv(3, 0, Buffer.alloc(20, 2))),
  pData(pdv(3, 2, Buffer.alloc(77, 3))),
  commandPdu(3, storeCommand({ messageId: 8 }), true),
  pData(pdv(3, 2, Buffer.alloc(10, 4))),
  writeRelease(PDU.releaseRequest),
];

/** Lengths that trip readers. */
const LENGTHS = [0, 1, 2, 3, 5, 6, 7, 0xff, 0xffff, 0x10000, 0x7fffffff, 0xfffffffe, 0xffffffff];
const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random(items.length)] as Item;

const mutate = (random: Random): Buffer => {
  const pdus = conversation().map((bytes) => Buffer.from(bytes));
  // Whole PDUs: left out, doubled, in another order.
  for (let times = random(2); times > 0; times--) {
    const at = random(pdus.length);
    const kind = random(3);
    if (kind === 0) pdus.splice(at, 1);
    else if (kind === 1) pdus.splice(at, 0, Buffer.from(pdus[at] as Buffer));
    else pdus.push(...pdus.splice(at, 1));
  }
  let bytes = Buffer.concat(pdus);
  for (let times = random(4); times > 0 && bytes.length > 8; times--) {
    const at = random(bytes.length - 4);
    switch (random(6)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes.writeUInt32BE(pick(random, LENGTHS), at);
        break;
      case 2:
        bytes.writeUInt16BE(pick(random, LENGTHS) & 0xffff, at);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(20))]);
        break;
      case 4: {
        const copied = bytes.subarray(at, at + 1 + random(60));
        bytes = Buffer.concat([bytes.subarray(0, at), copied, bytes.subarray(at)]);
        break;
      }
      default:
        bytes = bytes.subarray(0, at);
    }
  }
  return bytes;
};

const cut = (random: Random, bytes: Buffer): Buffer[] => {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = random(3) === 0 ? 1 + random(4) : 1 + random(700);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
};

/** What a stream amounts to, told so that the cuts do not show. @throws where a reader throws or gives more than it got */
const reading = (chunks: readonly Buffer[]): readonly string[] => {
  const reader = new PduReader();
  const told: string[] = [];
  let isContext: (id: number) => boolean = () => false;
  let messages = new MessageReader((id) => isContext(id));
  let given = 0;
  let dataSetBytes = 0;
  const end = (rule: string): readonly string[] => [...told, rule];
  for (const chunk of chunks)
    for (const event of reader.read(chunk)) {
      if (event.kind === 'violation') return end(event.violation.rule);
      if (event.kind === 'associate-request' || event.kind === 'associate-accept') {
        given += event.body.length;
        const accept = readAssociateAccept(event.body);
        const request = readAssociateRequest(event.body);
        if (event.kind === 'associate-accept') told.push(`accept ${accept.ok}`);
        else if (!request.ok) return end(request.reason.rule);
        else {
          const terms = { services: new Set(AE_SERVICES), privateStorageRoots: [] };
          const { accepted, answers } = negotiate(request.value, terms);
          if (answers.length !== request.value.contexts.length) throw new Error('a context without answer');
          isContext = (id) => accepted.has(id);
          messages = new MessageReader((id) => isContext(id));
          told.push(`request ${[...accepted.keys()].join()}`);
        }
      } else if (event.kind === 'data') {
        given += event.bytes.length;
        const message = messages.take(event);
        if (message?.kind === 'violation') return end(message.violation.rule);
        if (message?.kind === 'command') told.push(JSON.stringify(message.command));
        if (message?.kind === 'data-set') {
          dataSetBytes += message.bytes.length;
          if (message.isLast) told.push(`data set ${dataSetBytes}`);
          if (message.isLast) dataSetBytes = 0;
        }
      } else told.push(event.kind);
    }
  const got = chunks.reduce((sum, { length }) => sum + length, 0);
  if (given > got) throw new Error('more bytes out than in');
  return [...told, `open ${dataSetBytes}`];
};

/** What became of the mutants: how many were read to their end, and which rules stopped the others. */
export interface FuzzOutcome {
  readonly streams: number;
  readonly whole: number;
  readonly stopped: Readonly<Record<string, number>>;
}

/**
 * Mutates the bytes of an association and reads each mutant in two different cuts.
 *
 * @throws on the first mutant that throws, or that reads differently when it is cut differently; names its seed
 */
export const fuzzUpperLayer = (count: number, seed: number): FuzzOutcome => {
  let whole = 0;
  const stopped: Record<string, number> = {};
  for (let at = 0; at < count; at++) {
    const random = randomOf(seed * 1_000_003 + at);
    const bytes = mutate(random);
    let told: readonly string[];
    try {
      told = reading(cut(random, bytes));
      const again = reading(cut(random, bytes));
      if (JSON.stringify(told) !== JSON.stringify(again))
        throw new Error(`cut differently: ${told.join()} / ${again.join()}`);
    } catch (cause) {
      throw new Error(`seed ${seed}, mutant ${at}: ${String(cause)}`, { cause });
    }
    const last = told.at(-1) as string;
    if (last.startsWith('open ')) whole++;
    else stopped[last] = (stopped[last] ?? 0) + 1;
  }
  return { streams: count, whole, stopped };
};

/** What a listener did with mutants that came over sockets. */
export interface SocketFuzzOutcome {
  readonly connections: number;
  readonly stored: number;
  readonly endings: Readonly<Record<string, number>>;
}

/**
 * Sends mutants to a running listener over sockets, some at a time, each of which is closed behind them.
 *
 * @throws when a sink stays open, an association stays standing, the receiver got half an instance, or an echo fails after all
 */
export const fuzzListener = async (count: number, seed: number): Promise<SocketFuzzOutcome> => {
  const receiver = memoryReceiver();
  const endings: Record<string, number> = {};
  const listener = await startDimseListener({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'HUREN',
    registry: memoryRegistry(exampleAe('CT1')),
    receiver,
    onEvent: (event) => {
      if (event.kind === 'failed') throw event.cause;
      if (event.kind !== 'ended') return;
      const { ending } = event;
      const word = ending.kind === 'violation' ? ending.violation.rule : ending.kind;
      endings[word] = (endings[word] ?? 0) + 1;
    },
    limits: { maxAssociations: 1000, maxAssociationsPerAe: 1000, closeGraceMs: 200 },
  });
  const one = async (at: number): Promise<void> => {
    const random = randomOf(seed * 1_000_003 + at);
    const peer = await wirePeer(listener.port);
    for (const chunk of cut(random, mutate(random))) peer.send(chunk);
    if (random(2) === 0) peer.socket.end();
    else peer.socket.destroySoon();
    await peer.rest();
  };
  try {
    for (let at = 0; at < count; at += 20)
      await Promise.all(Array.from({ length: Math.min(20, count - at) }, (_, more) => one(at + more)));
    while (receiver.open() > 0 || listener.associationCount() > 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const last = await wirePeer(listener.port);
    last.send(associateRequest());
    if ((await last.next())?.kind !== 'associate-accept') throw new Error('no association after all');
    last.send(commandPdu(1, { commandField: 0x30, messageId: 1 }));
    if ((await last.next())?.kind !== 'data') throw new Error('no echo after all');
    last.close();
  } finally {
    await listener.close();
  }
  return { connections: count, stored: receiver.received.length, endings };
};
