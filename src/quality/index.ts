export type * from './grant.ts';
export * from './mark.ts';
export * from './standing.ts';
