import { execFile } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationCommand } from '../../src/apps/cli/application.ts';
import { type RunningServer, runningServer } from '../system/http-server.ts';

const run = promisify(execFile);
const SAMPLE = new URL('../../docs/integrating/samples/smart-backend.mjs', import.meta.url).pathname;

/** docs/integrating/smart.md, as an integrator follows it: keys, registration on the command line, the sample. */
describe('the page on SMART apps', () => {
  let running: RunningServer;
  let folder: string;

  beforeAll(async () => {
    running = await runningServer();
    folder = mkdtempSync(join(tmpdir(), 'huren-smart-'));
  });
  afterAll(async () => {
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const huren = (...args: string[]) =>
    applicationCommand.run(args, {
      environment: { DATABASE_URL: running.store.url, HUREN_DATA_DIR: folder },
      out: () => undefined,
      note: () => undefined,
      progress: () => undefined,
      signal: new AbortController().signal,
    });

  const sample = (code: string, keyFile: string, ...scopes: string[]) =>
    run(process.execPath, [SAMPLE, ...scopes], {
      env: {
        ...process.env,
        PLATFORM_URL: running.server.url,
        CLIENT_ID: code,
        KEY_FILE: keyFile,
        KEY_ID: '1',
      },
    });

  it.each(['ec', 'rsa'] as const)('gives the sample a token for its key: %s', async (kind) => {
    const { privateKey } =
      kind === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keyFile = join(folder, `${kind}.pem`);
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const jwks = join(folder, `${kind}.json`);
    const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
    writeFileSync(jwks, JSON.stringify({ keys: [{ ...jwk, kid: '1' }] }));
    const code = `statistics-${kind}`;
    await huren(
      'add',
      code,
      '--kind',
      'backend',
      '--institution',
      'COUNTY',
      '--keys',
      jwks,
      '--scope',
      'system/Observation.rs',
    );
    const { stdout } = await sample(code, keyFile, 'system/Observation.rs');
    expect(JSON.parse(stdout)).toEqual({ scope: 'system/Observation.rs', expires_in: 300 });
    await huren('lock', code);
    await expect(sample(code, keyFile, 'system/Observation.rs')).rejects.toMatchObject({
      stderr: expect.stringContaining('invalid_client'),
    });
  });

  it('refuses to register a private key, an address in the clear, and scopes that do not belong together', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    const file = join(folder, 'private.json');
    writeFileSync(file, JSON.stringify({ keys: [{ ...privateKey.export({ format: 'jwk' }), kid: '1' }] }));
    for (const args of [
      ['--kind', 'backend', '--institution', 'COUNTY', '--keys', file, '--scope', 'system/Observation.rs'],
      ['--kind', 'public', '--redirect', 'http://growth.example/callback', '--scope', 'openid'],
      ['--kind', 'public', '--redirect', 'https://growth.example/*', '--scope', 'openid'],
      ['--kind', 'public', '--redirect', 'https://growth.example/cb', '--scope', 'system/Observation.rs'],
      ['--kind', 'public', '--redirect', 'https://growth.example/cb', '--scope', 'patient/Observation.cruds'],
    ])
      await expect(huren('add', 'wrong', ...args)).rejects.toMatchObject({ code: 'APPLICATION_INVALID' });
  });
});
