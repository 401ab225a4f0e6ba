import type { InstitutionCode } from '../organisation/index.ts';
import type { CareBasis } from './care.ts';
import type { Grant } from './policy.ts';

/** Who asks, as far as reach decides. */
export interface Asker {
  /** null for those who belong to no institution: regulators, operators, patients. */
  readonly institution: InstitutionCode | null;
  /** Public id of the one order check that a launched doctor was let into; null for everybody else. */
  readonly check: string | null;
  /** Public ids of the persons whose own data this is: a patient, and those the patient acts for. */
  readonly persons: readonly string[];
}

/**
 * What is asked for, as far as reach decides.
 * - record: what an institution made, received or asked for; `check` where it belongs to one order check.
 * - care: the data of a person, of whichever institution; `basis` says by which encounter or order the asker treats this
 *   person, null when by none that is known.
 * - own: the data of a person, asked for by that person or whoever acts for them.
 * - technical: how an institution's interface works: senders, counts, codes, the form of a message without its content.
 * - counts: numbers in which nobody is identified.
 * - case: what an opened case names; `isOpen` says whether it is open to this asker now.
 */
export type Subject =
  | { readonly kind: 'record'; readonly institution: InstitutionCode | null; readonly check: string | null }
  | { readonly kind: 'care'; readonly basis: CareBasis | null }
  | { readonly kind: 'own'; readonly person: string }
  | { readonly kind: 'technical'; readonly institution: InstitutionCode | null }
  | { readonly kind: 'counts'; readonly institution: InstitutionCode | null }
  | { readonly kind: 'case'; readonly isOpen: boolean };

const isOwnInstitution = (asker: Asker, institution: InstitutionCode | null): boolean =>
  institution !== null && institution === asker.institution;

/**
 * Whether a grant reaches what is asked for: the one place that decides it. Default deny: a kind of subject that a reach
 * does not name is out of it.
 */
export const reaches = ({ reach }: Pick<Grant, 'reach'>, asker: Asker, subject: Subject): boolean => {
  switch (reach) {
    case 'own-session':
      return false;
    case 'own-check':
      // The card leads to nobody but the person of its check, whom that order makes the institution's patient.
      if (subject.kind === 'care') return subject.basis === 'order' && asker.check !== null;
      return (
        subject.kind === 'record' &&
        subject.check !== null &&
        subject.check === asker.check &&
        isOwnInstitution(asker, subject.institution)
      );
    case 'own-institution':
      return (
        (subject.kind === 'record' || subject.kind === 'technical' || subject.kind === 'counts') &&
        isOwnInstitution(asker, subject.institution)
      );
    case 'patient-in-care':
      return (
        (subject.kind === 'care' && subject.basis !== null && asker.institution !== null) ||
        (subject.kind === 'record' && isOwnInstitution(asker, subject.institution))
      );
    case 'self':
      return subject.kind === 'own' && asker.persons.includes(subject.person);
    case 'opened-case':
      return subject.kind === 'case' && subject.isOpen;
    case 'counts':
      return subject.kind === 'counts';
    case 'platform':
      return subject.kind === 'technical' || subject.kind === 'counts';
  }
};
