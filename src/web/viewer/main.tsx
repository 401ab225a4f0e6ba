import { firstOrAfter } from './first-picture.ts';

/**
 * How long the app waits for the first picture. On a hospital's own line that comes sooner, and must not wait while the app is read
 * and run; on a slower one the app uses the time.
 */
const FIRST_MAX_MS = 300;

void firstOrAfter(FIRST_MAX_MS).then(() => import('./app.tsx'));
