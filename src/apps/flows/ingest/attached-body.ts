import { z } from 'zod';
import type { LiftedMessage } from '../../../adapters/hl7v2/lift-attachments.ts';
import { type Pieces, sha256InTurns, turn } from '../../../adapters/keys/large-content.ts';
import { OBJECT_FAULTS } from '../../../adapters/objects/faults.ts';
import type { ObjectKey, ObjectStore } from '../../../adapters/objects/file-objects.ts';
import { raiser } from '../../../kernel/fault.ts';

/**
 * A message whose attachments lie in the object store, as it is kept: this mark, the length of the description (four bytes,
 * the highest first), the description (JSON), and the compressed rest. Base64 of the attachments, put into the rest at their
 * places, makes the message again, byte for byte.
 */
const MARK = Buffer.from('ATT1', 'latin1');
const HEAD_BYTES = MARK.length + 4;

/** Characters encoded between two turns of the event loop come of so many bytes: a multiple of three. */
const STRETCH_BYTES = 72 * 1024;

const descriptionShape = z.object({
  /** Of the whole message, lower-case hex. */
  sha256: z.string(),
  attachments: z.array(
    z.object({
      /** Place in the rest before which it stands. */
      at: z.number().int().nonnegative(),
      /** How many of its first bytes stand there. */
      bytes: z.number().int().positive().multipleOf(3),
      object: z.string(),
    }),
  ),
});

type Description = z.infer<typeof descriptionShape>;

const raise = raiser(OBJECT_FAULTS);

const base64Length = (bytes: number): number => (bytes / 3) * 4;

/** Whether a packed body is one without its attachments. Neither a zlib stream nor a Zstandard frame begins so. */
export const isAroundAttachments = (packed: Uint8Array): boolean =>
  MARK.equals(packed.subarray(0, MARK.length));

/**
 * Packs a message without what was lifted out of it; that is durable in the object store when this returns.
 *
 * @param sha256 of the whole message, by which it is known again when it is put together
 */
export const packAround = async (
  objects: ObjectStore,
  bytes: Uint8Array,
  { stretches }: LiftedMessage,
  sha256: string,
  compress: (rest: Uint8Array) => Promise<Pieces>,
): Promise<Pieces> => {
  const around: Uint8Array[] = [];
  const attachments: Description['attachments'] = [];
  let end = 0;
  let at = 0;
  for (const { from, to, attachment } of stretches) {
    around.push(bytes.subarray(end, from));
    at += from - end;
    end = to;
    const object = await objects.put(attachment.bytes, attachment.sha256);
    attachments.push({ at, bytes: ((to - from) / 4) * 3, object });
  }
  const rest = Buffer.concat([...around, bytes.subarray(end)]);
  const description = Buffer.from(JSON.stringify({ sha256, attachments } satisfies Description));
  const head = Buffer.alloc(HEAD_BYTES);
  MARK.copy(head);
  head.writeUInt32BE(description.length, MARK.length);
  return [head, description, ...(await compress(rest))];
};

/**
 * Puts a message together again.
 *
 * @param size of the whole message
 * @throws OBJECT_MISSING, OBJECT_DAMAGED when it is not the message that was packed
 */
export const unpackAround = async (
  objects: ObjectStore,
  packed: Uint8Array,
  size: number,
  decompress: (compressed: Uint8Array, size: number) => Promise<Uint8Array>,
): Promise<Uint8Array> => {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const restAt = HEAD_BYTES + bytes.readUInt32BE(MARK.length);
  const { sha256, attachments } = descriptionShape.parse(
    JSON.parse(bytes.toString('utf8', HEAD_BYTES, restAt)),
  );
  const encoded = attachments.reduce((sum, attachment) => sum + base64Length(attachment.bytes), 0);
  const rest = await decompress(bytes.subarray(restAt), size - encoded);
  const whole = Buffer.allocUnsafeSlow(size);
  let written = 0;
  let taken = 0;
  for (const attachment of attachments) {
    whole.set(rest.subarray(taken, attachment.at), written);
    written += attachment.at - taken;
    taken = attachment.at;
    const content = await objects.get(attachment.object as ObjectKey);
    const data = Buffer.from(content.buffer, content.byteOffset, attachment.bytes);
    for (let from = 0; from < data.length; from += STRETCH_BYTES) {
      written += whole.write(data.toString('base64', from, from + STRETCH_BYTES), written, 'latin1');
      await turn();
    }
  }
  whole.set(rest.subarray(taken), written);
  if ((await sha256InTurns(whole)) !== sha256) throw raise('OBJECT_DAMAGED');
  return whole;
};
