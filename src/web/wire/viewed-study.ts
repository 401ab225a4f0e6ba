import { z } from 'zod';
import { keyImageShape } from './key-image.ts';
import { imagesShape, personSummaryShape, reportAnswerShape } from './order-check-answer.ts';
import { momentShape, publicIdShape } from './order-check-request.ts';

/** Who looks: the words for a patient and for a stranger who holds a code differ from those for staff. */
const audienceShape = z.enum(['staff', 'patient', 'guest']);

const uidShape = z.string().regex(/^[0-9.]{1,64}$/);

const viewedSeriesShape = z.strictObject({
  seriesUid: uidShape,
  number: z.int().nullable(),
  /** As the device states it (`CT`, `MR`, `ECG` …); null where it states none. */
  modality: z.string().nullable(),
  description: z.string().nullable(),
  bodyPart: z.string().nullable(),
  laterality: z.string().nullable(),
  instances: z.int(),
  /** Of its content, for the addresses of its images; null while it is open. */
  version: z.string().nullable(),
});

const studyInstitutionShape = z.strictObject({ nameZh: z.string(), nameEn: z.string(), own: z.boolean() });

/** Another study of the same person that the reader may open beside this one. Opening it is a disclosure of its own. */
const priorStudyShape = z.strictObject({
  id: publicIdShape,
  institution: studyInstitutionShape,
  studiedAt: z.string().nullable(),
  modalities: z.array(z.string()),
  description: z.string().nullable(),
  /** Of the same modality and part of the body: offered first. */
  comparable: z.boolean(),
});

/**
 * Answer of `GET /api/studies/{id}` and the data of the viewer's page: one study as it was opened for one reader, with
 * the report beside it. The images themselves are read at `root` by DICOMweb.
 */
export const viewedStudyShape = z.strictObject({
  id: publicIdShape,
  studyUid: uidShape,
  /** Where its DICOMweb resources are, without a slash at the end. */
  root: z.string(),
  audience: audienceShape,
  /** Null where the reader is not to know whose images these are. */
  patient: personSummaryShape.nullable(),
  institution: studyInstitutionShape,
  /** Local time of the examination as its institution stated it, `2026-11-25 09:30`; null where not stated. */
  studiedAt: z.string().nullable(),
  description: z.string().nullable(),
  modalities: z.array(z.string()),
  ...imagesShape.shape,
  /** How many images of the far tier are near again (正在从远端调回 n/m), and the series that is last; null where all were near. */
  recall: z.strictObject({ done: z.int(), total: z.int(), lastSeriesUid: uidShape }).nullable(),
  series: z.array(viewedSeriesShape),
  /**
   * The picture with which the first series opens, by the header of its instance in the DICOM JSON model, so that it need not wait
   * for all headers; null where the viewer finds it by itself.
   */
  opening: z.strictObject({ seriesUid: uidShape, header: z.record(z.string(), z.unknown()) }).nullable(),
  /** What this reader marked, the earliest first; null where marks are not kept, because the reader has no account. */
  keyImages: z.array(keyImageShape).nullable(),
  report: reportAnswerShape.nullable(),
  /** Where the report stands as a page of its own; null where the reader has none. */
  reportHref: z.string().nullable(),
  /** Page from which it is downloaded; null where the reader may only look. */
  downloadHref: z.string().nullable(),
  priors: z.array(priorStudyShape),
  /** Who looks, for what and when: written across every screen with images. */
  watermark: z.strictObject({ viewer: z.string(), purpose: z.string(), at: momentShape }),
  drill: z.boolean(),
});

/** A study as it was opened for one reader. */
export type ViewedStudy = z.output<typeof viewedStudyShape>;
/** One series of it. */
export type ViewedSeries = ViewedStudy['series'][number];
/** Another study that may be opened beside it. */
export type PriorStudy = ViewedStudy['priors'][number];
