export * from './list-document.ts';
export type * from './facts.ts';
export type * from './incoming-order.ts';
export type * from './policy.ts';
export type * from './sentences.ts';
export type * from './verdict.ts';
