/** A study as the page describes it from which it is taken along. */
export interface CarriedStudy {
  readonly institutionZh: string;
  readonly description: string;
  /** As the institution stated it, `2026-11-25 09:30`. */
  readonly studiedAt: string | null;
  readonly instances: number;
  readonly bytes: number;
  /** False where there are only waveforms or documents. */
  readonly hasPictures: boolean;
  readonly hasKeyImages: boolean;
  /** Whether more images are still to come (上传中). */
  readonly isReceiving: boolean;
  /** Whether headers say something else of the patient than the person index does. */
  readonly needsCorrection: boolean;
  readonly drill: boolean;
}
