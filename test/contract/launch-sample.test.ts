import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerSignature } from '../../src/adapters/launch/signature.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';

interface Sample {
  launchAddress(base: string, secret: string, parameters: Record<string, string>): string;
  isFromHuren(secret: string, time: string, body: string, signature: string): boolean;
}

/** The client of docs/integrating/launch.md, exactly as it is printed there. */
const sampleClient = async (): Promise<Sample> => {
  const page = readFileSync(new URL('../../docs/integrating/launch.md', import.meta.url), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Sample;
};

describe('the sample client of the launch address', () => {
  let system: RealSystem;
  let sample: Sample;
  beforeAll(async () => {
    system = await realSystem();
    sample = await sampleClient();
  });
  afterAll(() => system?.stop());

  it('opens the card of an order that was checked before', async () => {
    const checked = await fetch(`${system.url}/api/order-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(
        system.bench.orderOf(memberOf(system.bench, 'child'), { request: { number: '申请单-1' } }),
      ),
    });
    expect(checked.status).toBe(200);
    const address = sample.launchAddress(system.url, system.launchSecret, {
      client: 'yx-county-his',
      staff: '100118',
      name: '顾清和',
      department: '儿科',
      order: '申请单-1',
    });
    const card = await fetch(address);
    expect(card.status).toBe(200);
    expect(await card.text()).toContain('互认，撤销本次申请');
    expect((await fetch(address)).status).toBe(401);
  });

  it('knows our answers from anybody else’s', () => {
    const time = Math.floor(Date.now() / 1000);
    const signature = answerSignature('secret', 'sha256', time, '{"line":1}');
    expect(sample.isFromHuren('secret', String(time), '{"line":1}', signature)).toBe(true);
    expect(sample.isFromHuren('secret', String(time), '{"line":2}', signature)).toBe(false);
    expect(sample.isFromHuren('other', String(time), '{"line":1}', signature)).toBe(false);
    expect(sample.isFromHuren('secret', String(time - 600), '{"line":1}', signature)).toBe(false);
  });
});
