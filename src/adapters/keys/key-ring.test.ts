import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadKeyFile } from './key-file.ts';
import { type KeyMaterial, keyRing } from './key-ring.ts';

const material = (...ids: string[]): KeyMaterial => ({
  hashingKey: new Uint8Array(32).fill(1),
  sealingKeys: ids.map((id, index) => ({ id, key: new Uint8Array(32).fill(index + 2) })),
});
const bytes = new TextEncoder().encode('110105194912310021');

describe('a key ring', () => {
  it('opens what it sealed, in the same place only', () => {
    const keys = keyRing(material('k1'));
    const sealed = keys.seal(bytes, 'person|1');
    expect(Buffer.from(keys.open(sealed, 'person|1')).equals(Buffer.from(bytes))).toBe(true);
    expect(() => keys.open(sealed, 'person|2')).toThrow('SEAL_BROKEN');
    const bent = Uint8Array.from(sealed.bytes, (byte, index) => (index === 14 ? byte ^ 1 : byte));
    expect(() => keys.open({ ...sealed, bytes: bent }, 'person|1')).toThrow('SEAL_BROKEN');
  });

  it('seals with the newest key and still opens what an older one sealed', () => {
    const old = keyRing(material('k1')).seal(bytes, 'x');
    const rotated = keyRing(material('k1', 'k2'));
    expect(rotated.seal(bytes, 'x').keyId).toBe('k2');
    expect(rotated.open(old, 'x')).toHaveLength(bytes.length);
    expect(() => keyRing(material('k9')).open(old, 'x')).toThrow('KEY_UNKNOWN');
  });

  it('hashes equal texts equally within a domain and differently between domains and installations', () => {
    const keys = keyRing(material('k1'));
    expect(keys.hash('national-id|CN', 'A')).toBe(keys.hash('national-id|CN', 'A'));
    expect(keys.hash('national-id|CN', 'A')).not.toBe(keys.hash('phone', 'A'));
    const other = keyRing({ ...material('k1'), hashingKey: new Uint8Array(32).fill(9) });
    expect(other.hash('phone', 'A')).not.toBe(keys.hash('phone', 'A'));
  });

  it('is read from a file made on first start that only its owner can read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keys-'));
    try {
      const path = join(folder, 'keys.json');
      const first = keyRing(loadKeyFile(path));
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const second = keyRing(loadKeyFile(path));
      expect(second.hash('a', 'b')).toBe(first.hash('a', 'b'));
      writeFileSync(path, JSON.stringify({ hashingKey: 'AA==', sealingKeys: [{ id: 'k', key: 'AA==' }] }));
      expect(() => keyRing(loadKeyFile(path))).toThrow('KEY_MATERIAL_INVALID');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
