import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ViewedSeries, ViewedStudy } from '../wire/viewed-study.ts';
import { previewAddress, thumbnailAddress } from './addresses.ts';

/**
 * What stands where pictures will be: the series' key picture, drawn by the server. Of a study in the far tier nothing can be drawn
 * yet; the small picture that stands for a series stays near.
 */
export const Preview = ({
  study,
  series: { seriesUid },
}: {
  readonly study: ViewedStudy;
  readonly series: ViewedSeries;
}) => {
  const { t } = useTranslation();
  const addresses = [previewAddress(study, seriesUid), thumbnailAddress(study, seriesUid)];
  const [tried, setTried] = useState(0);
  const address = addresses[tried];
  return (
    <div className="preview">
      {address !== undefined && (
        <img key={address} src={address} alt={t('预览图像')} onError={() => setTried((n) => n + 1)} />
      )}
      <p role="status">
        <b>{t('预览')}</b>　{t('正在载入原始图像…')}
      </p>
    </div>
  );
};
