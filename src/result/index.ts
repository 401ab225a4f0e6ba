export * from './flags.ts';
export type * from './incoming-report.ts';
export type * from './reading-types.ts';
export * from './reading.ts';
export * from './reference-interval.ts';
export * from './report-content.ts';
export * from './report-state.ts';
export * from './result-rows.ts';
export * from './standing.ts';
