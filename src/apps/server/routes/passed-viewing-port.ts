import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { ViewedStudy } from '../../../web/wire/viewed-study.ts';
import type { CallOrigin, ClientActor, LaunchedActor } from '../flows-port.ts';
import type { DicomWebRetrieval } from './dicom-web-port.ts';
import type { StudyCarrying } from './study-carry-port.ts';

/** The study that an invocation of the viewer names (IHE IID, RAD-106): by its UID, or by its accession number. */
export interface InvokedStudy {
  readonly studyUid: string | undefined;
  readonly accession: string | undefined;
}

/** Whoever holds a pass. Nobody is signed in: the pass is all that is known. */
export interface PassHolder {
  readonly pass: string;
  readonly origin: CallOrigin;
}

/**
 * Images for those who have no session: whoever a patient shows a report to, a doctor in a card, a doctor whom a client's
 * system sends. A door gives a pass to one study; its address is then the whole of what the browser has to bring.
 */
export interface PassedViewing {
  /**
   * A pass to the images that a share shows: of its report, or of its study.
   *
   * @returns null where there are none that may be shown
   */
  forShare(shareToken: string): Promise<string | null>;
  /** A pass for a doctor in a card to the images of a report that the card shows. @returns STUDY_UNKNOWN */
  forCard(actor: LaunchedActor, report: PublicId): Promise<Result<string, Fault>>;
  /** A pass for a doctor whom a client's system sends. @returns STUDY_UNKNOWN, STUDY_OF_TWO_PEOPLE */
  forClient(
    actor: ClientActor,
    doctor: { readonly staffNumber: string; readonly department: string | null },
    wanted: InvokedStudy,
  ): Promise<Result<string, Fault>>;
  /** The study of a pass; the first time leaves a row in the access log. @returns STUDY_UNKNOWN, also for a pass that ended */
  open(pass: string, origin: CallOrigin): Promise<Result<ViewedStudy, Fault>>;
  readonly images: Omit<DicomWebRetrieval<PassHolder>, 'bulkData' | 'pictures'>;
  /** Downloads, where the patient who shares allows them; to everybody else there is no such study. */
  readonly carrying: StudyCarrying<PassHolder, null>;
}
