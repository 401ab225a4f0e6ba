export * from './identifiers.ts';
export type * from './institution.ts';
export * from './membership.ts';
export * from './tiers.ts';
export type * from './zone.ts';
export * from './staff.ts';
export * from './working-time.ts';
