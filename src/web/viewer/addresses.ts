/** DICOMweb address of a series, without a slash at the end. */
export const seriesAddress = (
  study: { readonly root: string; readonly studyUid: string },
  seriesUid: string,
): string => `${study.root}/studies/${study.studyUid}/series/${seriesUid}`;

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
