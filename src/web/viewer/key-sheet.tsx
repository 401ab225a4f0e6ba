import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

/** The sheet of keys, opened by `?`. */
export const KeySheet = ({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) => {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const keys: readonly (readonly [string, string])[] = [
    ['↑ ↓', t('上一幅、下一幅')],
    ['PgUp PgDn', t('前后十幅')],
    ['Home End', t('第一幅、最后一幅')],
    ['[ ]', t('上一个、下一个序列')],
    ['1 … 9', t('窗宽窗位预设')],
    ['S W P Z', t('翻阅、调窗、移动、缩放')],
    ['L A R C', t('测长、测角、区域、单点')],
    ['I H V', t('反相、左右翻转、上下翻转')],
    ['+ −', t('放大、缩小')],
    ['0', t('恢复原样')],
    ['M', t('标记关键图像、取消标记')],
    ['K', t('下一幅关键图像')],
    ['B', t('联动翻阅开关')],
    [t('空格'), t('播放、停止')],
    ['?', t('本页按键')],
  ];
  return (
    <dialog ref={dialog} className="keys" aria-labelledby="keys-title" onClose={onClose}>
      <h2 id="keys-title">{t('本页按键')}</h2>
      <p>{t('滚轮翻阅，中键移动，右键缩放，左键做所选的工具；触屏单指做所选的工具，双指缩放移动。')}</p>
      <dl>
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={onClose}>
        {t('关闭')}
      </button>
    </dialog>
  );
};
