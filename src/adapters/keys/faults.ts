import { defineFaults } from '../../kernel/fault.ts';

/** Faults of the key ring. */
export const KEY_FAULTS = defineFaults({
  KEY_MATERIAL_INVALID: {
    status: 500,
    zh: '密钥文件不完整：需要一个至少 32 字节的散列密钥和至少一个 32 字节的加密密钥。',
    en: 'The key file is incomplete: it needs a hashing key of at least 32 bytes and at least one 32-byte sealing key.',
  },
  KEY_UNKNOWN: {
    status: 500,
    zh: '数据由一把本机没有的密钥加密；请把该密钥加入密钥文件。',
    en: 'The data was sealed with a key that this installation does not have; add that key to the key file.',
  },
  SEAL_BROKEN: {
    status: 500,
    zh: '密文校验失败：数据被改动或被移到了别处。',
    en: 'The ciphertext does not verify: the data was altered or moved to another place.',
  },
});
