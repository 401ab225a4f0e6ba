import { Button, Modal } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isTyping } from './keys.ts';

/** The help sheet of keys, opened by `?`. */
export const KeySheet = () => {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key === '?' && !isTyping(event)) setOpen(true);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  const keys: readonly (readonly [string, string])[] = [
    ['/', t('找项目（拼音首字母、代码、中文）')],
    ['↑ ↓ ← →', t('在结果之间移动，越过边缘翻到下一组就诊')],
    ['Enter', t('打开趋势图')],
    ['V', t('看原报告')],
    ['A', t('只看异常')],
    ['O', t('只看本次申请的项目')],
    ['Esc', t('关闭')],
    ['?', t('本页按键')],
  ];
  return (
    <>
      <Button type="text" size="small" onClick={() => setOpen(true)}>
        {t('按键')} (?)
      </Button>
      <Modal open={isOpen} onCancel={() => setOpen(false)} footer={null} title={t('本页按键')}>
        <dl className="keys">
          {keys.map(([key, meaning]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </Modal>
    </>
  );
};
