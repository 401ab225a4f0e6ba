import { useTranslation } from 'react-i18next';
import { imageDetails } from '../image-detail-words.ts';
import type { ImagesAnswer } from '../wire/order-check-answer.ts';

/** What headers state of the images, study by study; nothing where none were read. */
export const ImageDetails = ({ images }: { readonly images: Pick<ImagesAnswer, 'studies'> | null }) => {
  const { t } = useTranslation();
  const studies = images?.studies ?? [];
  return studies.map((study) => (
    <dl key={JSON.stringify(study)} className="image-details" aria-label={t('影像参数')}>
      {imageDetails(study, (text, values) => t(text, { ...values })).map(({ label, text }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  ));
};
