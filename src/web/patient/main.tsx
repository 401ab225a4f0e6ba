import 'antd-mobile/es/global';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startLanguage } from '../kit/language.ts';
import { applyTextSize } from './text-size.ts';
import './patient.css';
import english from './en.json' with { type: 'json' };
import { router } from './routes.tsx';

applyTextSize();
startLanguage(english);
createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);
