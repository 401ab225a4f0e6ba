import Button from 'antd-mobile/es/components/button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseTextSize, storedTextSize, type TextSize } from './text-size.ts';

const listeners = new Set<(size: TextSize) => void>();

/** The size chosen on this phone, and how to choose another; every place that shows it follows. */
export const useTextSize = (): readonly [TextSize, (size: TextSize) => void] => {
  const [size, setSize] = useState(() => {
    listeners.add((next) => setSize(next));
    return storedTextSize();
  });
  return [
    size,
    (next) => {
      chooseTextSize(next);
      for (const tell of listeners) tell(next);
    },
  ];
};

/** The entry named 长辈版 in the header of every screen; one tap there, one tap back. */
export const TextSizeEntry = () => {
  const { t } = useTranslation();
  const [size, choose] = useTextSize();
  const isElder = size !== 'standard';
  return (
    <Button size="small" aria-pressed={isElder} onClick={() => choose(isElder ? 'standard' : 'larger')}>
      {isElder ? t('标准版') : t('长辈版')}
    </Button>
  );
};
