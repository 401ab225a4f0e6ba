import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../kit/frame.css';
import { startLanguage } from '../kit/language.ts';
import './clinician.css';
import english from './en.json' with { type: 'json' };
import { router } from './routes.tsx';

startLanguage(english);
createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);
