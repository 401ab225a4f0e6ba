import type { PublicId } from '../../src/kernel/uuid.ts';
import type { ResultHistory } from '../../src/web/wire/result-history.ts';

/** The history of somebody who has no result yet. */
export const exampleHistory = (person: PublicId): ResultHistory => ({
  person,
  at: '2026-11-23T01:00:00Z',
  complete: true,
  disclosure: { basis: 'assumed-by-policy', text: { zh: '按政策推定', en: 'assumed by policy' } },
  institutions: [],
  reports: [],
  existing: [],
  specimens: [],
  marks: [],
  variationIsDraft: true,
  sections: [],
  examinations: [],
});
