import { readFileSync } from 'node:fs';
import { raiser } from '../../kernel/fault.ts';
import { CLI_FAULTS } from './faults.ts';

/**
 * The first line of a file: a password or a number that as an argument would stay in the shell's history and in the list of
 * processes. `/dev/stdin` reads it from a pipe.
 *
 * @throws FILE_UNREADABLE
 */
export const secretOfFile = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch (cause) {
    throw raiser(CLI_FAULTS)('FILE_UNREADABLE', { place: file, cause });
  }
};
