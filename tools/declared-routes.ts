import { createMetrics } from '../src/apps/server/metrics.ts';
import type { Route } from '../src/apps/server/route.ts';
import { type RouteDependencies, routeTable } from '../src/apps/server/routes/table.ts';

/** Stands for every flow that a route would call: whatever is read of it is itself again, and it holds nothing. */
const anything: unknown = new Proxy(() => undefined, {
  get: (_target, property) => {
    if (property === Symbol.iterator) return () => [].values();
    return property === Symbol.toPrimitive ? () => 'anything' : anything;
  },
});

/** Every route as the server declares it. None of them can be called. */
export const declaredRoutes = (): readonly Route[] => {
  const known: object = { metrics: createMetrics() };
  const dependencies = new Proxy(known, {
    get: (target, property) => (Reflect.get(target, property) as unknown) ?? anything,
  });
  return routeTable(dependencies as RouteDependencies);
};
