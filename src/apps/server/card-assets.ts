import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CardAssets } from '../../web/card/card-page.ts';

const sourceOf = (path: string): string =>
  readFileSync(new URL(`../../web/${path}`, import.meta.url), 'utf8');

/** The card's style sheet. */
export const CARD_STYLE = ['card/card.css', 'style/verdict.css'].map(sourceOf).join('\n');

/** The card's script. */
export const CARD_SCRIPT = sourceOf('card/card.js');

const versionOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Their addresses, which change with the content, so that browsers may keep them for ever. */
export const CARD_ASSETS: CardAssets = {
  style: `/assets/card.css?v=${versionOf(CARD_STYLE)}`,
  script: `/assets/card.js?v=${versionOf(CARD_SCRIPT)}`,
};
