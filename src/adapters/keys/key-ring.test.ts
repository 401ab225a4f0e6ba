import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KEY_FILE_LOOK_MS, keyFileSource, loadKeyFile, rotateKeyFile } from './key-file.ts';
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

  it('seals what is large in many pieces and opens it in many turns, so that others have theirs', async () => {
    const keys = keyRing(material('k1'));
    const large = new Uint8Array(3_000_000).fill(7);
    let turns = 0;
    let isOver = false;
    const { keyId, pieces } = keys.sealLarge([large], 'person|1');
    const made = [...pieces];
    expect(made.length).toBeGreaterThan(10);
    const sealed = { keyId, bytes: Buffer.concat(made) };
    const others = (async () => {
      for (; !isOver; turns++) await new Promise((resolve) => setImmediate(resolve));
    })();
    expect(Buffer.compare(await keys.openLarge(sealed, 'person|1'), large)).toBe(0);
    expect(turns).toBeGreaterThan(10);
    isOver = true;
    await others;
    expect(Buffer.compare(keys.open(sealed, 'person|1'), large)).toBe(0);
    await expect(keys.openLarge(sealed, 'person|2')).rejects.toThrow('SEAL_BROKEN');
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

  it('is rotated while the program runs, from one cipher to another, by one process for all', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keys-'));
    try {
      const path = join(folder, 'keys.json');
      let now = 0;
      const running = keyRing(keyFileSource(path, () => now));
      const other = keyRing(keyFileSource(path, () => now));
      const old = running.seal(bytes, 'x');
      // As a file of an earlier release has it: no word about ciphers.
      const plain = readFileSync(path, 'utf8').replace(/,\s*"cipher": "aes-256-gcm"/, '');
      writeFileSync(path, plain);
      expect(rotateKeyFile(path, 'sm4-ctr-hmac-sm3')).toBe('k2');
      utimesSync(path, new Date(), new Date(Date.now() + 5_000));
      expect(running.seal(bytes, 'x').keyId).toBe('k1');
      now += KEY_FILE_LOOK_MS;
      const fresh = running.seal(bytes, 'x');
      expect(fresh.keyId).toBe('k2');
      // The other process has not looked yet: it finds the key when it needs it.
      now -= 1;
      expect(Buffer.from(other.open(fresh, 'x')).equals(Buffer.from(bytes))).toBe(true);
      expect(Buffer.from(running.open(old, 'x')).equals(Buffer.from(bytes))).toBe(true);
      expect(running.hash('a', 'b')).toBe(other.hash('a', 'b'));
      writeFileSync(path, 'half a file');
      now += KEY_FILE_LOOK_MS * 2;
      expect(running.seal(bytes, 'x').keyId).toBe('k2');
      expect(() => rotateKeyFile(path, 'aes-256-gcm')).toThrow('KEY_MATERIAL_INVALID');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
