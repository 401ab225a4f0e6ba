import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { CheckFlows } from '../flows-port.ts';
import { patientAppRoutes, webAppRoutes } from './web-apps.ts';

const served = new Set(
  [...patientAppRoutes(), ...webAppRoutes({} as CheckFlows)].map(({ path }) =>
    path.replaceAll(/\{\w+\}/g, '{}'),
  ),
);

test.each(['clinician', 'institution', 'patient'])(
  'every page of the app %s can be opened by its address, not only from another page of it',
  (app) => {
    const file = new URL(`../../../web/${app}/routes.tsx`, import.meta.url);
    const paths = [...readFileSync(file, 'utf8').matchAll(/path: '([^']+)'/g)].map(
      ([, path]) => path as string,
    );
    expect(paths.length).toBeGreaterThan(2);
    const missing = paths.filter((path) => !served.has(path.replaceAll(/\$\w+/g, '{}')));
    expect(missing).toEqual([]);
  },
);
