export type * from './institution.ts';
export type * from './zone.ts';
