import methodTable from '../../data/methods.json' with { type: 'json' };
import { foldWords } from './fold-words.ts';

const CLASS_BY_WORD = new Map<string, string>();
for (const [methodClass, words] of Object.entries(methodTable.methods)) {
  CLASS_BY_WORD.set(methodClass, methodClass);
  for (const word of words) CLASS_BY_WORD.set(foldWords(word), methodClass);
}

/** Method classes of `data/methods.json`, e.g. `ifcc-rate`, `hexokinase`, `eclia`. */
export const METHOD_CLASSES: readonly string[] = Object.keys(methodTable.methods);

/**
 * Method class for the words of a report (`电化学发光法`, `IFCC速率法(Roche)`). A remark in brackets is set aside, but
 * nothing else: a word that merely contains another is not taken for it (电化学发光 is not 化学发光). Null when unknown.
 */
export const methodClassOf = (text: string): string | null => {
  const folded = foldWords(text);
  if (folded === '') return null;
  return CLASS_BY_WORD.get(folded) ?? CLASS_BY_WORD.get(folded.replace(/[([][^)\]]*[)\]]/g, '')) ?? null;
};

/** A method class in words; a platform that a code map names by itself stays as it is. */
export const methodWords = (methodClass: string): string =>
  (methodTable.methods as Readonly<Record<string, readonly string[] | undefined>>)[methodClass]?.[0] ??
  methodClass;
