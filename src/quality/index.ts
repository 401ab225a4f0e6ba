export type * from './grant.ts';
