import type { Side } from '../../catalogue/index.ts';

const CODES: Readonly<Record<string, Side>> = {
  L: 'left',
  LT: 'left',
  LEFT: 'left',
  左: 'left',
  左侧: 'left',
  R: 'right',
  RT: 'right',
  RIGHT: 'right',
  右: 'right',
  右侧: 'right',
  B: 'both',
  BIL: 'both',
  BILATERAL: 'both',
  双: 'both',
  双侧: 'both',
};

/** Chambers of the heart have left and right without being sides of the body. */
const HEART = /[左右](?:心|室|房)/g;

/** Side by its code (HL7 table 0163 and the usual words). */
export const sideOfCode = (code: string): Side | null => CODES[code.trim().toUpperCase()] ?? null;

/** Side named in a text such as 右膝关节MR平扫. Both words together, or 双, mean both sides. */
export const sideOfText = (text: string): Side | null => {
  const plain = text.replace(HEART, '');
  const left = /左|\bleft\b/i.test(plain);
  const right = /右|\bright\b/i.test(plain);
  if (/双|\bbilateral\b/i.test(plain) || (left && right)) return 'both';
  if (left) return 'left';
  return right ? 'right' : null;
};
