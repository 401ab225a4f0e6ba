import type { Delimiters } from './parse.ts';

/** Turns the bytes of an `\X..\` escape into characters; undefined when they are none in the message's set. */
export type HexDecoder = (bytes: Uint8Array) => string | undefined;

const HEX = /^[Xx]((?:[0-9A-Fa-f]{2})+)$/;
const SPACING = /^\.(sp|sk)\s*\+?(\d{1,3})?$/i;
const LAYOUT = /^\.(?:fi|nf|in\s*[+-]?\d*|ti\s*[+-]?\d*)$/i;

/** What one escape stands for; undefined when the characters between two escape characters are not one. */
const meaningOf = (code: string, delimiters: Delimiters, decodeHex: HexDecoder): string | undefined => {
  switch (code) {
    case 'F':
      return delimiters.field;
    case 'S':
      return delimiters.component;
    case 'T':
      return delimiters.subcomponent;
    case 'R':
      return delimiters.repetition;
    case 'E':
      return delimiters.escape;
    case 'P':
      return delimiters.truncation === '' ? undefined : delimiters.truncation;
    case 'H':
    case 'N':
      return '';
  }
  if (code.startsWith('.')) {
    const layout = code.toLowerCase();
    if (layout === '.br' || layout === '.ce') return '\n';
    const spacing = SPACING.exec(layout);
    if (spacing) return (spacing[1] === 'sp' ? '\n' : ' ').repeat(Number(spacing[2] ?? '1'));
    return LAYOUT.test(layout) ? '' : undefined;
  }
  const hex = HEX.exec(code);
  return hex ? decodeHex(Buffer.from(hex[1] as string, 'hex'))?.replace(/\r\n?/g, '\n') : undefined;
};

/**
 * Resolves the escapes of a decoded text (HL7 v2 chapter 2, "use of escape sequences in text fields"). What is not a
 * known escape stays as it was sent: senders write a bare backslash in paths and drawings, and nothing is guessed.
 * Highlighting (`\H\`, `\N\`) and layout commands leave no characters.
 */
export const unescapeText = (text: string, delimiters: Delimiters, decodeHex: HexDecoder): string => {
  const { escape } = delimiters;
  let from = escape === '' ? -1 : text.indexOf(escape);
  if (from < 0) return text;
  const pieces: string[] = [text.slice(0, from)];
  while (from >= 0) {
    const to = text.indexOf(escape, from + 1);
    if (to < 0) {
      pieces.push(text.slice(from));
      break;
    }
    const meaning = meaningOf(text.slice(from + 1, to), delimiters, decodeHex);
    if (meaning === undefined) {
      pieces.push(text.slice(from, to));
      from = to;
      continue;
    }
    const next = text.indexOf(escape, to + 1);
    pieces.push(meaning, next < 0 ? text.slice(to + 1) : text.slice(to + 1, next));
    from = next;
  }
  return pieces.join('');
};

/** Writes a text so that it passes through the given delimiters; line breaks become `\.br\`. */
export const escapeText = (text: string, delimiters: Delimiters): string => {
  const { field, component, subcomponent, repetition, escape, truncation } = delimiters;
  let written = '';
  for (const character of text.replace(/\r\n?/g, '\n')) {
    if (character === field) written += `${escape}F${escape}`;
    else if (character === component) written += `${escape}S${escape}`;
    else if (character === subcomponent) written += `${escape}T${escape}`;
    else if (character === repetition) written += `${escape}R${escape}`;
    else if (character === escape) written += `${escape}E${escape}`;
    else if (truncation !== '' && character === truncation) written += `${escape}P${escape}`;
    else if (character === '\n') written += `${escape}.br${escape}`;
    else if (character < ' ' && character !== '\t') {
      written += `${escape}X${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}${escape}`;
    } else written += character;
  }
  return written;
};
