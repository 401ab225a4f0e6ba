import { defineFaults, raiser } from '../../kernel/fault.ts';

/** Faults of DICOMweb. */
export const DICOM_WEB_FAULTS = defineFaults({
  SEARCH_INVALID: {
    status: 400,
    zh: '检索条件不符合 DICOMweb（PS3.18）的写法。',
    en: 'The search does not follow DICOMweb (PS3.18).',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    zh: '请求的媒体类型（Accept）无法提供。',
    en: 'None of the media types that were asked for (Accept) can be given.',
  },
  STORE_TYPE_UNSUPPORTED: {
    status: 415,
    zh: '存入影像只接收 multipart/related; type="application/dicom"（完整的 DICOM 文件）；不接收分开传送的元数据和像素（application/dicom+json、application/dicom+xml）。',
    en: 'Only multipart/related; type="application/dicom" is stored, whole DICOM files; metadata and bulk data in parts of their own (application/dicom+json, application/dicom+xml) are not.',
  },
  MULTIPART_INVALID: {
    status: 400,
    zh: '请求体不是完整的 multipart/related：分隔符错误、缺失或提前结束。',
    en: 'The body is no complete multipart/related: its boundary is wrong or missing, or it ends too early.',
  },
});

/** Makes a fault of this folder. */
export const dicomWebFault = raiser(DICOM_WEB_FAULTS);
