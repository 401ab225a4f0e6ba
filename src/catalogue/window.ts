/**
 * The reference window of an item (参考时限): for how long after collection or examination a result may stand in.
 * Hours run on the clock; civil days are calendar days in the named zone (0 = the same day).
 */
export type ReferenceWindow =
  | { readonly unit: 'hours'; readonly n: number }
  | { readonly unit: 'civilDays'; readonly n: number; readonly zone: string };

/** What must not have happened to the patient since collection for the window to hold (兵团: 未经医学干预). */
export type InterventionKind = 'transfusion' | 'infusion' | 'antibiotic' | 'surgery' | 'chemotherapy' | 'contrast' | 'any-treatment';
