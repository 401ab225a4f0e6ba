export type * from './incoming-patient.ts';
export type * from './incoming-admission.ts';
