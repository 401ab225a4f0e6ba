import { Fault } from '../../kernel/fault.ts';

/** True where one object is gone or was altered: others are there all the same, and trying again is of no use. */
export const isObjectLost = (error: unknown): boolean =>
  error instanceof Fault && (error.code === 'OBJECT_MISSING' || error.code === 'OBJECT_DAMAGED');
