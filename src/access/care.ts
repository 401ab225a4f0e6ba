/**
 * By what an institution treats somebody whose data it opens: an order or a check of one; a visit that left a report of
 * its own or an admission; a visit that was named; a number of the person (identity card, medical record) that was presented.
 */
export const CARE_BASES = ['order', 'visit', 'encounter', 'presented-number'] as const;

/** One of `CARE_BASES`. */
export type CareBasis = (typeof CARE_BASES)[number];

/** How long after an order, or a report of its own, an institution counts as treating somebody, in days. */
export const CARE_DAYS = 90;

/** How long a presented number lets open somebody's data, in hours: one day of consultations. */
export const PRESENTED_HOURS = 24;

/** How long a named visit lets open somebody's data, in days: a stay in hospital. */
export const ENCOUNTER_DAYS = 30;
