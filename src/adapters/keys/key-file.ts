import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { raiser } from '../../kernel/fault.ts';
import { KEY_FAULTS } from './faults.ts';
import type { KeyMaterial } from './key-ring.ts';

const keyFileShape = z.object({
  hashingKey: z.string(),
  sealingKeys: z.array(z.object({ id: z.string(), key: z.string() })).min(1),
});

const raise = raiser(KEY_FAULTS);

/** Reads the key file (JSON, keys in base64); makes one with mode 600 on first start. */
export const loadKeyFile = (path: string): KeyMaterial => {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const fresh = {
      hashingKey: randomBytes(32).toString('base64'),
      sealingKeys: [{ id: 'k1', key: randomBytes(32).toString('base64') }],
    };
    writeFileSync(`${path}.new`, JSON.stringify(fresh, null, 2), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  const parsed = keyFileShape.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw raise('KEY_MATERIAL_INVALID', { place: path });
  const sealingKeys = parsed.data.sealingKeys.map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') }));
  if (sealingKeys.some(({ key }) => key.length !== 32)) throw raise('KEY_MATERIAL_INVALID', { place: path });
  return { hashingKey: Buffer.from(parsed.data.hashingKey, 'base64'), sealingKeys };
};
