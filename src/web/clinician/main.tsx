import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { AppFrame } from '../kit/frame.tsx';
import '../kit/frame.css';
import { startLanguage } from '../kit/language.ts';
import english from './en.json' with { type: 'json' };

startLanguage(english);
createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <AppFrame navigation={null}>{null}</AppFrame>
  </StrictMode>,
);
