/** A text in the source language of every screen (zh-CN) and in English for integrators. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}
