import { describe, expect, it } from 'vitest';
import { keyRing } from '../../../adapters/keys/key-ring.ts';
import { instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { VIEWING_PASS_MS, viewingPasses, type ViewingGrant } from './viewing-pass.ts';

let now = instant(Date.UTC(2026, 10, 25));
const keysOf = (secret: number) =>
  keyRing({
    hashingKey: new Uint8Array(32).fill(secret),
    sealingKeys: [{ id: 'k1', key: new Uint8Array(32).fill(secret + 1) }],
  });
const passes = viewingPasses({ keys: keysOf(1), clock: () => now });
const study = '01930000-0000-7000-8000-0000000000c1' as PublicId;
const grant: ViewingGrant = { via: 'share', study, shareToken: 'a'.repeat(32) };

describe('a pass to one study', () => {
  it('says what it grants, until it runs out', () => {
    const token = passes.make(grant);
    expect(passes.read(token)).toEqual(grant);
    now = instant(now + VIEWING_PASS_MS + 1_000);
    expect(passes.read(token)).toBeNull();
  });

  it('tells nothing of it to whoever sees the address', () => {
    const doctor: ViewingGrant = {
      via: 'client',
      study,
      client: 'wx-central-his'.padEnd(64, 'x'),
      institution: 'WX-CENTRAL' as InstitutionCode,
      staffNumber: '工'.repeat(32),
      department: '科'.repeat(64),
    };
    for (const each of [grant, doctor]) {
      const token = passes.make(each);
      const [text = ''] = token.split('.');
      const bytes = Buffer.from(text, 'base64url').toString('latin1');
      for (const word of ['share', 'client', study, 'a'.repeat(32), 'WX-CENTRAL', '科'])
        expect(bytes + token).not.toContain(Buffer.from(word).toString('latin1'));
      expect(passes.read(token)).toEqual(each);
    }
  });

  it('is nobody else’s to make or to change', () => {
    const token = passes.make(grant);
    const [text = '', seal = ''] = token.split('.');
    const bytes = Buffer.from(text, 'base64url');
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    expect(passes.read(`${bytes.toString('base64url')}.${seal}`)).toBeNull();
    expect(passes.read(viewingPasses({ keys: keysOf(3), clock: () => now }).make(grant))).toBeNull();
    expect(passes.read('x'.repeat(801))).toBeNull();
    expect(passes.read('')).toBeNull();
  });
});
