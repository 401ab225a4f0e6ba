import type { ConsentStanding } from './standing.ts';

/**
 * What a jurisdiction lets count before any act is recorded. assumed: content is shown, the patient may refuse. informed:
 * content once the patient was told. required: content only after consent; before it, that a like result exists.
 */
export const CONSENT_DEFAULTS = ['assumed', 'informed', 'required'] as const;

/** One of `CONSENT_DEFAULTS`. */
export type ConsentDefault = (typeof CONSENT_DEFAULTS)[number];

/** How much is shown: the content; that a like result exists (item, date, institution); nothing at all. */
export type DisclosureLevel = 'content' | 'existence' | 'nothing';

/**
 * How much may be shown, as a table (rows: what is recorded; columns: ordinary results by the jurisdiction's default, then
 * restricted classes):
 *
 * | recorded     | assumed   | informed  | required  | restricted |
 * | ------------ | --------- | --------- | --------- | ---------- |
 * | nothing      | content   | existence | existence | nothing    |
 * | informed     | content   | content   | existence | nothing    |
 * | consented    | content   | content   | content   | content    |
 * | withdrawn    | existence | existence | existence | nothing    |
 * | denied       | nothing   | nothing   | nothing   | nothing    |
 *
 * Existence before consent is what 003 and the child of 002 ask for; a refusal hides even that.
 */
const LEVELS: Readonly<
  Record<ConsentStanding['kind'], Readonly<Record<ConsentDefault | 'restricted', DisclosureLevel>>>
> = {
  'not-recorded': { assumed: 'content', informed: 'existence', required: 'existence', restricted: 'nothing' },
  informed: { assumed: 'content', informed: 'content', required: 'existence', restricted: 'nothing' },
  consented: { assumed: 'content', informed: 'content', required: 'content', restricted: 'content' },
  withdrawn: { assumed: 'existence', informed: 'existence', required: 'existence', restricted: 'nothing' },
  denied: { assumed: 'nothing', informed: 'nothing', required: 'nothing', restricted: 'nothing' },
};

/** How much of a result may be shown to another institution, by what the patient did and what the jurisdiction says. */
export const disclosureLevel = (
  standing: ConsentStanding,
  fallback: ConsentDefault,
  isRestricted: boolean,
): DisclosureLevel => LEVELS[standing.kind][isRestricted ? 'restricted' : fallback];
