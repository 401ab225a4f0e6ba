import { expect, test } from 'vitest';
import type { Installation } from '../installation.ts';
import type { CommandContext } from './command.ts';
import { serveUntilStopped } from './serve.ts';

const context = (): CommandContext => ({
  environment: {},
  out: () => undefined,
  note: () => undefined,
  progress: () => undefined,
  signal: AbortSignal.abort(),
});

/** An installation of which no role runs: its lists alone are asked for. */
const withLists = (current: () => Promise<unknown>) =>
  ({
    configuration: {},
    images: { keepJournal: async () => undefined },
    snapshots: { current },
  }) as unknown as Installation;

test('the lists that rule are loaded before it says that it is ready', async () => {
  const order: string[] = [];
  const installation = withLists(async () => void order.push('lists'));
  await serveUntilStopped(installation, new Set(), context(), () => void order.push('ready'));
  expect(order).toEqual(['lists', 'ready']);
});

test('where no lists are published it starts all the same', async () => {
  let isReady = false;
  const installation = withLists(() => Promise.reject(new Error('no snapshot')));
  await serveUntilStopped(installation, new Set(), context(), () => {
    isReady = true;
  });
  expect(isReady).toBe(true);
});
