import { defineCheck, found, type ZoneFacts } from './check.ts';

/**
 * Was the specimen sound for this item? The list names the states that spoil it (haemolysis for potassium). Words of
 * the laboratory about the specimen that nobody understood leave the question open.
 */
export const specimenSound = defineCheck({
  code: 'specimen-sound',
  findings: {
    'specimen-sound': 'pass',
    'specimen-spoilt': 'fail',
    'specimen-state-not-understood': 'unknown',
  },
  look: ({ candidate, listed }: ZoneFacts) => {
    const { specimenStates } = candidate;
    const { citation } = listed;
    if (specimenStates.length === 0) return found('specimen-sound', undefined, citation);
    const states = specimenStates.filter((state) => listed.row.unfitSpecimenStates.includes(state));
    if (states.length > 0) return found('specimen-spoilt', { states }, citation);
    const notUnderstood = specimenStates.filter((state) => state.startsWith('other:'));
    return notUnderstood.length > 0
      ? found('specimen-state-not-understood', { count: notUnderstood.length }, citation)
      : found('specimen-sound', { states: specimenStates }, citation);
  },
});
