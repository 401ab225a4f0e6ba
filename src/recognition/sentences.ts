import type { Bilingual } from '../kernel/bilingual.ts';

/** Content of list kind `sentences`: versioned templates by key; `{name}` marks a value. Verdicts store codes, never sentences. */
export interface SentenceTable {
  readonly sentences: Readonly<Record<string, Bilingual>>;
}
