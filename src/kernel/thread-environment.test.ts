import { expect, test } from 'vitest';
import { threadEnvironment } from './thread-environment.ts';

test('a thread is told where compiled code is kept, and nothing else of its process', () => {
  const environment = { HOME: '/root', HUREN_KEY: 'secret', NODE_COMPILE_CACHE: '/cache' };
  expect(threadEnvironment(environment)).toEqual({ NODE_COMPILE_CACHE: '/cache' });
  expect(threadEnvironment({ HOME: '/root', NODE_COMPILE_CACHE: undefined })).toEqual({});
});
