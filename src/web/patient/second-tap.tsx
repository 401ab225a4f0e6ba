import Button from 'antd-mobile/es/components/button';
import { useTranslation } from 'react-i18next';
import type { OwnResults } from '../wire/own-data.ts';
import { useRestricted } from './own.tsx';

/** Results of restricted classes are not even on the phone until they are asked for. */
export const SecondTap = ({ restricted }: { readonly restricted: OwnResults['restricted'] }) => {
  const { t } = useTranslation();
  const [, ask] = useRestricted();
  if (restricted === 'none') return null;
  return (
    <section className="card quiet">
      {restricted === 'hidden' ? (
        <>
          <p>{t('有些敏感项目没有显示，以免旁人看到。')}</p>
          <Button onClick={() => ask(true)}>{t('显示敏感项目')}</Button>
        </>
      ) : (
        <>
          <p>{t('正在显示敏感项目，这次查看已记入访问记录。')}</p>
          <Button onClick={() => ask(false)}>{t('不再显示')}</Button>
        </>
      )}
    </section>
  );
};
