export type * from './incoming-report.ts';
