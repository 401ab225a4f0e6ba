/**
 * Form in which words of hospitals are compared with words of our tables: full width to half width, no white space, no
 * punctuation of writing, lower case.
 */
export const foldWords = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\s\u200b\ufeff_]+/g, '')
    .replace(/[,;:、。]+$/g, '')
    .toLowerCase();
