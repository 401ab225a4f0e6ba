import { createHash, randomBytes } from 'node:crypto';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { sendParts } from './send-parts.ts';

const PART_BYTES = 6 * 1024 * 1024;

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

/** A server that answers with these parts, and how its answers ended. */
const serving = async (parts: readonly Uint8Array[]) => {
  const over: number[] = [];
  const broken: boolean[] = [];
  const made = fastify();
  app = made;
  made.addHook('onResponse', async (_request, reply) => void over.push(reply.statusCode));
  made.get('/', (_request, reply) => {
    reply.raw.once('close', () => void broken.push(!reply.raw.writableFinished));
    sendParts(reply.header('x-own', 'kept'), {
      kind: 'parts',
      status: 200,
      mediaType: 'application/octet-stream',
      parts,
    });
  });
  await made.listen({ host: '127.0.0.1', port: 0 });
  return { port: (made.server.address() as AddressInfo).port, over, broken };
};

const sha256 = (parts: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

test('whoever reads slowly gets every byte, and the memory is given back when the last has left', async () => {
  const parts = [randomBytes(10), randomBytes(PART_BYTES), randomBytes(PART_BYTES)];
  const wanted = sha256(parts);
  const { port, over } = await serving(parts);
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  const read: Uint8Array[] = [];
  for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
    read.push(piece);
    await delay(1);
  }
  expect(sha256(read)).toBe(wanted);
  expect([answer.headers.get('x-own'), answer.headers.get('content-length')]).toEqual([
    'kept',
    String(10 + 2 * PART_BYTES),
  ]);
  await expect.poll(() => over).toEqual([200]);
  expect(parts.slice(1).map(({ length }) => length)).toEqual([0, 0]);
});

test('what a reader who left did not get is not taken away under the system', async () => {
  const parts = [randomBytes(PART_BYTES), randomBytes(PART_BYTES)];
  const { port, broken } = await serving(parts);
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.once('data', () => socket.destroy());
    socket.once('close', () => resolve());
  });
  await expect.poll(() => broken).toEqual([true]);
  expect(parts.map(({ length }) => length)).toEqual([PART_BYTES, PART_BYTES]);
});
