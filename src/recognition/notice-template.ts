import type { NationalReason } from '../catalogue/index.ts';

/** A blank in a template: what the doctor is asked, what is proposed so that one click confirms it, how long it may be. */
export interface NoticeBlank {
  readonly name: string;
  readonly labelZh: string;
  /** May name `{text}`, the doctor's own words to the reason. */
  readonly proposalZh: string;
  /** Characters, as a reader counts them. */
  readonly maximum: number;
}

/** What a patient is told of one of the national situations, in words of a primary school. */
export interface NoticeReasonTemplate {
  readonly reason: NationalReason;
  /** The situation in plain words. */
  readonly plainZh: string;
  /** 复检目的. May name blanks, `{item}` and `{priorDay}`. */
  readonly purposeZh: string;
  /** 必要性. May name the same. */
  readonly necessityZh: string;
  readonly blanks: readonly NoticeBlank[];
}

/** Content of list kind `notice-templates`: the words of the notice (未予互认告知单). */
export interface NoticeTemplateTable {
  readonly titleZh: string;
  readonly openingZh: string;
  readonly acknowledgementZh: string;
  /** What is left to be filled in by hand. */
  readonly signatureZh: readonly string[];
  readonly reasons: readonly NoticeReasonTemplate[];
  readonly subReasons: readonly { readonly code: string; readonly plainZh: string }[];
}
