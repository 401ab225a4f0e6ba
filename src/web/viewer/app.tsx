import { createRoot } from 'react-dom/client';
import { startLanguage } from '../kit/language.ts';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import english from './en.json' with { type: 'json' };
import { kindOf } from './display.ts';
import { PassEnded, usePassEnded } from './pass-ended.tsx';
import { roomCode } from './use-room.ts';
import { Viewer } from './viewer.tsx';
import './viewer.css';

/** The study as the server opened it for this reader, in the page itself: no further question before the first picture. */
const study = JSON.parse(document.getElementById('viewed-study')?.textContent ?? '') as ViewedStudy;

const App = () => (usePassEnded(study) ? <PassEnded audience={study.audience} /> : <Viewer opened={study} />);

if (study.series.some((each) => kindOf(each) === 'pictures')) void roomCode();
startLanguage(english);
createRoot(document.getElementById('app') as HTMLElement).render(<App />);
