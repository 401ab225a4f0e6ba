import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that an outside address got. */
export interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
}

/** An address outside: a hospital's FHIR server, a key server, or somebody else's. It notes who asked what. */
export interface OutsideServer {
  readonly base: string;
  readonly seen: SeenRequest[];
  /** What it answers by path; `hang`: nothing ever; absent: 404. */
  readonly answers: Map<string, unknown>;
  stop(): Promise<void>;
}

/** Answers nothing, ever. */
export const HANG = Symbol('hang');
/** Sends the caller on to another address. */
export const redirectTo = (address: string) => ({ redirectTo: address });

/** Starts one on a free port. */
export const outsideServer = async (): Promise<OutsideServer> => {
  const seen: SeenRequest[] = [];
  const answers = new Map<string, unknown>();
  const server = createServer((request: IncomingMessage, reply) => {
    const path = request.url ?? '';
    seen.push({ path, authorization: request.headers.authorization });
    const answer = answers.get(path);
    if (answer === HANG) return;
    const onward = (answer as { redirectTo?: string } | undefined)?.redirectTo;
    if (onward !== undefined) reply.writeHead(302, { location: onward }).end();
    else if (answer === undefined) reply.writeHead(404).end('{}');
    else reply.writeHead(200, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
