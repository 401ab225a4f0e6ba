import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { keyRing } from '../../../adapters/keys/key-ring.ts';
import type { ObjectKey, ObjectStore } from '../../../adapters/objects/file-objects.ts';
import { keepBody, openBody } from './ingest-body.ts';

const keys = keyRing({
  hashingKey: new Uint8Array(32).fill(7),
  sealingKeys: [{ id: 'k1', key: new Uint8Array(32).fill(9) }],
});

const inMemory = (): ObjectStore & { readonly puts: () => number } => {
  const kept = new Map<string, Uint8Array>();
  return {
    keyOf: (sha256) => sha256 as ObjectKey,
    async put(content) {
      const key = `object-${kept.size}` as ObjectKey;
      kept.set(key, content instanceof Uint8Array ? content : Buffer.concat(content));
      return key;
    },
    get: async (key) => kept.get(key) as Uint8Array,
    puts: () => kept.size,
  };
};

it('opens what it kept, small and large', async () => {
  const keeping = { keys, objects: inMemory() };
  for (const size of [0, 3_000, 200_000, 900_000, 3_000_000]) {
    const bytes = randomBytes(size);
    const body = await keepBody(keeping, bytes, 'message|1|M1');
    expect(body.object === null).toBe(size < 1_000_000);
    expect(bytes.equals(await openBody(keeping, body, 'message|1|M1'))).toBe(true);
  }
});

it('compresses what is large beside the event loop, not in it', async () => {
  const objects = inMemory();
  const kept = keepBody({ keys, objects }, randomBytes(3_000_000), 'message|1|M1');
  // Compressing at once would have come as far as the object store by now.
  expect(objects.puts()).toBe(0);
  await kept;
  expect(objects.puts()).toBe(1);
});
