import { type CheckDigitProblem, usccProblem } from '../kernel/check-digits.ts';
import type { InstitutionIdentifier } from './institution.ts';

/**
 * The 22 characters of a medical institution code (WS 218): organisation code 9 (the last a check character), region 6,
 * registration or economic type 2, category of institution 4 (a letter and three digits), class 1.
 */
const WS218_SHAPE = /^[0-9A-Z]{8}[0-9X]\d{6}\d{2}[A-Z]\d{3}[0-9A-Z]$/;
/** National healthcare security code of an institution: H, region 6, serial 5. */
const NHSA_SHAPE = /^H\d{6}\d{5}$/;

/**
 * What is wrong with an institution's identifier, null when nothing is. The credit code is checked by its check
 * character (GB 32100), the other two by their shape: their issuers publish no check character over the whole code.
 */
export const institutionIdentifierProblem = (identifier: InstitutionIdentifier): CheckDigitProblem | null => {
  const { type, value } = identifier;
  switch (type) {
    case 'uscc':
      return usccProblem(value);
    case 'ws218':
      return value.length !== 22 ? 'length' : WS218_SHAPE.test(value) ? null : 'characters';
    case 'nhsa':
      return value.length !== 12 ? 'length' : NHSA_SHAPE.test(value) ? null : 'characters';
  }
};
