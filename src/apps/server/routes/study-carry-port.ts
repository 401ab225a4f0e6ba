import type { PublicId } from '../../../kernel/uuid.ts';
import type { CarriedStudy } from '../../../web/wire/carried-study.ts';
import type { CallOrigin, PatientActor, StaffActor } from '../flows-port.ts';

/** What of a study is taken along, and how. */
export interface CarryWish {
  /** `dicom`: a file set with its DICOMDIR; `pictures`: JPEG of what is in it. */
  readonly form: 'dicom' | 'pictures';
  /** For pictures: those that a doctor of the institution marked, or all. */
  readonly only: 'key-images' | 'all';
  /** Whether headers say of the patient what they said when they came, or what the person index says now. */
  readonly patientModule: 'stored' | 'current';
}

/** An archive that is made while it is sent. */
export interface CarriedArchive {
  /** ASCII; names nobody. */
  readonly fileName: string;
  readonly pieces: AsyncIterable<Uint8Array>;
  /** In bytes, where it is known before. */
  readonly length: number | null;
  /** Whether any header in it differs from the stored one. */
  readonly isCorrected: boolean;
}

/**
 * Takes a study along: 云胶片. Each archive is a disclosure of its own, with its row of the access log before the first byte.
 *
 * @typeParam Reader who asks: somebody signed in, or the holder of a pass
 */
export interface StudyCarrying<Reader, Study> {
  /** What can be taken along, for the page that offers it. @throws STUDY_UNKNOWN, also for one that is not for this reader */
  offer(reader: Reader, study: Study): Promise<CarriedStudy>;
  /** @throws STUDY_UNKNOWN, KEY_IMAGES_NONE, HEADER_NOT_CORRECTED */
  carry(reader: Reader, study: Study, wish: CarryWish): Promise<CarriedArchive>;
}

/** Somebody signed in, and where the call comes from. */
export interface CarryingReader {
  readonly actor: StaffActor | PatientActor;
  readonly origin: CallOrigin;
}

/** Taking along for whoever is signed in: patients their own, staff what they may see. */
export type SignedInCarrying = StudyCarrying<CarryingReader, PublicId>;
