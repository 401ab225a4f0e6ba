import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from '@tanstack/react-router';
import { Frame } from './frame.tsx';
import { HomePage } from './home.tsx';

/** What every address may carry: the opaque id of the person acted for. Nothing in an address names anybody. */
interface OwnSearch {
  readonly for?: string | undefined;
}

/** Which value is in error; absent where one's own tickets are read. */
interface FeedbackSearch {
  readonly report?: string;
  readonly ordinal?: number;
}

const root = createRootRoute({
  component: Frame,
  validateSearch: (search: Record<string, unknown>): OwnSearch =>
    typeof search['for'] === 'string' && /^[\da-f-]{36}$/.test(search['for']) ? { for: search['for'] } : {},
  search: { middlewares: [retainSearchParams(['for'])] },
});
const getParentRoute = () => root;
const home = createRoute({ getParentRoute, path: '/me', component: HomePage });
const report = createRoute({
  getParentRoute,
  path: '/me/reports/$report',
  component: lazyRouteComponent(() => import('./report-page.tsx'), 'ReportPage'),
});
const study = createRoute({
  getParentRoute,
  path: '/me/studies/$study',
  component: lazyRouteComponent(() => import('./study-page.tsx'), 'StudyPage'),
});
const items = createRoute({
  getParentRoute,
  path: '/me/items',
  component: lazyRouteComponent(() => import('./items-page.tsx'), 'ItemsPage'),
});
const repeats = createRoute({
  getParentRoute,
  path: '/me/repeats',
  component: lazyRouteComponent(() => import('./repeats-page.tsx'), 'RepeatsPage'),
});
const shares = createRoute({
  getParentRoute,
  path: '/me/shares',
  component: lazyRouteComponent(() => import('./shares-page.tsx'), 'SharesPage'),
});
const family = createRoute({
  getParentRoute,
  path: '/me/family',
  component: lazyRouteComponent(() => import('./family-page.tsx'), 'FamilyPage'),
});
const consent = createRoute({
  getParentRoute,
  path: '/me/consent',
  component: lazyRouteComponent(() => import('./consent-page.tsx'), 'ConsentPage'),
});
const code = createRoute({
  getParentRoute,
  path: '/me/code',
  component: lazyRouteComponent(() => import('./code-page.tsx'), 'CodePage'),
});
const accessLog = createRoute({
  getParentRoute,
  path: '/me/access-log',
  component: lazyRouteComponent(() => import('./access-log-page.tsx'), 'AccessLogPage'),
});
const feedback = createRoute({
  getParentRoute,
  path: '/me/feedback',
  validateSearch: (search: Record<string, unknown>): FeedbackSearch => {
    const { report: wrong, ordinal } = search;
    if (typeof wrong !== 'string' || !/^[\da-f-]{36}$/.test(wrong)) return {};
    return Number.isInteger(ordinal) ? { report: wrong, ordinal: ordinal as number } : { report: wrong };
  },
  component: lazyRouteComponent(() => import('./feedback-page.tsx'), 'FeedbackPage'),
});
const more = createRoute({
  getParentRoute,
  path: '/me/more',
  component: lazyRouteComponent(() => import('./more-page.tsx'), 'MorePage'),
});

/** The addresses of the patient's app. */
export const router = createRouter({
  routeTree: root.addChildren([
    home,
    report,
    study,
    items,
    repeats,
    shares,
    family,
    consent,
    code,
    accessLog,
    feedback,
    more,
  ]),
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
