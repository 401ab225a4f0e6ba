import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RIGHTS } from '../src/access/index.ts';
import { rightOf } from '../src/apps/server/actor.ts';
import { admissionOf, CALLERS, rightsDocument } from '../src/apps/server/rights-table.ts';
import { declaredRoutes } from './declared-routes.ts';

const routes = declaredRoutes();

test('docs/rights.md says exactly what routes and policy say (npm run rights writes it)', () => {
  expect(readFileSync(new URL('../docs/rights.md', import.meta.url), 'utf8')).toBe(rightsDocument(routes));
});

test('every route has an entry: it is for everybody or names a right of the policy', () => {
  for (const route of routes) {
    const right = rightOf(route);
    expect(right === null || RIGHTS.includes(right), `${route.method} ${route.path}`).toBe(true);
  }
});

test('every route that is not for everybody lets somebody in, and never nobody', () => {
  for (const route of routes.filter((each) => rightOf(each) !== null)) {
    const admitted = CALLERS.filter((caller) => admissionOf(caller, route) !== null);
    expect(admitted.length, `${route.method} ${route.path}`).toBeGreaterThan(0);
    expect(
      admitted.map(({ name }) => name),
      `${route.method} ${route.path}`,
    ).not.toContain('nobody');
  }
});

test('every right opens some route', () => {
  const opened = new Set(routes.map(rightOf));
  expect(RIGHTS.filter((right) => !opened.has(right))).toEqual([]);
});
