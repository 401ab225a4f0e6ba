import { useTranslation } from 'react-i18next';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { keyOf, type MarkedImage } from './key-images.ts';
import type { KeyImages } from './use-key-images.ts';

/** The pictures that the reader marked, each a way back to it; and the way through all key images, the sender's too. */
export const KeyImageList = ({
  marked,
  kept,
  studies,
  onGo,
  onNext,
}: {
  readonly marked: readonly MarkedImage[];
  readonly kept: KeyImages['kept'];
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
      {kept === 'failed' ? (
        <p role="alert">{t('标记未能保存，只在本页有效。')}</p>
      ) : (
        <p className="soft" hidden={marked.length === 0}>
          {kept === 'with-study'
            ? t('标记随检查保存，只有您自己看得到；要让别人看到，请写入会诊意见。')
            : t('标记只在本页有效，不会保存。')}
        </p>
      )}
    </section>
  );
};
