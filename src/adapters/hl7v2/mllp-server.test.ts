import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../../test/contract/hl7v2-self-signed.ts';
import { connectMllp } from './mllp-client.ts';
import {
  isLoopback,
  type MllpPeer,
  type MllpRejection,
  type MllpServerOptions,
  startMllpServer,
} from './mllp-server.ts';

const echo = async (bytes: Uint8Array) => bytes;
const silent = async () => null;
const options = (more: Partial<MllpServerOptions> = {}): MllpServerOptions => ({
  host: '127.0.0.1',
  port: 0,
  handle: echo,
  onReject: silent,
  ...more,
});
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

describe('A listener', () => {
  it('without TLS refuses any address but loopback', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.org']) {
      await expect(startMllpServer(options({ host }))).rejects.toMatchObject({
        code: 'MLLP_PLAIN_NOT_LOOPBACK',
      });
    }
    expect(['127.0.0.1', '127.8.8.8', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(isLoopback('127.0.0.1.example.org')).toBe(false);
  });

  it('on a port in use names the port and the variable', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    await expect(startMllpServer(options({ port }))).rejects.toMatchObject({
      code: 'MLLP_PORT_IN_USE',
      detail: `127.0.0.1:${port}, HUREN_MLLP_PORT`,
    });
    await new Promise((resolve) => taken.close(resolve));
  });

  it('sends nothing when the handler answers null, and goes on', async () => {
    let seen = 0;
    const server = await startMllpServer(options({ handle: async (bytes) => (++seen === 1 ? null : bytes) }));
    const client = await connectMllp({ host: '127.0.0.1', port: server.port });
    const unanswered = client.send(Buffer.from('one'));
    expect(text(await Promise.race([unanswered, client.send(Buffer.from('two'))]))).toBe('two');
    client.socket.destroy();
    await server.close();
  });

  it('closes gracefully: what is being handled is answered, what waits is left to the sender', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const handled: string[] = [];
    const server = await startMllpServer(
      options({
        handle: async (bytes) => {
          await gate;
          handled.push(text(bytes));
          return bytes;
        },
      }),
    );
    const client = await connectMllp({ host: '127.0.0.1', port: server.port });
    const first = client.send(Buffer.from('one'));
    const second = client.send(Buffer.from('two')).catch((fault: { code: string }) => fault.code);
    while (server.connectionCount() === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const closed = server.close();
    release();
    expect(text(await first)).toBe('one');
    expect(await second).toBe('MLLP_CONNECTION_LOST');
    await closed;
    expect(handled).toEqual(['one']);
  });

  it('cuts off a handler that outlasts the grace', async () => {
    const server = await startMllpServer(
      options({
        limits: { closeGraceMs: 20 },
        handle: () => new Promise((resolve) => setTimeout(() => resolve(null), 200)),
      }),
    );
    const client = await connectMllp({ host: '127.0.0.1', port: server.port });
    const lost = client.send(Buffer.from('one'));
    await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all([server.close(), expect(lost).rejects.toMatchObject({ code: 'MLLP_CONNECTION_LOST' })]);
  });
});

describe('A listener with TLS', () => {
  const own = selfSigned('huren.test', 'huren.test');
  const client = selfSigned('lis.example', 'lis.example');
  const tls = { ...own, ca: client.cert };

  it('serves messages, and knows a client by its certificate', async () => {
    const peers: MllpPeer[] = [];
    const server = await startMllpServer(
      options({
        tls,
        handle: async (bytes, peer) => {
          peers.push(peer);
          return bytes;
        },
      }),
    );
    const sender = await connectMllp({
      host: '127.0.0.1',
      port: server.port,
      tls: { ...client, ca: own.cert, serverName: 'huren.test' },
    });
    expect(text(await sender.send(Buffer.from('secret')))).toBe('secret');
    expect(peers).toMatchObject([{ secure: true, certificateName: 'lis.example', address: '127.0.0.1' }]);
    await sender.close();
    await server.close();
  });

  it('refuses a client without certificate and plain text on its port, and records both', async () => {
    const rejections: MllpRejection[] = [];
    const server = await startMllpServer(
      options({
        tls,
        onReject: async (rejection) => {
          rejections.push(rejection);
          return null;
        },
      }),
    );
    const stranger = await connectMllp({
      host: '127.0.0.1',
      port: server.port,
      tls: { ca: own.cert, serverName: 'huren.test' },
    });
    await expect(stranger.send(Buffer.from('x'))).rejects.toMatchObject({ code: 'MLLP_CONNECTION_LOST' });
    const plain = await connectMllp({ host: '127.0.0.1', port: server.port });
    await expect(plain.send(Buffer.from('MSH|^~\\&|LIS'))).rejects.toMatchObject({
      code: 'MLLP_CONNECTION_LOST',
    });
    expect(rejections.map(({ code }) => code)).toEqual(['MLLP_TLS_FAILED', 'MLLP_TLS_FAILED']);
    await server.close();
  });
});
