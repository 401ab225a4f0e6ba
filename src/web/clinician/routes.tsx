import { App } from 'antd';
import { createRootRoute, createRoute, createRouter, Link, Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { AppFrame } from '../kit/frame.tsx';
import { DecisionsPage } from './decisions-page.tsx';
import { KeySheet } from './key-sheet.tsx';
import { PersonPage } from './person-page.tsx';
import { personView } from './person-view.ts';
import { SearchPage } from './search-page.tsx';

const Navigation = () => {
  const { t } = useTranslation();
  return (
    <span className="navigation">
      <Link to="/clinician" activeOptions={{ exact: true }}>
        {t('找患者')}
      </Link>
      <Link to="/clinician/decisions">{t('我的互认')}</Link>
      <a href="/">{t('简明页面')}</a>
      <KeySheet />
    </span>
  );
};

const root = createRootRoute({
  component: () => (
    <AppFrame navigation={<Navigation />}>
      <App>
        <Outlet />
      </App>
    </AppFrame>
  ),
});
const search = createRoute({ getParentRoute: () => root, path: '/clinician', component: SearchPage });
const decisions = createRoute({
  getParentRoute: () => root,
  path: '/clinician/decisions',
  component: DecisionsPage,
});
const person = createRoute({
  getParentRoute: () => root,
  path: '/clinician/persons/$person',
  validateSearch: personView,
  component: () => {
    const params = person.useParams();
    const view = person.useSearch();
    const navigate = person.useNavigate();
    return (
      <PersonPage
        key={params.person}
        person={params.person}
        view={view}
        onView={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      />
    );
  },
});

/** The addresses of the doctor's app. */
export const router = createRouter({ routeTree: root.addChildren([search, decisions, person]) });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
