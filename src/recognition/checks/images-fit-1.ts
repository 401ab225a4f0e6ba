import { defineCheck, found, type ZoneFacts } from './check.ts';

/**
 * Are the images there and fit, where the item is an examination with images? Still uploading (影像上传中) is not the
 * same as missing (影像缺失): it leaves the question open. As version 1 of the evaluator asked, before headers were read.
 */
export const imagesFit1 = defineCheck({
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
    // Images that are there and wrong count against the result even where nobody asks for images.
    const asked = listed.row.imagesRequired;
    switch (candidate.images) {
      case 'present':
        return found('images-present', undefined, citation);
      case 'incomplete':
        return found('images-incomplete', undefined, citation);
      case 'unfit':
        return found('images-unfit', undefined, citation);
      case 'absent':
        return found(asked ? 'images-absent' : 'images-not-asked', undefined, citation);
      case 'uploading':
        return found(asked ? 'images-uploading' : 'images-not-asked', undefined, citation);
      case 'unknown':
        return found(asked ? 'images-unknown' : 'images-not-asked', undefined, citation);
      case 'not-applicable':
        return asked && defined.item.category.startsWith('img-')
          ? found('images-unknown', undefined, citation)
          : found('images-not-asked', undefined, citation);
    }
  },
});
