export type * from './item.ts';
export type * from './lists.ts';
export * from './window.ts';
