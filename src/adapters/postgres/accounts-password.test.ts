import { describe, expect, it } from 'vitest';
import { hashPassword, PASSWORD_COST, verifyPassword } from './accounts-password.ts';

const CHEAP = { cost: 1024, blockSize: 8, parallelism: 1 };

describe('a password', () => {
  it('is verified by the hash that was made of it and by no other', async () => {
    const stored = await hashPassword('Correct-horse-42', CHEAP);
    expect(await verifyPassword('Correct-horse-42', stored)).toBe(true);
    expect(await verifyPassword('Correct-horse-43', stored)).toBe(false);
    expect(await verifyPassword('', stored)).toBe(false);
    expect(stored).not.toContain('Correct-horse-42');
  });

  it('is hashed with a salt of its own, so equal passwords do not look equal', async () => {
    expect(await hashPassword('Correct-horse-42', CHEAP)).not.toBe(
      await hashPassword('Correct-horse-42', CHEAP),
    );
  });

  it('stays valid when the cost is raised later, because its own is stored with it', async () => {
    const stored = await hashPassword('Correct-horse-42', CHEAP);
    expect(stored).toMatch(/^scrypt\$1024\$8\$1\$/);
    expect(await verifyPassword('Correct-horse-42', await hashPassword('Correct-horse-42'))).toBe(true);
    expect(PASSWORD_COST.cost).toBeGreaterThanOrEqual(32_768);
  });

  it('is the same however its characters were composed', async () => {
    const stored = await hashPassword('caf\u00e9-Ärzte-42', CHEAP);
    expect(await verifyPassword('cafe\u0301-A\u0308rzte-42', stored)).toBe(true);
  });

  it('is never verified by a hash that cannot be read', async () => {
    for (const stored of ['', 'scrypt$1024$8$1', 'md5$1$1$1$AAAA$AAAA'])
      expect(await verifyPassword('x', stored)).toBe(false);
  });
});
