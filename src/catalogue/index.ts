export type * from './item.ts';
export type * from './lists.ts';
export type * from './window.ts';
