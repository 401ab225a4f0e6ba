import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MllpServer, startMllpServer } from '../../src/adapters/hl7v2/mllp-server.ts';
import { mllpIngest } from '../../src/apps/flows/ingest/ingest-listener.ts';
import { registerHl7Sender } from '../../src/apps/flows/ingest/ingest-senders.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';

/* The sample clients of docs/integrating/samples, run as they stand against the real servers. */

let system: RealSystem;
let mllp: MllpServer;

beforeAll(async () => {
  system = await realSystem();
  const { dependencies } = system.bench;
  await registerHl7Sender(dependencies.database, {
    code: 'YX-COUNTY-HIS',
    institution: 'YX-COUNTY' as InstitutionCode,
    application: 'HIS',
    facility: 'YXHIS',
    dialect: { orderAnswer: 'application', cardClient: 'yx-county-his' },
  });
  const ingest = mllpIngest({ ...dependencies, cardLinks: system.cardLinks });
  mllp = await startMllpServer({ host: '127.0.0.1', port: 0, ...ingest });
});
afterAll(async () => {
  await mllp?.close();
  await system?.stop();
});

const childOrder = (): { readonly patient: readonly string[]; readonly codes: readonly string[] } => {
  const member = memberOf(system.bench, 'child');
  const { items, patient } = system.bench.orderOf(member) as {
    items: { code: string }[];
    patient: { name: string; birthDate: string };
  };
  return {
    patient: [member.person.nationalId as string, patient.name, patient.birthDate],
    codes: items.map(({ code }) => code),
  };
};

interface Sample {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  text(): string;
  /** What it wrote by its end. */
  readonly ended: Promise<string>;
}

const run = (name: string, over: Record<string, string> = {}): Sample => {
  const { patient, codes } = childOrder();
  const path = fileURLToPath(new URL(`../../docs/integrating/samples/${name}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...patient, ...codes], {
    env: {
      PLATFORM_URL: system.url,
      CLIENT_CODE: 'yx-county-his',
      CLIENT_KEY: system.key,
      PLATFORM_MLLP: `127.0.0.1:${mllp.port}`,
      ...over,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let written = '';
  child.stdout.on('data', (chunk: Buffer) => {
    written += chunk.toString('utf8');
  });
  const ended = new Promise<string>((resolve) => child.on('close', () => resolve(written)));
  return { process: child, text: () => written, ended };
};

const FOUND = '拟开项目中有 1 项已有可互认结果，请确认';

describe('the sample client', () => {
  it('of plain JSON checks, opens the card, waits for the doctor and confirms the cancellation', async () => {
    const sample = run('order-check.mjs');
    await expect.poll(sample.text, { timeout: 15_000 }).toMatch(/card (\S+) http/);
    expect(sample.text()).toContain(FOUND);
    const check = /card (\S+) http/.exec(sample.text())?.[1] as string;
    const { codes } = childOrder();
    const answered = await fetch(`${system.url}/api/order-checks/${check}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ line: codes.length, kind: 'recognise' }),
    });
    expect(answered.status).toBe(200);
    expect(await sample.ended).toContain(`${codes.at(-1)}: fulfilled`);
  });

  it('of SOAP calls typed and by string and is told the same', async () => {
    const written = await run('soap.mjs').ended;
    expect(written).toContain(`typed: checked ${FOUND}`);
    expect(written).toContain(`string: checked ${FOUND}`);
    expect(written.match(/胸部正位DR: 有可互认结果 .*诊断意见：.* 望溪市妇幼保健院（/g)).toHaveLength(2);
    expect(written.split(`${system.url}/card/`)).toHaveLength(3);
  });

  it('of HL7 v2 sends its orders and reads the notes', async () => {
    const written = await run('hl7v2-order.mjs').ended;
    expect(written).toMatch(/^AA\n/);
    expect(written).toContain(FOUND);
    expect(written).toMatch(/order SQ-2\n {2}有可互认结果\n {2}结果：胸部正位DR 诊断意见：/);
  });

  it('of FHIR finds a person by number and reads the laboratory results page by page', async () => {
    const sample = run('read-results.mjs');
    const written = await sample.ended;
    expect(written).toMatch(/^\d{4}-\d{2}-\d{2}\S*\t.+\t.+\t(final|corrected)\t望溪市/m);
    expect(written).not.toContain(childOrder().patient[0] as string);
  });

  it.each(['order-check.mjs', 'soap.mjs', 'hl7v2-order.mjs'])(
    '%s goes on ordering and says that nothing was checked when nobody answers',
    async (name) => {
      const written = await run(name, { PLATFORM_URL: 'http://127.0.0.1:1', PLATFORM_MLLP: '127.0.0.1:1' })
        .ended;
      expect(written).toMatch(/^本次未核查，不影响开单/);
    },
  );
});
