import { useTranslation } from 'react-i18next';
import type { ImagesAnswer } from '../wire/order-check-answer.ts';
import { hasOpenable, imagesSentence } from '../words.ts';

/**
 * How far the original images of a report have come, and the way to them. Where none are known it says so: a way that
 * leads nowhere would look like a failure.
 */
export const ReportImages = ({
  images,
  href,
  of,
  window,
}: {
  readonly images: ImagesAnswer | null;
  readonly href: string;
  /** What the report is about, for those who hear the link by itself. */
  readonly of: string;
  /** `new`: the screen that is left is still needed beside them. */
  readonly window: 'same' | 'new';
}) => {
  const { t } = useTranslation();
  return (
    <span className="report-images">
      {images !== null && hasOpenable(images) && !images.closed && (
        <a
          className="button"
          href={href}
          {...(window === 'new' ? { target: '_blank', rel: 'noreferrer' } : {})}
        >
          {t('看影像')}
          <span className="unseen">：{of}</span>
        </a>
      )}{' '}
      <span className={images === null || images.state === 'complete' ? 'sub' : 'on-the-way'}>
        {images === null
          ? t('未收到影像')
          : t(imagesSentence(images), { n: images.received, m: images.announced })}
      </span>
    </span>
  );
};
