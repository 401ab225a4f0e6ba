export type * from './grant.ts';
export * from './standing.ts';
