import { createServer, type Socket } from 'node:net';
import {
  readAssociateRequest,
  writeAssociateAccept,
  writeRelease,
} from '../../src/adapters/dimse/associate.ts';
import { type CommandSet, readCommandSet } from '../../src/adapters/dimse/command-set.ts';
import { PDU, PduReader } from '../../src/adapters/dimse/pdu-reader.ts';
import type { DicomJson } from '../../src/adapters/dimse/ports.ts';
import { TRANSFER_SYNTAX } from '../../src/adapters/dimse/syntaxes.ts';
import { identifierCodec } from '../../src/apps/flows/imaging/identifier-codec.ts';
import { commandPdu } from './dimse-wire.ts';

const SYNTAX = TRANSFER_SYNTAX.explicitLittleEndian;

/** A device that listens: accepts, keeps reports, answers each with the status given for it. */
export const reportedDevice = async (statuses: readonly number[], port = 0) => {
  const reports: { readonly eventTypeId: number | undefined; readonly identifier: DicomJson }[] = [];
  const roles: unknown[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const reader = new PduReader();
    let command: CommandSet = {};
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const event of reader.read(chunk))
        if (event.kind === 'associate-request') {
          const request = readAssociateRequest(event.body);
          if (!request.ok) return socket.destroy();
          roles.push(...request.value.roles);
          const accepted = {
            contexts: [{ id: 1, result: 0, transferSyntax: SYNTAX }],
            roles: request.value.roles,
          };
          socket.write(writeAssociateAccept(request.value, { ...accepted, maxPduLength: 16_384 }));
        } else if (event.kind === 'data' && event.isCommand) {
          const read = readCommandSet(event.bytes);
          command = read.ok ? read.value : {};
        } else if (event.kind === 'data') {
          const status = statuses[reports.length] ?? 0;
          reports.push({
            eventTypeId: command.eventTypeId,
            identifier: identifierCodec.read(event.bytes, SYNTAX),
          });
          socket.write(
            commandPdu(1, { commandField: 0x8100, messageIdRespondedTo: command.messageId ?? 0, status }),
          );
        } else if (event.kind === 'release-request') socket.end(writeRelease(PDU.releaseResponse));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    reports,
    roles,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
