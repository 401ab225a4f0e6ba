import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type FirstPicture, settleFirst } from './first-picture.ts';

/** The picture that a series opens with, in its original pixels, until the tools are there to draw it. */
export const FirstImage = ({ picture }: { readonly picture: FirstPicture }) => {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, rgba } = picture;
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
    const frame = requestAnimationFrame(() => {
      performance.mark('first-pixels');
      settleFirst();
    });
    return () => cancelAnimationFrame(frame);
  }, [rgba, width, height]);
  return (
    <div className="preview">
      <canvas ref={canvas} width={width} height={height} role="img" aria-label={t('原始图像')} />
      <p role="status">
        <b>{t('原始图像')}</b>　{t('正在载入阅片工具…')}
      </p>
    </div>
  );
};
