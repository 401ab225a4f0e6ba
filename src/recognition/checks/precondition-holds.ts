import type { InterventionKind } from '../../catalogue/index.ts';
import { DAY_MS } from '../../kernel/instant.ts';
import { defineCheck, found, type ZoneFacts } from './check.ts';

const matches = (preconditions: readonly InterventionKind[], kind: InterventionKind): boolean =>
  kind === 'any-treatment' || preconditions.includes('any-treatment') || preconditions.includes(kind);

/**
 * Has nothing happened to the patient since collection that ends the window early (未经医学干预: no transfusion, infusion,
 * antibiotic, operation)? What the ordering side does not say stays open. Where the window runs from the receipt, a
 * treatment in the day before it may have come before or after the collection: open too.
 */
export const preconditionHolds = defineCheck({
  code: 'precondition-holds',
  findings: {
    'no-precondition': 'pass',
    'no-intervention-since': 'pass',
    'intervention-since': 'fail',
    'interventions-not-stated': 'unknown',
    'intervention-time-open': 'unknown',
  },
  look: ({ patient, listed, anchor, at }: ZoneFacts) => {
    const { row, citation } = listed;
    if (row.preconditions.length === 0) return found('no-precondition', undefined, citation);
    const preconditions = row.preconditions;
    if (patient.interventions === null) return found('interventions-not-stated', { preconditions }, citation);
    let open = false;
    for (const { kind, at: intervenedAt } of patient.interventions) {
      if (intervenedAt > at || !matches(preconditions, kind)) continue;
      if (anchor === null) open = true;
      else if (intervenedAt >= anchor.at)
        return found('intervention-since', { preconditions, intervention: kind, intervenedAt }, citation);
      else if (anchor.basis === 'received' && intervenedAt >= anchor.at - DAY_MS) open = true;
    }
    return open
      ? found('intervention-time-open', { preconditions }, citation)
      : found('no-intervention-since', { preconditions }, citation);
  },
});
