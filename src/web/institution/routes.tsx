import { createRootRoute, createRoute } from '@tanstack/react-router';
import { CodesPage } from './codes-page.tsx';
import { ConsoleFrame } from './console-frame.tsx';
import { ImagesPage } from './images-page.tsx';
import { MessagePage } from './message-page.tsx';
import { MessagesPage } from './messages-page.tsx';
import { OverviewPage } from './overview-page.tsx';
import { readFilters, readScope, readSpan } from './search.ts';
import { SendersPage } from './senders-page.tsx';
import { TestPage } from './test-page.tsx';

const root = createRootRoute({ component: ConsoleFrame, validateSearch: readScope });

const pages = [
  createRoute({
    getParentRoute: () => root,
    path: '/institution',
    validateSearch: readSpan,
    component: OverviewPage,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/institution/messages',
    validateSearch: readFilters,
    component: MessagesPage,
  }),
  createRoute({ getParentRoute: () => root, path: '/institution/messages/$id', component: MessagePage }),
  createRoute({ getParentRoute: () => root, path: '/institution/images', component: ImagesPage }),
  createRoute({ getParentRoute: () => root, path: '/institution/codes', component: CodesPage }),
  createRoute({ getParentRoute: () => root, path: '/institution/test', component: TestPage }),
  createRoute({ getParentRoute: () => root, path: '/institution/senders', component: SendersPage }),
] as const;

/** The addresses of the console. */
export const routes = root.addChildren(pages);
