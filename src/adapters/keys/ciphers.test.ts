import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CIPHER_NAMES, cipherOf } from './ciphers.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const KEY = hex('0123456789abcdeffedcba9876543210');

describe('the national algorithms of this runtime give the published vectors', () => {
  it('SM3, GB/T 32905 appendix A', () => {
    expect(createHash('sm3').update('abc').digest('hex')).toBe(
      '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    );
  });

  it('SM4, GB/T 32907 appendix A', () => {
    const cipher = createCipheriv('sm4-ecb', KEY, null).setAutoPadding(false);
    expect(cipher.update(KEY).toString('hex')).toBe('681edf34d206965e86b3e94f536e4246');
  });

  it('SM4-CTR, draft-ribose-cfrg-sm4', () => {
    const plain = hex(
      ['aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'aa', 'bb'].map((byte) => byte.repeat(8)).join(''),
    );
    const cipher = createCipheriv('sm4-ctr', KEY, hex('000102030405060708090a0b0c0d0e0f'));
    expect(cipher.update(plain).toString('hex')).toBe(
      'ac3236cb970cc20791364c395a1342d1a3cbc1878c6f30cd074cce385cdd70c7f234bc0e24c11980fd1286310ce37b926e02fcd0faa0baf38b2933851d824514',
    );
  });

  it('HMAC-SM3, GM/T 0042 appendix D', () => {
    const text = 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq';
    const key = hex('0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20');
    expect(createHmac('sm3', key).update(text.repeat(2)).digest('hex')).toBe(
      'ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a',
    );
  });
});

describe.each(CIPHER_NAMES)('%s', (name) => {
  const cipher = cipherOf(name, new Uint8Array(32).fill(3));
  const context = Buffer.from('person|1');

  it('opens whatever it sealed, and never seals the same twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const sealed = cipher.seal(bytes, context);
        expect(cipher.open(sealed, context).equals(Buffer.from(bytes))).toBe(true);
        expect(cipher.seal(bytes, context).equals(sealed)).toBe(false);
      }),
    );
  });

  it('opens nothing that was bent, cut, moved to another place or sealed by another key', () => {
    const sealed = cipher.seal(Buffer.from('110105194912310021'), context);
    for (let index = 0; index < sealed.length; index++) {
      const bent = Buffer.from(sealed);
      bent[index] = (bent[index] as number) ^ 1;
      expect(() => cipher.open(bent, context), `byte ${index}`).toThrow(/authenti|verif|short|vector/i);
      expect(() => cipher.open(sealed.subarray(0, index), context), `cut at ${index}`).toThrow(
        /authenti|verif|short|vector/i,
      );
    }
    expect(() => cipher.open(sealed, Buffer.from('person|2'))).toThrow(/authenti|verif|short|vector/i);
    expect(() => cipherOf(name, new Uint8Array(32).fill(4)).open(sealed, context)).toThrow(
      /authenti|verif|short|vector/i,
    );
  });

  it('gives piece by piece what it gives at once, and more than one piece of what is large', () => {
    const bytes = randomBytes(1_000_000);
    const pieces = [...cipher.sealing([bytes.subarray(0, 300_000), bytes.subarray(300_000)], context)];
    expect(pieces.length).toBeGreaterThan(4);
    const sealed = Buffer.concat(pieces);
    expect(cipher.open(sealed, context).equals(bytes)).toBe(true);
    expect(Buffer.concat([...cipher.opening(cipher.seal(bytes, context), context)]).equals(bytes)).toBe(true);
    sealed[600_000] = (sealed[600_000] as number) ^ 1;
    expect(() => [...cipher.opening(sealed, context)]).toThrow(/authenti|verif/i);
  });
});
