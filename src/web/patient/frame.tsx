import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { useMemo, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { CallFailed, call } from '../kit/calls.ts';
import type { OwnAccount } from '../wire/own-data.ts';
import { AccountContext, RestrictedContext, useAccount, useSubject } from './own.tsx';
import { CouldNotLoad, Loading } from './states.tsx';
import { TextSizeEntry } from './text-size-choice.tsx';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A weak network is asked once more; a refusal is not.
      retry: (failures, error) => failures < 1 && !(error instanceof CallFailed && error.problem.status > 0),
      refetchOnWindowFocus: false,
      // What was read stays for as long as the app is open, to be looked at where there is no network.
      gcTime: Number.POSITIVE_INFINITY,
      staleTime: 60_000,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

const onNetworkChange = (changed: () => void) => {
  window.addEventListener('online', changed);
  window.addEventListener('offline', changed);
  return () => {
    window.removeEventListener('online', changed);
    window.removeEventListener('offline', changed);
  };
};

const OfflineNote = () => {
  const { t } = useTranslation();
  const online = useSyncExternalStore(onNetworkChange, () => navigator.onLine);
  return online ? null : (
    <p className="offline" role="status">
      {t('没有网络。已打开过的内容仍可查看，可能不是最新的。')}
    </p>
  );
};

/** Whose data is on the screen; impossible to overlook while acting for somebody. */
const SubjectBar = () => {
  const { t } = useTranslation();
  const { actingFor } = useAccount();
  const { acting, name } = useSubject();
  if (acting)
    return (
      <p className="acting" role="status">
        <b>{t('正在为 {name} 代办', { name })}</b>
        <Link to="/me" search={{ for: undefined }}>
          {t('换回本人')}
        </Link>
      </p>
    );
  return (
    <p className="self">
      <b>{name}</b>
      {actingFor.length > 0 && <Link to="/me/family">{t('为家人代办')}</Link>}
    </p>
  );
};

const Navigation = () => {
  const { t } = useTranslation();
  return (
    <nav className="tabs" aria-label={t('主要页面')}>
      <Link to="/me" activeOptions={{ exact: true, includeSearch: false }}>
        {t('我的检查检验')}
      </Link>
      <Link to="/me/items">{t('按项目看')}</Link>
      <Link to="/me/repeats">{t('为什么又做了一次')}</Link>
      <Link to="/me/more">{t('更多')}</Link>
    </nav>
  );
};

const Signed = () => {
  const { t } = useTranslation();
  const [askedOf, ask] = useState<string | null | undefined>(undefined);
  const restricted = useMemo(() => ({ askedOf, ask }), [askedOf]);
  const { data, error, refetch } = useQuery({
    queryKey: ['account'],
    queryFn: ({ signal }) => call<OwnAccount>('/api/own', { signal }),
  });
  if (error instanceof CallFailed && error.problem.status === 401) {
    // The page comes back to this address after signing in; it holds opaque ids only.
    window.location.reload();
    return null;
  }
  if (error && !data) return <CouldNotLoad error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what={t('正在核对登录')} />;
  return (
    <AccountContext.Provider value={data}>
      {data.drill && <p className="drill">{t('演练数据：目录、机构与患者均为虚构')}</p>}
      <SubjectBar />
      <RestrictedContext.Provider value={restricted}>
        <main id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </RestrictedContext.Provider>
      <Navigation />
    </AccountContext.Provider>
  );
};

/** The frame of every screen: whose data this is, the way to 长辈版, the four main pages. */
export const Frame = () => {
  const { t } = useTranslation();
  return (
    <QueryClientProvider client={queries}>
      <a className="skip" href="#main">
        {t('跳到正文')}
      </a>
      <header className="bar">
        <span className="brand">{t('我的检查检验')}</span>
        <TextSizeEntry />
      </header>
      <OfflineNote />
      <Signed />
    </QueryClientProvider>
  );
};
