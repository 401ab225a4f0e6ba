/**
 * What personal data may be used for (PIPL art. 6; GB/T 39725 §11): treatment with an encounter or an order; quality of
 * the own institution's work; oversight by the authority; one's own data; keeping the platform running.
 */
export const ACCESS_PURPOSES = ['treatment', 'quality', 'oversight', 'own-data', 'operations'] as const;

/** One of `ACCESS_PURPOSES`. */
export type AccessPurpose = (typeof ACCESS_PURPOSES)[number];
