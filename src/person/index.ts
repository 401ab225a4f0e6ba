export type * from './incoming-patient.ts';
export type * from './incoming-admission.ts';
export * from './identifiers.ts';
export * from './names.ts';
export * from './profile.ts';
export * from './comparison.ts';
export * from './match.ts';
export * from './match-keys.ts';
export * from './clusters.ts';
