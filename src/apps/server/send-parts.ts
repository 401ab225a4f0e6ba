import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { releaseBytes } from '../../kernel/released-bytes.ts';
import type { Answer } from './route.ts';
import { setSecurityHeaders } from './security-headers.ts';

/**
 * Sends bytes that are in memory in several parts, in one go: neither joined, which would be a copy of half a megabyte for
 * each image, nor handed on piece by piece. When the last of them has left they are given back.
 */
export const sendParts = (
  reply: FastifyReply,
  { status, mediaType, parts }: Extract<Answer, { kind: 'parts' }>,
): FastifyReply => {
  const { raw, request } = reply;
  // No hook is asked about an answer that is written by itself.
  setSecurityHeaders(reply, request.protocol === 'https');
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  reply.type(mediaType).header('content-length', length).hijack();
  raw.writeHead(status, reply.getHeaders() as OutgoingHttpHeaders);
  // Told only when the system has all of it. Of a connection that broke off before, the collector takes care.
  raw.once('finish', () => {
    for (const part of parts) releaseBytes(part);
  });
  raw.cork();
  for (const part of parts) raw.write(part);
  // Uncorks it, and all leaves in one writing.
  raw.end();
  return reply;
};

/** The headers of an answer whose body is not sent: nothing of what is read while it is sent is read. */
export const withoutBody = (
  reply: FastifyReply,
  answer: Extract<Answer, { kind: 'stream' | 'parts' }>,
): FastifyReply => {
  const length =
    answer.kind === 'stream' ? answer.length : answer.parts.reduce((sum, part) => sum + part.length, 0);
  if (length !== null) reply.header('content-length', length);
  if (answer.kind === 'parts') for (const part of answer.parts) releaseBytes(part);
  return reply.code(answer.status).type(answer.mediaType).send();
};
