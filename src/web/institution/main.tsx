import { createRouter, RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../kit/frame.css';
import { startLanguage } from '../kit/language.ts';
import './console.css';
import english from './en.json' with { type: 'json' };
import { routes } from './routes.tsx';

startLanguage(english);
const router = createRouter({ routeTree: routes, defaultPreload: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);
