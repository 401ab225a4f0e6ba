export * from './uids.ts';
export type * from './instance.ts';
export type * from './study.ts';
export * from './belonging.ts';
