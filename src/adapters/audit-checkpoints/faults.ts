import { defineFaults } from '../../kernel/fault.ts';

/** Faults of the signed checkpoints of the access log. */
export const CHECKPOINT_FAULTS = defineFaults({
  CHECKPOINT_KEY_INVALID: {
    status: 500,
    zh: '审计检查点的密钥无法读取：签名需要 PEM 格式的 Ed25519 私钥，核验需要对应的公钥文件。',
    en: 'The key of the audit checkpoints cannot be read: signing needs an Ed25519 private key in PEM, verifying the public key file of it.',
  },
});
