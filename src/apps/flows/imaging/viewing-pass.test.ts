import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { VIEWING_PASS_MS, viewingPasses, type ViewingGrant } from './viewing-pass.ts';

let now = instant(Date.UTC(2026, 10, 25));
const keysOf = (secret: string) => ({
  hash: (domain: string, text: string) =>
    createHmac('sha256', secret).update(`${domain}|${text}`).digest('hex'),
});
const passes = viewingPasses({ keys: keysOf('ours') as never, clock: () => now });
const grant: ViewingGrant = {
  via: 'share',
  study: '01930000-0000-7000-8000-0000000000c1' as PublicId,
  shareToken: 'a'.repeat(32),
};

describe('a pass to one study', () => {
  it('says what it grants, until it runs out', () => {
    const token = passes.make(grant);
    expect(passes.read(token)).toEqual(grant);
    now = instant(now + VIEWING_PASS_MS + 1_000);
    expect(passes.read(token)).toBeNull();
  });

  it('is nobody else’s to make or to change', () => {
    const token = passes.make(grant);
    const [text = '', seal = ''] = token.split('.');
    const other = Buffer.from(Buffer.from(text, 'base64url').toString().replace('c1', 'c2')).toString(
      'base64url',
    );
    expect(passes.read(`${other}.${seal}`)).toBeNull();
    expect(
      passes.read(viewingPasses({ keys: keysOf('theirs') as never, clock: () => now }).make(grant)),
    ).toBeNull();
    expect(passes.read('x'.repeat(601))).toBeNull();
    expect(passes.read('')).toBeNull();
  });
});
