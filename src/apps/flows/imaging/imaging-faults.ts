import { defineFaults, raiser } from '../../../kernel/fault.ts';

/** Faults of images. */
export const IMAGING_FAULTS = defineFaults({
  IMAGING_INSTITUTION_UNKNOWN: {
    status: 404,
    zh: '机构目录中没有该机构，影像未接收。',
    en: 'No published directory names this institution; the image was not received.',
  },
  INSTANCE_TOO_LARGE: {
    status: 413,
    zh: '单个影像对象超过 4 GB，未接收。',
    en: 'The instance is larger than 4 GB and was not received.',
  },
  STUDY_UNKNOWN: {
    status: 404,
    zh: '找不到该检查的影像，或无权查看。',
    en: 'There is no such study, or not for you.',
  },
});

/** Makes a fault of this folder. */
export const imagingFault = raiser(IMAGING_FAULTS);
