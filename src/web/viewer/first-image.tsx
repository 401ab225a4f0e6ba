import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { drawFirst, type FirstPicture } from './first-picture.ts';

/** The picture that a series opens with, in its original pixels, until the tools are there to draw it. */
export const FirstImage = ({ picture }: { readonly picture: FirstPicture }) => {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current ? drawFirst(canvas.current, picture) : undefined), [picture]);
  return (
    <div className="preview">
      <canvas ref={canvas} role="img" aria-label={t('原始图像')} />
      <p role="status">
        <b>{t('原始图像')}</b>　{t('正在载入阅片工具…')}
      </p>
    </div>
  );
};
