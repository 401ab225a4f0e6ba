/** What a patient is told before he agrees or refuses, in layers: the line, what it means, the whole text. */
export interface ConsentText {
  /** One line: all that somebody in a hurry reads. */
  readonly lineZh: string;
  /** What it means for him, point by point, in words of a primary school. */
  readonly detailsZh: readonly string[];
  /** The whole text, paragraph by paragraph. */
  readonly fullZh: readonly string[];
}

/** What follows from an act, in plain words: what doctors can see then, and what it may cost. */
export interface ConsentEffects {
  readonly consentedZh: string;
  readonly deniedZh: string;
  readonly withdrawnZh: string;
}

/** Content of list kind `consent-wording`: the words of consent. An act keeps code and version of the list it was read from. */
export interface ConsentWording {
  readonly titleZh: string;
  readonly treatment: ConsentText;
  /** A separate act for each restricted class (PIPL art. 29). `{class}` is the class in words. */
  readonly restricted: ConsentText;
  /** What the doctor says at the desk. */
  readonly spokenZh: string;
  readonly effects: ConsentEffects;
  /**
   * The same of an act about one hospital's results: `{hospital}` is that hospital, `{reader}` whose doctors are meant.
   * Without it the general effects are told beside the scope.
   */
  readonly hospitalEffects?: ConsentEffects;
  /** The same of an act about one restricted class, `{class}` in words. */
  readonly classEffects?: ConsentEffects;
  /** What is left to be filled in by hand on paper. */
  readonly signatureZh: readonly string[];
}
