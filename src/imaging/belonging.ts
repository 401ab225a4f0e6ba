/**
 * Why a study cannot be given to a person without somebody's eye. It then has a record of its own in the person index, and
 * nobody is shown it as anybody else's images.
 * - no-patient-id: the header has no patient number.
 * - patient-contradicts: by name, birth date or sex the header plainly speaks of somebody else than the number's holder.
 * - number-of-another-institution: the header says that another institution than the sender issued the number, and nothing
 *   else in it says the same: whoever sends must not make another institution's patients.
 * - number-of-two-people: the number stands for different people in the institution's number spaces.
 * - report-of-another-person: a report whose number is the accession number, or that states the study's UID, is of another person
 *   than the patient number's.
 * - not-this-patient: somebody of its institution said so of the person under whose number it had been placed.
 * - two-patients: instances of the study state different patients. Those of the first are his; the others wait, hidden.
 */
export type MatchReason =
  | 'no-patient-id'
  | 'patient-contradicts'
  | 'number-of-another-institution'
  | 'number-of-two-people'
  | 'report-of-another-person'
  | 'not-this-patient'
  | 'two-patients';

/** What the person index and the reports say about a study that came in. Persons are internal keys. */
export interface BelongingFacts {
  readonly hasPatientId: boolean;
  /** Holders of the patient number in the institution's number spaces, one for each cluster. */
  readonly holders: readonly string[];
  /** Whether what the header says beside the number is of somebody else than its one holder. */
  readonly isContradicted: boolean;
  /** Whether another institution than the sender is named as the issuer of the number. */
  readonly isIssuedElsewhere: boolean;
  /** Whether name and birth date of the header are those of the number's one holder. */
  readonly isCorroborated: boolean;
  /** Persons of the reports that speak of the study: by its accession number, or by its UID. */
  readonly reportHolders: readonly string[];
  /** Whether each of them and the holder of the number are one. */
  readonly isSamePerson: boolean;
}

/** To whom a study is given: the holder of its patient number (or a new record under it), or nobody for now. */
export type Belonging =
  | { readonly kind: 'by-number' }
  | { readonly kind: 'apart'; readonly reason: MatchReason; readonly candidates: readonly string[] };

/** Decides it: by number and report, never by name. A name can only stand against it. */
export const belongingOf = (facts: BelongingFacts): Belonging => {
  const { hasPatientId, holders, isContradicted, reportHolders, isSamePerson } = facts;
  const isUnproven = facts.isIssuedElsewhere && !facts.isCorroborated;
  const candidates = [...new Set([...holders, ...reportHolders])];
  const apart = (reason: MatchReason): Belonging => ({ kind: 'apart', reason, candidates });
  if (!hasPatientId) return apart('no-patient-id');
  if (holders.length > 1) return apart('number-of-two-people');
  if (isContradicted) return apart('patient-contradicts');
  if (isUnproven) return apart('number-of-another-institution');
  if (reportHolders.length > 0 && !isSamePerson) return apart('report-of-another-person');
  return { kind: 'by-number' };
};
