export * from './amendment.ts';
export * from './correction.ts';
export * from './re-evaluation.ts';
export * from './ticket-clock.ts';
export * from './ticket-steps.ts';
