import { useTranslation } from 'react-i18next';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { keyOf, type MarkedImage } from './key-images.ts';

/** The pictures that the reader marked, each a way back to it; and the way through all key images, the sender's too. */
export const KeyImageList = ({
  marked,
  studies,
  onGo,
  onNext,
}: {
  readonly marked: readonly MarkedImage[];
  readonly studies: readonly ViewedStudy[];
  readonly onGo: (image: MarkedImage) => void;
  /** Null where there is no key image. */
  readonly onNext: (() => void) | null;
}) => {
  const { t } = useTranslation();
  if (onNext === null) return null;
  return (
    <section className="strip key-images" aria-label={t('关键图像')}>
      <h2>{t('关键图像')}</h2>
      <ul>
        <li>
          <button type="button" onClick={onNext}>
            {t('下一幅关键图像')} <kbd>K</kbd>
          </button>
        </li>
        {marked.map((image) => {
          const study = studies.find(({ id }) => id === image.study);
          const series = study?.series.find(({ seriesUid }) => seriesUid === image.seriesUid);
          return (
            <li key={keyOf(image)}>
              <button type="button" onClick={() => onGo(image)}>
                ★ {series?.description ?? series?.modality ?? t('未命名序列')}{' '}
                {t('图号 {n}', { n: image.number ?? '—' })}
              </button>
            </li>
          );
        })}
      </ul>
      <p className="soft" hidden={marked.length === 0}>
        {t('标记只存在本机浏览器；要让别人看到，请写入会诊意见。')}
      </p>
    </section>
  );
};
