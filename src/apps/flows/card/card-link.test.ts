import { describe, expect, it } from 'vitest';
import { keyRing } from '../../../adapters/keys/key-ring.ts';
import { instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { CARD_LINK_MS, CARD_TOKEN_CHARACTERS_MAX, type CardGrant, cardLinks } from './card-link.ts';

const ringOf = (byte: number) =>
  keyRing({
    hashingKey: new Uint8Array(32).fill(byte),
    sealingKeys: [{ id: 'k1', key: new Uint8Array(32).fill(byte) }],
  });
const NOW = Date.UTC(2026, 10, 25, 2);
const links = (keys = ringOf(1)) =>
  cardLinks({ keys, clock: () => instant(NOW), publicUrl: () => 'https://huren.example' });

const GRANT: CardGrant = {
  check: '01930000-0000-7000-9000-000000000001' as PublicId,
  institution: 'COUNTY' as InstitutionCode,
  client: 'county-his',
  staffNumber: '100118',
  department: '心血管内科',
};

describe('a card link', () => {
  it('gives back on any process with the same keys what it was made from, and until when', () => {
    const address = links().addressOf(GRANT);
    const token = /^https:\/\/huren\.example\/card\/([\w.-]+)$/.exec(address)?.[1] ?? '';
    expect(links().read(token)).toEqual({
      ok: true,
      value: { grant: GRANT, expiresAt: NOW + CARD_LINK_MS },
    });
  });

  it('is refused when any one of its characters was altered', () => {
    const token = links().tokenOf(GRANT);
    for (let place = 0; place < token.length; place++) {
      const other = token[place] === 'A' ? 'B' : 'A';
      const bent = token.slice(0, place) + other + token.slice(place + 1);
      // The last character of each part carries bits that mean nothing; then the same bytes say the same.
      const read = links().read(bent);
      if (read.ok) expect(read.value.grant).toEqual(GRANT);
      else expect(read.reason.code).toBe('CARD_LINK_INVALID');
      if (read.ok) expect(place).toBe(token.length - 1);
    }
  });

  it('is refused by an installation with other keys, and so is anything that is no token at all', () => {
    expect(links(ringOf(2)).read(links().tokenOf(GRANT))).toMatchObject({ ok: false });
    for (const text of ['', '.', 'a.b', `${'A'.repeat(CARD_TOKEN_CHARACTERS_MAX)}.${'A'.repeat(43)}`])
      expect(links().read(text)).toMatchObject({ ok: false });
  });

  it('fits a path however long the client’s codes and names are', () => {
    const long = {
      ...GRANT,
      institution: 'I'.repeat(40) as InstitutionCode,
      client: 'c'.repeat(64),
      staffNumber: '9'.repeat(500),
      department: '科'.repeat(500),
    };
    const token = links().tokenOf(long);
    expect(token.length).toBeLessThanOrEqual(CARD_TOKEN_CHARACTERS_MAX);
    expect(links().read(token)).toMatchObject({ ok: true });
  });
});
