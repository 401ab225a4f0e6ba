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

/** Address of what is known of a study: that of a session, or of the pass by which it was opened. */
export const studyAddress = (study: { readonly id: string; readonly root: string }): string =>
  study.root === '/dicom-web' ? `/api/studies/${study.id}` : `${study.root}/study`;

/** Address of a small picture of a series, drawn by the server. */
export const thumbnailAddress = (
  study: { readonly root: string; readonly studyUid: string },
  seriesUid: string,
): string => `${seriesAddress(study, seriesUid)}/thumbnail`;

/** Address of the series' key picture, drawn by the server: shown as 预览 until the real pixels are there. */
export const previewAddress = (
  study: { readonly root: string; readonly studyUid: string },
  seriesUid: string,
): string => `${seriesAddress(study, seriesUid)}/rendered?viewport=512,512`;
