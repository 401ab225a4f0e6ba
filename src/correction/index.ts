export * from './correction.ts';
