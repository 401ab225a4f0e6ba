import { execFile } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientCommand } from '../../src/apps/cli/account-client.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { type CdsBench, cdsBench, CDS_CLIENT } from './cds-hooks-bench.ts';
import { ORDER_CODES, RECORD_NUMBERS } from './cds-hooks-caller.ts';

const run = promisify(execFile);
const SAMPLE = new URL('../../docs/integrating/samples/cds-hooks-client.mjs', import.meta.url).pathname;
const ISSUER = 'https://his.example/sample';

/** docs/integrating/cds-hooks.md, as an integrator follows it: keys, registration on the command line, the sample client. */
describe('the page on CDS Hooks', () => {
  let bench: CdsBench;
  let folder: string;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'huren-hooks-'));
    bench = await cdsBench();
    environment = { DATABASE_URL: bench.system.bench.opened.url, HUREN_DATA_DIR: folder };
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'sec1', format: 'pem' }));
    const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
    writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [{ ...jwk, kid: 'his-1' }] }));
    writeFileSync(
      join(folder, 'private.json'),
      JSON.stringify({ keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'his-1' }] }),
    );
  });
  afterAll(async () => {
    await bench?.stop();
    rmSync(folder, { recursive: true });
  });

  const huren = async (...args: string[]) => {
    const lines: string[] = [];
    const code = await clientCommand.run(args, {
      environment,
      out: (line) => void lines.push(line),
      note: () => undefined,
      progress: () => undefined,
      signal: new AbortController().signal,
    });
    return { code, text: lines.join('\n') };
  };
  const register = (...over: string[]) =>
    huren(
      'cds',
      CDS_CLIENT,
      '--issuer',
      ISSUER,
      '--order-codes',
      ORDER_CODES,
      '--record-numbers',
      RECORD_NUMBERS,
      ...over,
    );
  const file = (name: string) => join(folder, name);

  it('registers a client, shows the registration and takes it back', async () => {
    expect(await register('--jwks', file('jwks.json'), '--fhir', 'https://his.example/fhir/')).toMatchObject({
      code: 0,
    });
    const shown = await huren('cds', CDS_CLIENT, '--json');
    expect(JSON.parse(shown.text)).toMatchObject({
      issuer: ISSUER,
      fhirBase: 'https://his.example/fhir',
      orderCodeSystems: [ORDER_CODES],
      keys: [{ kid: 'his-1', crv: 'P-384' }],
    });
    expect(await huren('cds', CDS_CLIENT, '--remove')).toMatchObject({ code: 0 });
    expect(await huren('cds', CDS_CLIENT, '--json')).toEqual({ code: 1, text: 'null' });
    await register('--jwks', file('jwks.json'));
  });

  it.each([
    ['without any key', []],
    ['with a private key', ['--jwks', 'private.json']],
    ['with a key address by plain http', ['--jku', 'http://his.example/jwks.json']],
    ['with a base that is no address', ['--jwks', 'jwks.json', '--fhir', 'file:///etc/passwd']],
    ['with a base that holds a password', ['--jwks', 'jwks.json', '--fhir', 'https://a:b@his.example/fhir']],
    ['with an origin that is a page', ['--jwks', 'jwks.json', '--origin', 'https://his.example/page']],
    ['with a code system that is no URI', ['--jwks', 'jwks.json', '--order-codes', 'orders']],
  ])('refuses a registration %s', async (_what, options) => {
    const args = options.map((option) =>
      option.endsWith('.json') && !option.includes('/') ? file(option) : option,
    );
    const failure = await register(...args).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Fault);
    expect((failure as Fault).code).toBe('CDS_REGISTRATION_INVALID');
  });

  it('has a sample client that asks, shows, answers and signs the rest', async () => {
    const { resource } = bench.patientOf('child');
    writeFileSync(
      file('orders.json'),
      JSON.stringify({ patient: resource, drafts: bench.draftsOf('child') }),
    );
    const output = async (): Promise<string> => {
      const ran = await run(process.execPath, [
        SAMPLE,
        bench.system.url,
        ISSUER,
        file('key.pem'),
        file('orders.json'),
      ]).catch((error: Error & { stderr?: string }) => error);
      if (!(ran instanceof Error)) return ran.stdout;
      // The server reads the registrations every few seconds.
      if (!ran.stderr?.includes('"detail":"issuer"')) throw ran;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return output();
    };
    const text = await output();
    expect(text).toContain('[warning] “胸部正位DR”已有可互认结果');
    expect(text).toContain('望溪市妇幼保健院');
    expect(text).toContain('orders to sign: 血常规');
    expect(text).toContain('answers that count: 1');
  });
});
