export type * from './item.ts';
export type * from './lists.ts';
export * from './window.ts';
export * from './method.ts';
export * from './side.ts';
export * from './specimen.ts';
export * from './unit-conversion.ts';
export * from './units.ts';
