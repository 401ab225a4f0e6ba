import { defineCheck, found, type ZoneFacts } from './check.ts';

/**
 * Are the images there and fit, where the item is an examination with images? Still uploading (影像上传中) is not the
 * same as missing (影像缺失): it leaves the question open.
 */
export const imagesFit = defineCheck({
  code: 'images-fit',
  findings: {
    'images-present': 'pass',
    'images-not-asked': 'pass',
    'images-uploading': 'unknown',
    'images-unknown': 'unknown',
    'images-absent': 'fail',
    'images-incomplete': 'fail',
    'images-unfit': 'fail',
  },
  look: ({ candidate, defined, listed }: ZoneFacts) => {
    const { citation } = listed;
    switch (candidate.images) {
      case 'present':
        return found('images-present', undefined, citation);
      case 'incomplete':
        return found('images-incomplete', undefined, citation);
      case 'unfit':
        return found('images-unfit', undefined, citation);
    }
    if (!listed.row.imagesRequired) return found('images-not-asked', undefined, citation);
    switch (candidate.images) {
      case 'absent':
        return found('images-absent', undefined, citation);
      case 'uploading':
        return found('images-uploading', undefined, citation);
      case 'unknown':
        return found('images-unknown', undefined, citation);
      case 'not-applicable':
        return defined.item.category.startsWith('img-')
          ? found('images-unknown', undefined, citation)
          : found('images-not-asked', undefined, citation);
    }
  },
});
