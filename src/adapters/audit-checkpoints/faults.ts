import { defineFaults } from '../../kernel/fault.ts';

/** Faults of the signed checkpoints of the access log. */
export const CHECKPOINT_FAULTS = defineFaults({
  CHECKPOINT_KEY_INVALID: {
    status: 500,
    zh: '审计检查点的签名密钥无法读取：需要 PEM 格式的 Ed25519 私钥。',
    en: 'The key that signs audit checkpoints cannot be read: an Ed25519 private key in PEM is needed.',
  },
});
