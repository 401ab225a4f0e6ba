import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { KeyImages } from '../../../web/wire/key-image.ts';
import type { OwnStudies } from '../../../web/wire/own-data.ts';
import type { ViewedStudy } from '../../../web/wire/viewed-study.ts';
import type { CallOrigin, PatientActor, StaffActor } from '../flows-port.ts';

/**
 * Opens original images for people. Opening is the disclosure: rights, consent and the row of the access log are here, once
 * for a study; the pictures that follow are part of what was opened.
 */
export interface StudyViewing {
  /**
   * One study with the report beside it.
   *
   * @param person for whom a patient asks, where not for themselves
   * @returns STUDY_UNKNOWN where there is none, or none for this reader
   */
  open(
    reader: StaffActor | PatientActor,
    study: PublicId,
    person: PublicId | undefined,
    origin: CallOrigin,
  ): Promise<Result<ViewedStudy, Fault>>;
  /**
   * Keeps the pictures that a reader marked in the place of those that were kept; what is of no series of the study is left out.
   *
   * @returns what is kept; STUDY_UNKNOWN where there is no such study, or none for this reader
   */
  mark(
    reader: StaffActor | PatientActor,
    study: PublicId,
    marked: KeyImages,
    origin: CallOrigin,
  ): Promise<Result<KeyImages, Fault>>;
  /**
   * Studies of a patient, or of a person the patient acts for, beside which no report lies.
   *
   * @throws PERSON_NOT_FOUND
   */
  unreported(reader: PatientActor, person: PublicId | undefined, origin: CallOrigin): Promise<OwnStudies>;
  /** The study that a report is about. @returns STUDY_UNKNOWN where there is none, or none for this reader */
  ofReport(reader: StaffActor | PatientActor, report: PublicId): Promise<Result<PublicId, Fault>>;
}
