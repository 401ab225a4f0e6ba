/** DICOMweb address of a series, without a slash at the end. */
export const seriesAddress = (
  study: { readonly root: string; readonly studyUid: string },
  seriesUid: string,
): string => `${study.root}/studies/${study.studyUid}/series/${seriesUid}`;

/** Address by which the loader knows a frame. */
export const frameAddress = (
  study: { readonly root: string; readonly studyUid: string },
  image: { readonly seriesUid: string; readonly sopInstanceUid: string; readonly frame: number },
): string =>
  `wadors:${seriesAddress(study, image.seriesUid)}/instances/${image.sopInstanceUid}/frames/${image.frame}`;

/** Whether a study was opened by a pass, without a session. */
export const isByPass = ({ root }: { readonly root: string }): boolean => root !== '/dicom-web';

/** Address of what is known of a study: that of a session, or of the pass by which it was opened. */
export const studyAddress = (study: { readonly id: string; readonly root: string }): string =>
  isByPass(study) ? `${study.root}/study` : `/api/studies/${study.id}`;

/** A study whose series may say in which version they are shown. */
interface VersionedStudy {
  readonly root: string;
  readonly studyUid: string;
  readonly series?: readonly { readonly seriesUid: string; readonly version: string | null }[];
}

/** An address within a series that names its version, so that what the browser keeps under it is never another content. */
const versioned = ({ series }: VersionedStudy, seriesUid: string, address: string): string => {
  const version = series?.find((each) => each.seriesUid === seriesUid)?.version;
  return version ? `${address}${address.includes('?') ? '&' : '?'}version=${version}` : address;
};

/** Address of a small picture of a series, drawn by the server. */
export const thumbnailAddress = (study: VersionedStudy, seriesUid: string): string =>
  versioned(study, seriesUid, `${seriesAddress(study, seriesUid)}/thumbnail`);

/**
 * Address of the series' key picture, drawn by the server: shown as 预览 until the real pixels are there. It says what it takes
 * (PS3.18 §8.3.3.1), for browsers ask for pictures in different forms, and one form alone was drawn ahead.
 */
export const previewAddress = (study: VersionedStudy, seriesUid: string): string =>
  versioned(
    study,
    seriesUid,
    `${seriesAddress(study, seriesUid)}/rendered?viewport=512,512&accept=image/jpeg`,
  );

/** Address of the video that an instance holds: a `<video>` element cannot say in a header what it takes. */
export const videoAddress = (
  study: { readonly root: string; readonly studyUid: string },
  seriesUid: string,
  sopInstanceUid: string,
): string => `${seriesAddress(study, seriesUid)}/instances/${sopInstanceUid}/rendered?accept=video/mp4`;

/**
 * How frames are asked for: of the view copy where it is ready (a third of the bytes, decoded in some milliseconds), else as
 * they are stored. Either way alone, not in a part of a body that must be searched for its end.
 */
export const FRAME_ACCEPT =
  'image/jphc; transfer-syntax=1.2.840.10008.1.2.4.202, application/octet-stream; transfer-syntax=*; q=0.5';

/** Address of a frame that says by itself how it is asked for, so that a page can name it to the browser. */
export const namedFrameAddress = (
  study: VersionedStudy,
  image: { readonly seriesUid: string; readonly sopInstanceUid: string; readonly frame: number },
): string =>
  versioned(
    study,
    image.seriesUid,
    `${frameAddress(study, image).slice('wadors:'.length)}?accept=${encodeURIComponent(FRAME_ACCEPT)}`,
  );
