import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useSearch } from '@tanstack/react-router';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { InstitutionsAnswer } from '../wire/console.ts';
import { call } from '../kit/calls.ts';
import { AppFrame, useSession } from '../kit/frame.tsx';
import { CouldNotLoad, Loading } from '../kit/states.tsx';
import type { Scope } from './search.ts';
import { UnknownSenders } from './unknown-senders.tsx';

/** The institution that the page is about; undefined where the session says it. */
export const useInstitution = (): string | undefined => (useSearch({ strict: false }) as Scope).institution;

const Navigation = () => {
  const { t } = useTranslation();
  const session = useSession();
  const institution = useInstitution();
  const search = institution === undefined ? {} : { institution };
  const pages = [
    ['/institution', t('总览')],
    ['/institution/messages', t('消息')],
    ['/institution/images', t('影像')],
    ['/institution/codes', t('对码')],
    ['/institution/test', t('试读消息')],
    ['/institution/senders', t('发送系统')],
  ] as const;
  return (
    <ul className="pages">
      {pages.map(([to, label]) => (
        <li key={to}>
          <Link
            to={to}
            search={search}
            activeOptions={{ exact: to === '/institution', includeSearch: false }}
          >
            {label}
          </Link>
        </li>
      ))}
      {session.institution && (
        <>
          <li>
            <a href="/correction-desk">{t('纠错单')}</a>
          </li>
          <li>
            <a href="/image-holds">{t('影像核对单')}</a>
          </li>
        </>
      )}
    </ul>
  );
};

const ChooseInstitution = ({ chosen }: { readonly chosen: string | undefined }) => {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery({
    queryKey: ['institutions'],
    queryFn: ({ signal }) => call<InstitutionsAnswer>('/api/console/institutions', { signal }),
  });
  if (error) return <CouldNotLoad error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what={t('正在载入机构')} />;
  return (
    <p className="choose">
      <label htmlFor="institution">{t('医疗机构')}</label>
      <Select
        id="institution"
        value={chosen ?? null}
        placeholder={t('请选择')}
        showSearch={{ optionFilterProp: 'label' }}
        style={{ minWidth: 240 }}
        onChange={(institution) => void navigate({ to: '/institution', search: { institution } })}
        options={data.institutions.map(({ code, nameZh, nameEn }) => ({
          value: code,
          label: i18n.language === 'en' ? nameEn : nameZh,
        }))}
      />
    </p>
  );
};

const Page = () => {
  const { t } = useTranslation();
  const session = useSession();
  const institution = useInstitution();
  if (session.institution) return <Outlet />;
  return (
    <>
      <ChooseInstitution chosen={institution} />
      {institution === undefined ? (
        <>
          <p className="lead">{t('请先选择要查看的医疗机构。')}</p>
          <UnknownSenders />
        </>
      ) : (
        <Outlet />
      )}
    </>
  );
};

/** Header, pages and, for those who operate the platform, the choice of an institution. */
export const ConsoleFrame = () => (
  <AppFrame navigation={<Navigation />}>
    <Page />
  </AppFrame>
);
