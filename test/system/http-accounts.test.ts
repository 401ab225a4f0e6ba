import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/apps/cli/command.ts';
import { runCommandLine } from '../../src/apps/cli/main.ts';
import { formBrowser, type RunningServer, runningServer } from './http-server.ts';

describe('accounts by command line', () => {
  let running: RunningServer;
  let folder: string;

  beforeAll(async () => {
    running = await runningServer();
    folder = mkdtempSync(join(tmpdir(), 'huren-accounts-'));
  });
  afterAll(async () => {
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const huren = async (...args: string[]) => {
    const lines: string[] = [];
    const notes: string[] = [];
    const code = await runCommandLine(args, {
      environment: { DATABASE_URL: running.store.url, HUREN_DATA_DIR: folder },
      out: (line) => lines.push(line),
      note: (line) => notes.push(line),
      progress: () => undefined,
      signal: new AbortController().signal,
    });
    return { code, text: lines.join('\n'), notes: notes.join('\n') };
  };

  it('makes an account with a password shown once, which signs in, and shuts it out again', async () => {
    const added = await huren(
      'account',
      'add',
      'nurse.li',
      '--role',
      'doctor',
      '--name',
      '李',
      '--institution',
      'COUNTY',
      '--json',
    );
    expect(added.code).toBe(EXIT.done);
    const { password } = JSON.parse(added.text) as { password: string };
    const browser = formBrowser(running.server.url);
    expect((await browser.signIn('nurse.li', password)).status).toBe(303);
    expect((await huren('account', 'lock', 'nurse.li')).code).toBe(EXIT.done);
    expect((await browser.get('/')).status).toBe(401);
    expect((await browser.signIn('nurse.li', password)).status).toBe(401);
    await huren('account', 'unlock', 'nurse.li');
    expect((await browser.signIn('nurse.li', password)).status).toBe(303);
    const listed = await huren('account', 'list', '--json');
    expect(JSON.parse(listed.text)).toMatchObject([
      { login: 'nurse.li', role: 'doctor', institution: 'COUNTY' },
    ]);
    expect(listed.text).not.toContain('scrypt');
  });

  it('sets a password from a file, ends the sessions of the old one and does not print it', async () => {
    const file = join(folder, 'password');
    writeFileSync(file, 'Another-good-one-7\n');
    await huren(
      'account',
      'add',
      'dr.wu',
      '--role',
      'doctor',
      '--name',
      '吴',
      '--institution',
      'COUNTY',
      '--password-file',
      file,
    );
    const browser = formBrowser(running.server.url);
    await browser.signIn('dr.wu', 'Another-good-one-7');
    writeFileSync(file, 'Yet-another-one-8\n');
    const set = await huren('account', 'password', 'dr.wu', '--password-file', file);
    expect(set.text).not.toContain('Yet-another-one-8');
    expect((await browser.get('/')).status).toBe(401);
    expect((await browser.signIn('dr.wu', 'Yet-another-one-8')).status).toBe(303);
  });

  it.each([
    [
      ['add', 'x', '--role', 'doctor', '--name', 'X', '--institution', 'COUNTY'],
      'ACCOUNT_LOGIN_INVALID',
      EXIT.findings,
    ],
    [['add', 'dr.no', '--role', 'doctor', '--name', 'X'], 'ACCOUNT_INSTITUTION_MISSING', EXIT.findings],
    [['add', 'dr.no', '--role', 'surgeon', '--name', 'X'], 'USAGE', EXIT.usage],
    [['lock', 'dr.nobody'], 'ACCOUNT_UNKNOWN', EXIT.findings],
    [['destroy', 'dr.nobody'], 'USAGE', EXIT.usage],
  ])('refuses what makes no sense with a code: %s', async (args, code, exit) => {
    const refused = await huren('account', ...args);
    expect(refused.code).toBe(exit);
    expect(refused.notes).toContain(code);
  });

  it('refuses a login that is taken', async () => {
    await huren('account', 'add', 'dr.twice', '--role', 'operator', '--name', 'X');
    expect((await huren('account', 'add', 'dr.twice', '--role', 'operator', '--name', 'Y')).notes).toContain(
      'ACCOUNT_EXISTS',
    );
  });

  it('makes a client whose key opens the interface, and shuts it out', async () => {
    const added = await huren(
      'client',
      'add',
      'lis-2',
      '--institution',
      'COUNTY',
      '--purpose',
      'treatment',
      '--json',
    );
    const { key } = JSON.parse(added.text) as { key: string };
    const ask = () =>
      fetch(`${running.server.url}/api/orderables`, { headers: { authorization: `Bearer ${key}` } });
    expect((await ask()).status).toBe(200);
    expect(
      (await huren('client', 'add', 'lis-2', '--institution', 'COUNTY', '--purpose', 'treatment')).notes,
    ).toContain('CLIENT_EXISTS');
    await huren('client', 'lock', 'lis-2');
    running.advance(6_000);
    expect((await ask()).status).toBe(401);
    expect((await huren('client', 'list')).text).toContain('已停用');
    expect((await huren('client', 'list')).text).not.toContain(key);
  });
});
