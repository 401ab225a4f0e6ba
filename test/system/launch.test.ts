import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { launchSignature } from '../../src/adapters/launch/signature.ts';
import { POSTGRES_FAULTS } from '../../src/adapters/postgres/faults.ts';
import { registerLaunch } from '../../src/adapters/postgres/client-launches.ts';
import { LAUNCH_AHEAD_MS, LAUNCH_MS, launchDesk } from '../../src/apps/flows/card/launch-desk.ts';
import { raiser } from '../../src/kernel/fault.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { launchNow, signedLaunch } from './launching.ts';
import { type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

const CLIENT = 'yx-county-his';
const AUDIT = statement(
  'test.audit-of-launched',
  `select action, actor, resource from audit_events where actor like 'launched:%' order by event_id`,
);
const CHECKS = statement('test.checks', 'select count(*)::int as n from order_checks');

describe('a signed launch address', () => {
  let system: RealSystem;
  let order: { readonly items: readonly { line: number; code: string }[] };
  beforeAll(async () => {
    system = await realSystem();
    order = system.bench.orderOf(memberOf(system.bench, 'child'), {
      request: { number: 'SQ-1001' },
      encounter: { class: '门诊', number: 'LSH-1' },
    }) as typeof order;
  });
  afterAll(() => system?.stop());

  const get = (address: string) =>
    fetch(system.url + address, { redirect: 'manual', headers: { accept: 'text/html' } });
  const launch = (over: Record<string, string> = {}) =>
    signedLaunch(
      { client: CLIENT, staff: '100118', department: '儿科', order: 'SQ-1001', ...over },
      system.launchSecret,
    );
  const codeOf = async (response: Response) => /[A-Z]+(?:_[A-Z]+)+/.exec(await response.text())?.[0];
  const check = async (body: object): Promise<OrderCheckAnswer> => {
    const answer = await fetch(`${system.url}/api/order-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as OrderCheckAnswer;
  };

  it('opens the card of the latest check for the order, and names the doctor in the audit trail', async () => {
    await check(order);
    const latest = await check(order);
    const answer = await get(launch());
    expect(answer.status).toBe(303);
    const card = answer.headers.get('location') ?? '';
    expect(card).toMatch(/^\/card\/[\w.-]+$/);
    const page = await get(card);
    expect(page.status).toBe(200);
    const text = await page.text();
    expect(text).toContain('拟开项目中有 1 项已有可互认结果，请确认');
    expect(text).toContain('查看人：工号 100118（儿科）');
    const rows = await system.bench.opened.database.run<{ action: string; actor: string; resource: string }>(
      AUDIT,
    );
    const actor = `launched:${CLIENT}/100118`;
    expect(rows.filter((row) => row.actor === actor)).toEqual([
      { action: 'order-check.read', actor, resource: `order-check/${latest.id}` },
      { action: 'person.read', actor, resource: `person/${latest.person}` },
    ]);
  });

  it('is refused when used a second time', async () => {
    const address = launch();
    expect((await get(address)).status).toBe(303);
    const again = await get(address);
    expect(again.status).toBe(401);
    expect(await codeOf(again)).toBe('LAUNCH_REPLAYED');
  });

  it('is refused when any parameter was altered, added or taken away', async () => {
    const parameters = launchNow({
      client: CLIENT,
      staff: '100118',
      order: 'SQ-1001',
      encounter: 'LSH-1',
    }) as Record<string, string>;
    const signature = launchSignature(system.launchSecret, 'sha256', parameters);
    const altered: Record<string, string>[] = [
      ...Object.keys(parameters).map((name) => ({ ...parameters, [name]: `${parameters[name]}1` })),
      { ...parameters, department: '儿科' },
      Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== 'encounter')),
      // One value that reads like two parameters is not the two of them.
      { ...parameters, encounter: 'LSH-1&order=SQ-1001', order: 'X' },
    ];
    for (const bent of altered) {
      const answer = await get(`/launch?${new URLSearchParams({ ...bent, signature }).toString()}`);
      expect(answer.status, JSON.stringify(bent)).toBe(401);
      expect(await codeOf(answer)).toBe('LAUNCH_INVALID');
    }
    for (const bent of ['0'.repeat(64), '', 'zz', signature.slice(1)]) {
      const query = new URLSearchParams({ ...parameters, signature: bent }).toString();
      expect((await get(`/launch?${query}`)).status).toBe(401);
    }
    const whole = new URLSearchParams({ ...parameters, signature }).toString();
    expect((await get(`/launch?${whole}`)).status).toBe(303);
  });

  it('is refused when it is too old or from the future, or the client has no secret', async () => {
    for (const time of [Date.now() - LAUNCH_MS - 5_000, Date.now() + LAUNCH_AHEAD_MS + 5_000]) {
      const answer = await get(launch({ time: String(Math.floor(time / 1000)) }));
      expect(answer.status).toBe(401);
      expect(await codeOf(answer)).toBe('LAUNCH_EXPIRED');
    }
    expect((await get(launch({ client: 'nobody' }))).status).toBe(401);
  });

  it('says “not checked” and never “nothing found” for a number that nobody sent', async () => {
    const answer = await get(launch({ order: 'SQ-9999' }));
    expect(answer.status).toBe(404);
    const text = await answer.text();
    expect(text).toContain('LAUNCH_NOTHING_ORDERED');
    expect(text).toContain('本次未核查，不影响开单');
    expect(text).not.toContain('未发现');
  });

  it('never opens the check of another encounter under the same order number', async () => {
    expect((await get(launch({ encounter: 'LSH-OTHER' }))).status).toBe(404);
    expect((await get(launch({ encounter: 'LSH-1' }))).status).toBe(303);
  });

  it('checks now what came in as an ORM message and nobody has checked', async () => {
    const { person, ...member } = memberOf(system.bench, 'child');
    const [item] = (
      system.bench.orderOf({ person, ...member }) as { items: { code: string; name: string }[] }
    ).items.toReversed();
    expect(
      await system.send(
        [
          'MSH|^~\\&|LIS|YXXRMYY|HUREN|HR|20261123100000+0800||ORM^O01^ORM_O01|ORMLAUNCH1|P|2.5.1|||||CHN|UNICODE UTF-8',
          `PID|1||M-LAUNCH^^^YXXRMYY^MR~${person.nationalId}^^^CHN^NNCHN||${person.name}||${person.birthDate}|M`,
          'PV1|1|O|儿科||||||||||||||||LSH-ORM',
          'ORC|NW|SQ-ORM-1|||||||20261123095900+0800|||100118^顾清和',
          `OBR|1|SQ-ORM-1||${item?.code}^${item?.name}^L`,
          '',
        ].join('\n'),
      ),
    ).toBe('AA');
    const { database } = system.bench.opened;
    const before = (await database.run<{ n: number }>(CHECKS))[0]?.n ?? 0;
    const answer = await get(launch({ order: 'SQ-ORM-1' }));
    expect(answer.status).toBe(303);
    const text = await (await get(answer.headers.get('location') ?? '')).text();
    expect(text).toContain('已有可互认结果，请确认');
    expect((await database.run<{ n: number }>(CHECKS))[0]?.n).toBe(before + 1);
    // The second launch finds the check that the first one made.
    expect((await get(launch({ order: 'SQ-ORM-1' }))).status).toBe(303);
    expect((await database.run<{ n: number }>(CHECKS))[0]?.n).toBe(before + 1);
  });

  it('checks again what was ordered since, and never opens the card of whom a number belonged to before', async () => {
    const codesOf = (key: string) =>
      (system.bench.orderOf(memberOf(system.bench, key)) as { items: { code: string; name: string }[] })
        .items;
    const send = (
      key: string,
      record: string,
      item: { code: string; name: string } | undefined,
      minute: number,
    ) => {
      const { person } = memberOf(system.bench, key);
      return system.send(
        [
          `MSH|^~\\&|LIS|YXXRMYY|HUREN|HR|202611231${minute}00+0800||ORM^O01^ORM_O01|ORMAGAIN${minute}|P|2.5.1|||||CHN|UNICODE UTF-8`,
          `PID|1||${record}^^^YXXRMYY^MR~${person.nationalId}^^^CHN^NNCHN||${person.name}||${person.birthDate}|${person.sex === 'male' ? 'M' : 'F'}`,
          'PV1|1|O|儿科',
          `ORC|NW|SQ-AGAIN|||||||202611231${minute}00+0800|||100118^顾清和`,
          `OBR|1|SQ-AGAIN||${item?.code}^${item?.name}^L`,
          '',
        ].join('\n'),
      );
    };
    const open = async () => {
      const answer = await get(launch({ order: 'SQ-AGAIN' }));
      return answer.status === 303
        ? (await get(answer.headers.get('location') ?? '')).text()
        : `refused ${await codeOf(answer)}`;
    };
    const [blood, chest] = codesOf('child');
    expect(await send('child', 'M-AGAIN', blood, 205)).toBe('AA');
    const first = await open();
    expect(first).toContain(blood?.name);
    expect(first).not.toContain(chest?.name);
    expect(await send('child', 'M-AGAIN', chest, 206)).toBe('AA');
    const second = await open();
    expect(second).toContain(blood?.name);
    expect(second).toContain(chest?.name);
    const { database } = system.bench.opened;
    const before = (await database.run<{ n: number }>(CHECKS))[0]?.n;
    await open();
    expect((await database.run<{ n: number }>(CHECKS))[0]?.n).toBe(before);
    const [potassium] = codesOf('potassium-five');
    expect(await send('potassium-five', 'M-OTHER', potassium, 207)).toBe('AA');
    // Two people under one number: which is meant nobody here can know.
    expect(await open()).toBe('refused LAUNCH_NOT_CHECKED');
  });

  it('takes SM3 where the client signs with it, and then SHA-256 no more', async () => {
    const { dependencies, opened } = system.bench;
    const act = { at: dependencies.clock(), newId: dependencies.newPublicId, by: 'test', peer: 'test' };
    await registerLaunch(
      opened.database,
      dependencies.keys,
      'operations',
      { digest: 'sm3', newSecrets: true },
      act,
    ).then(async ({ launchSecret }) => {
      const parameters = { client: 'operations', staff: '1', order: 'SQ-1001' };
      // A client without the purpose of treatment launches nobody, however well it signs.
      expect((await get(signedLaunch(parameters, launchSecret ?? '', 'sm3'))).status).toBe(403);
      expect((await get(signedLaunch(parameters, launchSecret ?? ''))).status).toBe(401);
    });
  });

  it('lets a refusal be read in the client’s frame while the database is away, to whoever signed only', async () => {
    const { dependencies, opened } = system.bench;
    let isAway = false;
    const database = {
      ...opened.database,
      run: (...call: Parameters<typeof opened.database.run>) =>
        isAway
          ? Promise.reject(raiser(POSTGRES_FAULTS)('DATABASE_UNREACHABLE'))
          : opened.database.run(...call),
    } as typeof opened.database;
    let now = Date.now();
    const { keys, newPublicId } = dependencies;
    const desk = launchDesk({ database, keys, clock: () => instant(now), newPublicId });
    const query = Object.fromEntries(new URL(launch(), system.url).searchParams);
    const frames = (await desk.of(CLIENT))?.frameOrigins;
    isAway = true;
    now += 60_000;
    const told: unknown[] = [];
    const admit = (over: object) =>
      desk.admit({ ...query, ...over }, ({ frameOrigins }) => told.push(frameOrigins));
    await expect(admit({})).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(told).toEqual([frames]);
    await expect(admit({ signature: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
    });
    expect(told).toHaveLength(1);
  });

  it('lets the card read and answer its one check, and nothing else', async () => {
    const card = (await get(launch())).headers.get('location') ?? '';
    const token = card.slice('/card/'.length);
    for (const path of ['/', '/api/orderables', '/patients', `/api/order-checks/${token}`]) {
      const answer = await fetch(system.url + path, {
        headers: { authorization: `Bearer ${token}`, cookie: `huren_session=${token}` },
      });
      expect([401, 404, 405], path).toContain(answer.status);
    }
    const other = await check(system.bench.orderOf(memberOf(system.bench, 'potassium-five')));
    const foreign = other.lines.flatMap(({ candidates }) => candidates)[0]?.report ?? '';
    expect(foreign).not.toBe('');
    expect((await get(`${card}/reports/${foreign}`)).status).toBe(404);
    const page = await (await get(card)).text();
    const shown = /\/reports\/([0-9a-f-]{36})/.exec(page)?.[1] ?? '';
    expect((await get(`${card}/reports/${shown}`)).status).toBe(200);
    expect((await get(`${card}x`)).status).toBe(401);
  });

  it('refuses an answer without the form of its own card', async () => {
    const card = (await get(launch())).headers.get('location') ?? '';
    const other = (await get(launch({ staff: '100119' }))).headers.get('location') ?? '';
    const formTokenOf = async (address: string) =>
      /name="formToken" value="([^"]+)"/.exec(await (await get(address)).text())?.[1] ?? '';
    const fields = { line: '1', kind: 'recognise', idempotencyKey: crypto.randomUUID() };
    for (const formToken of ['', await formTokenOf(other)]) {
      const answer = await fetch(`${system.url}${card}/responses`, {
        method: 'POST',
        body: new URLSearchParams({ ...fields, formToken }),
        redirect: 'manual',
      });
      expect(answer.status).toBe(403);
      expect(await codeOf(answer)).toBe('FORM_EXPIRED');
    }
  });

  it('prints the name on the notice that the doctor gives there: no address and no token carries it', async () => {
    const asked = await check(
      system.bench.orderOf(memberOf(system.bench, 'child'), {
        request: { number: 'SQ-1002' },
        encounter: { class: '门诊', number: 'LSH-2' },
      }),
    );
    const { line = 0 } = asked.lines.find(({ offeredReasons }) => offeredReasons.length > 0) ?? {};
    const card = (await get(launch({ order: 'SQ-1002', encounter: 'LSH-2' }))).headers.get('location') ?? '';
    const post = async (path: string, fields: Readonly<Record<string, string>>) => {
      const formToken = /name="formToken" value="([^"]+)"/.exec(await (await get(card)).text())?.[1] ?? '';
      return fetch(system.url + card + path, {
        method: 'POST',
        body: new URLSearchParams({ ...fields, formToken, line: String(line) }),
        redirect: 'manual',
      });
    };
    const idempotencyKey = crypto.randomUUID();
    expect((await post('/responses', { kind: 're-examine', reason: 'N1', idempotencyKey })).status).toBe(303);
    expect(await (await get(`${card}/notices?line=${line}`)).text()).toContain('医师姓名');
    const made = await post('/notices', { relation: 'self', doctorName: '顾清和' });
    expect(made.status).toBe(303);
    const paper = made.headers.get('location') ?? '';
    expect(decodeURIComponent(paper)).not.toContain('顾清和');
    expect(await (await get(paper)).text()).toContain('顾清和（100118）');
  });
});
