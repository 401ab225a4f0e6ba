import { Alert, Button, ConfigProvider } from 'antd';
import zhCN from 'antd/locale/zh_CN';
import enUS from 'antd/locale/en_US';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionAnswer } from '../wire/session.ts';
import { CallFailed, call } from './calls.ts';
import { chooseLanguage } from './language.ts';
import { CouldNotLoad, Loading } from './states.tsx';
import { THEME } from './tokens.ts';

const SessionContext = createContext<SessionAnswer | null>(null);

/** Who is signed in. Only inside {@link AppFrame}, which shows nothing before it is known. */
export const useSession = (): SessionAnswer => {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession outside AppFrame');
  return session;
};

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What a doctor sees is as fresh as its time says; a refusal is not asked again by itself.
      retry: (failures, error) => failures < 1 && !(error instanceof CallFailed && error.problem.status > 0),
      refetchOnWindowFocus: false,
    },
  },
});

/** The server puts a nonce for style elements into the page; antd writes its styles under it. */
const styleNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';

const SignOut = ({ formToken }: { readonly formToken: string }) => {
  const { t } = useTranslation();
  return (
    <form method="post" action="/sign-out">
      <input type="hidden" name="formToken" value={formToken} />
      <Button htmlType="submit" size="small">
        {t('退出')}
      </Button>
    </form>
  );
};

const LanguageSwitch = () => {
  const { i18n } = useTranslation();
  const other = i18n.language === 'en' ? 'zh-CN' : 'en';
  return (
    <Button type="text" size="small" lang={other} onClick={() => chooseLanguage(other)}>
      {other === 'en' ? 'English' : '中文'}
    </Button>
  );
};

const Session = ({ children }: { readonly children: ReactNode }) => {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => call<SessionAnswer>('/api/session', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error instanceof CallFailed && error.problem.status === 401) {
    // The page comes back to this address after signing in; it holds opaque ids only.
    window.location.reload();
    return null;
  }
  if (error)
    return (
      <main id="main">
        <CouldNotLoad error={error} retry={() => void refetch()} />
      </main>
    );
  if (!data) return <Loading what={t('正在核对登录')} />;
  return <SessionContext.Provider value={data}>{children}</SessionContext.Provider>;
};

const Frame = ({
  navigation,
  children,
}: {
  readonly navigation: ReactNode;
  readonly children: ReactNode;
}) => {
  const { t } = useTranslation();
  const session = useSession();
  const who = session.staffNumber ? `${session.displayName}（${session.staffNumber}）` : session.displayName;
  return (
    <>
      <a className="skip" href="#main">
        {t('跳到正文')}
      </a>
      <header className="bar">
        <a className="brand" href="/">
          {t('检查检验结果互认')}
        </a>
        <nav>{navigation}</nav>
        <div className="who">
          <a href="/account" title={t('我的账户')}>
            {who} {session.institution?.shortNameZh}
          </a>
          <LanguageSwitch />
          <SignOut formToken={session.formToken} />
        </div>
      </header>
      {session.drill && <Alert banner type="warning" title={t('演练数据：目录、机构与患者均为虚构')} />}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
};

/** The frame of a browser app: theme, language, who is signed in, header. `navigation` stands in the header. */
export const AppFrame = ({
  navigation,
  children,
}: {
  readonly navigation: ReactNode;
  readonly children: ReactNode;
}) => {
  const { i18n } = useTranslation();
  const layers = useRef<HTMLDivElement>(null);
  return (
    <ConfigProvider
      // Layers over the bare body would stop its scrolling by a style element without a nonce, which our policy refuses;
      // frame.css does it instead.
      getPopupContainer={() => layers.current ?? document.body}
      csp={{ nonce: styleNonce() }}
      theme={THEME}
      componentSize="small"
      button={{ autoInsertSpace: false }}
      locale={i18n.language === 'en' ? enUS : zhCN}
    >
      <QueryClientProvider client={queries}>
        <Session>
          <Frame navigation={navigation}>{children}</Frame>
        </Session>
      </QueryClientProvider>
      <div ref={layers} />
    </ConfigProvider>
  );
};

/** Who looked, for what and when, on screen and on paper. Set on every screen with patients' data. */
export const Watermark = ({ purpose, at }: { readonly purpose: string; readonly at: string }) => {
  const { t } = useTranslation();
  const { displayName, staffNumber } = useSession();
  return (
    <footer className="watermark">
      {t('查看人')}：{displayName}
      {staffNumber && `（${staffNumber}）`}　{t('用途')}：{purpose}　{t('时间')}：{at}
    </footer>
  );
};
