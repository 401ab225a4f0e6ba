import { Link } from '@tanstack/react-router';
import Button from 'antd-mobile/es/components/button';
import { useTranslation } from 'react-i18next';
import { chooseLanguage } from '../kit/language.ts';
import { useAccount } from './own.tsx';
import { TEXT_SIZES, type TextSize } from './text-size.ts';
import { useTextSize } from './text-size-choice.tsx';

const SIZE_WORDS: Readonly<Record<TextSize, string>> = {
  standard: '标准版',
  large: '长辈版 · 大字',
  larger: '长辈版 · 特大字',
  largest: '长辈版 · 最大字',
};

const SizeChoice = () => {
  const { t } = useTranslation();
  const [size, choose] = useTextSize();
  return (
    <fieldset className="card">
      <legend>{t('字的大小')}</legend>
      {TEXT_SIZES.map((each) => (
        <label key={each}>
          <input type="radio" name="text-size" checked={each === size} onChange={() => choose(each)} />
          {t(SIZE_WORDS[each])}
        </label>
      ))}
    </fieldset>
  );
};

/** Everything that is not a result. */
export const MorePage = () => {
  const { t, i18n } = useTranslation();
  const { formToken } = useAccount();
  const other = i18n.language === 'en' ? 'zh-CN' : 'en';
  return (
    <>
      <h1>{t('更多')}</h1>
      <ul className="plain menu">
        <li>
          <Link to="/me/consent">{t('授权管理')}</Link>
        </li>
        <li>
          <Link to="/me/code">{t('输入授权码')}</Link>
        </li>
        <li>
          <Link to="/me/access-log">{t('谁看过我的结果')}</Link>
        </li>
        <li>
          <Link to="/me/feedback" search={{}}>
            {t('我的反馈')}
          </Link>
        </li>
        <li>
          <Link to="/me/family">{t('代办')}</Link>
        </li>
        <li>
          <Link to="/me/shares">{t('我的分享')}</Link>
        </li>
        <li>
          <a href="/account">{t('我的账户')}</a>
        </li>
      </ul>
      <SizeChoice />
      <p className="acts">
        <Button onClick={() => chooseLanguage(other)}>
          <span lang={other}>{other === 'en' ? 'English' : '中文'}</span>
        </Button>
      </p>
      <form method="post" action="/sign-out">
        <input type="hidden" name="formToken" value={formToken} />
        <Button block type="submit">
          {t('退出')}
        </Button>
      </form>
      <p className="soft">{t('没有手机或用不惯手机，医院服务台可以当面办理同样的事。')}</p>
    </>
  );
};
