import { connect } from 'node:net';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectMllp, type MllpClient } from '../../src/adapters/hl7v2/mllp-client.ts';
import { frameMessage } from '../../src/adapters/hl7v2/framing.ts';
import { type MllpServer, startMllpServer } from '../../src/adapters/hl7v2/mllp-server.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { orderAnswers } from '../../src/apps/flows/ingest/answer-orders.ts';
import { checkOrderFlow } from '../../src/apps/flows/checks/check-order.ts';
import { mllpIngest } from '../../src/apps/flows/ingest/ingest-listener.ts';
import { registerHl7Sender } from '../../src/apps/flows/ingest/ingest-senders.ts';
import type { IngestDependencies } from '../../src/apps/flows/ingest/ingest-work.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { checkResponseRequestShape } from '../../src/web/wire/order-check-request.ts';
import { potassiumMessage, type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';

/*
 * HL7 v2 chapter 4: orders answered by their application answer (ORM^O01 -> ORR^O02, OML^O21 -> ORL^O22 and their like)
 * with what the order check found.
 */

const COULD_NOT_CHECK = '互认服务暂不可用，本次未核查，不影响开单';
const HOME = 'YX-COUNTY' as InstitutionCode;

let system: RealSystem;
let server: MllpServer;
let client: MllpClient;
let serial = 0;

const dependencies = (): IngestDependencies => ({
  ...system.bench.dependencies,
  cardLinks: system.cardLinks,
});

beforeAll(async () => {
  system = await realSystem();
  const { database } = system.bench.dependencies;
  const sender = { institution: HOME, application: 'HIS', charset: 'UNICODE UTF-8' };
  await registerHl7Sender(database, {
    ...sender,
    code: 'YX-COUNTY-HIS',
    facility: 'YXHIS',
    dialect: { orderAnswer: 'application', cardClient: 'yx-county-his' },
  });
  await registerHl7Sender(database, { ...sender, code: 'YX-COUNTY-PLAIN', facility: 'YXPLAIN' });
  server = await startMllpServer({ host: '127.0.0.1', port: 0, ...mllpIngest(dependencies()) });
  client = await connectMllp({ host: '127.0.0.1', port: server.port });
});
afterAll(async () => {
  await client?.close();
  await server?.close();
  await system?.stop();
});

interface Parts {
  readonly type?: string;
  readonly facility?: string;
  readonly controlId?: string;
  readonly charset?: string;
  readonly conditions?: string;
  /** Of the cast. */
  readonly who?: string;
  readonly patient?: string;
  readonly visit?: string;
  /** ORC-1, ORC-2, code; what else stands behind the OBR. */
  readonly lines: readonly (readonly [control: string, placer: string, code: string])[];
  /** Segments before the first ORC. */
  readonly ahead?: string;
}

const fresh = (prefix: string): string => `${prefix}${++serial}`;

const patientOf = (who: string): string => {
  const { person } = memberOf(system.bench, who);
  const day = person.birthDate.replaceAll('-', '');
  const sex = person.sex === 'male' ? 'M' : 'F';
  return `PID|1||${person.nationalId}^^^CHN^NNCHN||${person.name}||${day}|${sex}`;
};

const orderMessage = (parts: Parts): string => {
  const {
    type = 'ORM^O01^ORM_O01',
    facility = 'YXHIS',
    controlId = fresh('ORD'),
    charset = 'UNICODE UTF-8',
  } = parts;
  const [accept = '', application = ''] = (parts.conditions ?? '').split(' ');
  return [
    `MSH|^~\\&|HIS|${facility}|HUREN|HR|20261123110000+0800||${type}|${controlId}|P|2.5.1|||${accept}|${application}|CHN|${charset}`,
    parts.patient ?? patientOf(parts.who ?? 'child'),
    parts.visit ?? `PV1|1|O|儿科||||||||||||||||${fresh('V')}`,
    ...(parts.ahead ? [parts.ahead] : []),
    ...parts.lines.flatMap(([control, placer, code], index) => [
      `ORC|${control}|${placer}|||||||20261123110000+0800|||100118^顾清和`,
      ...(code === '' ? [] : [`OBR|${index + 1}|${placer}||${code}^${code}`]),
    ]),
    '',
  ].join('\r');
};

const codesOf = (who: string): readonly string[] => {
  const { items } = system.bench.orderOf(memberOf(system.bench, who)) as { items: { code: string }[] };
  return items.map(({ code }) => code);
};

const ask = async (message: string | Uint8Array, over: MllpClient = client): Promise<string> =>
  Buffer.from(await over.send(Buffer.from(message))).toString();

const segments = (answer: string): readonly (readonly string[])[] =>
  answer
    .split('\r')
    .filter((line) => line !== '')
    .map((line) => line.split('|'));
const field = (answer: string, name: string, index: number): string =>
  segments(answer).find(([first]) => first === name)?.[index] ?? '';

/** Notes before the first order, then those behind each. */
const notesOf = (answer: string): readonly (readonly string[])[] => {
  const groups: string[][] = [[]];
  for (const line of segments(answer)) {
    if (line[0] === 'ORC') groups.push([]);
    if (line[0] === 'NTE') groups.at(-1)?.push(line[3] ?? '');
  }
  return groups;
};

const count = async (text: string, values: readonly string[] = []): Promise<number> => {
  const rows = await system.bench.dependencies.database.run<{ n: number }>(
    statement(`hl7v2-orders ${text.length} ${text}`.slice(0, 60), text),
    values,
  );
  return rows[0]?.n ?? 0;
};
const checksKept = () => count('select count(*)::integer as n from order_checks');

const grantIn = (answer: string) => {
  const url = /互认卡片：(\S+)/.exec(notesOf(answer)[0]?.join('\n') ?? '')?.[1] ?? '';
  const read = system.cardLinks.read(url.split('/card/')[1] ?? '');
  return read.ok ? read.value.grant : undefined;
};

describe('ORM^O01 of a sender that wants the application answer', () => {
  it('is answered by ORR^O02 with the patient, every order and one thought a note', async () => {
    const [blood, chest] = codesOf('child') as [string, string];
    const controlId = fresh('ORD');
    const answer = await ask(
      orderMessage({
        controlId,
        lines: [
          ['NW', 'SQ-A1', blood],
          ['NW', 'SQ-A1', chest],
        ],
      }),
    );
    expect(
      segments(answer)
        .map(([name]) => name)
        .filter((name) => name !== 'NTE'),
    ).toEqual(['MSH', 'MSA', 'PID', 'ORC', 'OBR', 'ORC', 'OBR']);
    expect([field(answer, 'MSH', 8), field(answer, 'MSA', 1), field(answer, 'MSA', 2)]).toEqual([
      'ORR^O02^ORR_O02',
      'AA',
      controlId,
    ]);
    expect([field(answer, 'MSH', 2), field(answer, 'MSH', 4), field(answer, 'MSH', 5)]).toEqual([
      'HUREN',
      'HIS',
      'YXHIS',
    ]);
    expect(field(answer, 'PID', 5)).toBe(memberOf(system.bench, 'child').person.name);
    expect([field(answer, 'ORC', 1), field(answer, 'ORC', 2)]).toEqual(['OK', 'SQ-A1']);
    const [general, , ofChest] = notesOf(answer);
    expect(general?.[0]).toBe('拟开项目中有 1 项已有可互认结果，请确认；另有 1 项可供参考');
    expect(ofChest?.[0]).toBe('有可互认结果');
    for (const thought of [
      /^结果：胸部.*诊断意见：/,
      /^机构：望溪市妇幼保健院（.+）$/,
      /^时间：\d{4}-\d\d-\d\d \d\d:\d\d 检查$/,
      /^互认标识：.+$/,
      /^参考时限至 \d{4}-\d\d-\d\d$/,
      /^判定：可互认/,
    ])
      expect(
        ofChest?.filter((note) => thought.test(note)),
        String(thought),
      ).toHaveLength(1);
    expect(grantIn(answer)).toMatchObject({
      institution: HOME,
      client: 'yx-county-his',
      staffNumber: '100118',
    });
  });

  it('is answered the same when it comes again, once or eight times at once, by one check', async () => {
    const chest = codesOf('child').at(-1) as string;
    const message = orderMessage({ lines: [['NW', fresh('SQ'), chest]] });
    const before = await checksKept();
    const first = await ask(message);
    const clients = await Promise.all(
      Array.from({ length: 8 }, () => connectMllp({ host: '127.0.0.1', port: server.port })),
    );
    const again = await Promise.all(clients.map((one) => ask(message, one)));
    await Promise.all(clients.map((one) => one.close()));
    expect(await checksKept()).toBe(before + 1);
    const withoutCard = (answer: string) => [
      field(answer, 'MSA', 1),
      ...notesOf(answer)
        .flat()
        .filter((note) => !note.startsWith('互认卡片')),
    ];
    for (const answer of again) {
      expect(withoutCard(answer)).toEqual(withoutCard(first));
      expect(grantIn(answer)?.check).toBe(grantIn(first)?.check);
    }
  });

  it('fulfils the recognition of one line when that order is cancelled by its own number', async () => {
    const [blood, chest] = codesOf('child') as [string, string];
    const answer = await ask(
      orderMessage({
        lines: [
          ['NW', 'SQ-B1', blood],
          ['NW', 'SQ-B2', chest],
        ],
      }),
    );
    const check = grantIn(answer)?.check as PublicId;
    const { flows, doctor, origin } = system.bench;
    const request = checkResponseRequestShape.parse({ line: 2, kind: 'recognise' });
    expect((await flows.respond(doctor, check, request, null, origin)).ok).toBe(true);
    const other = await ask(orderMessage({ lines: [['CA', 'SQ-B1', blood]] }));
    expect([field(other, 'MSA', 1), field(other, 'ORC', 1)]).toEqual(['AA', 'CR']);
    expect(notesOf(other).flat()).toEqual([]);
    const stateOf = async () => {
      const read = await flows.read(doctor, check, origin);
      return read.ok ? read.value.lines[1]?.response?.state : undefined;
    };
    expect(await stateOf()).toBe('recorded');
    await ask(orderMessage({ lines: [['CA', 'SQ-B2', chest]] }));
    expect(await stateOf()).toBe('fulfilled');
  });

  it('is answered in GBK, raised digits as 10^9 and never as 109', async () => {
    const who = 'child';
    const [blood, chest] = codesOf(who) as [string, string];
    const text = orderMessage({
      who,
      charset: 'GBK',
      lines: [
        ['NW', fresh('SQ'), blood],
        ['NW', fresh('SQ'), chest],
      ],
    });
    const bytes = await client.send(iconv.encode(text, 'gbk'));
    const answer = iconv.decode(Buffer.from(bytes), 'gbk');
    expect(field(answer, 'MSH', 17)).toBe('GBK');
    expect(field(answer, 'PID', 5)).toBe(memberOf(system.bench, who).person.name);
    expect(notesOf(answer)[2]?.[0]).toBe('有可互认结果');
    expect(answer).not.toMatch(/109\/L/);
    expect(answer).not.toContain('〓');
  });

  it('is answered in the delimiters it came in, a 4-byte name of GB18030 exact', async () => {
    const chest = codesOf('child').at(-1) as string;
    const { person } = memberOf(system.bench, 'child');
    const text = [
      `MSH$*!?%$HIS$YXHIS$HUREN$HR$20261123110000+0800$$ORM*O01$${fresh('ORD')}$P$2.4$$$$$CHN$GB 18030-2000`,
      `PID$1$$P-RARE***YXHIS*MR$$𠮷䶮$$${person.birthDate.replaceAll('-', '')}$M`,
      'PV1$1$O',
      'ORC$NW$SQ-RARE',
      `OBR$1$SQ-RARE$$${chest}*胸片`,
    ].join('\r');
    const bytes = await client.send(iconv.encode(text, 'gb18030'));
    const answer = iconv.decode(Buffer.from(bytes), 'gb18030');
    expect(answer.startsWith('MSH$*!?%$HUREN$HR$HIS$YXHIS$')).toBe(true);
    expect(answer).toContain('$ORR*O02*ORR_O02$');
    expect(answer).toContain('$𠮷䶮$');
    expect(answer).toMatch(/\rMSA\$AA\$/);
  });
});

describe('its relatives', () => {
  it.each([
    ['OML^O21^OML_O21', 'ORL^O22^ORL_O22'],
    ['OMG^O19^OMG_O19', 'ORG^O20^ORG_O20'],
    ['OML^O33^OML_O33', 'ORL^O34^ORL_O34'],
    ['OML^O35^OML_O35', 'ORL^O36^ORL_O36'],
  ])('%s is answered by %s', async (type, answerType) => {
    const chest = codesOf('child').at(-1) as string;
    const answer = await ask(orderMessage({ type, lines: [['NW', fresh('SQ'), chest]] }));
    expect([field(answer, 'MSH', 8), field(answer, 'MSA', 1)]).toEqual([answerType, 'AA']);
    expect(notesOf(answer)[1]?.[0]).toBe('有可互认结果');
  });
});

describe('who gets a plain acknowledgement', () => {
  const chest = () => codesOf('child').at(-1) as string;

  it('a sender without the setting: nothing is checked', async () => {
    const before = await checksKept();
    const answer = await ask(orderMessage({ facility: 'YXPLAIN', lines: [['NW', fresh('SQ'), chest()]] }));
    expect(field(answer, 'MSH', 8)).toBe('ACK^O01^ACK');
    expect(segments(answer).map(([name]) => name)).toEqual(['MSH', 'MSA']);
    expect(await checksKept()).toBe(before);
  });

  it('a message whose conditions ask for an accept acknowledgement only', async () => {
    const answer = await ask(orderMessage({ conditions: 'AL NE', lines: [['NW', fresh('SQ'), chest()]] }));
    expect([field(answer, 'MSH', 8), field(answer, 'MSA', 1)]).toEqual(['ACK^O01^ACK', 'CA']);
  });

  it('and who asks for the application answer gets it', async () => {
    const answer = await ask(orderMessage({ conditions: 'NE AL', lines: [['NW', fresh('SQ'), chest()]] }));
    expect([field(answer, 'MSH', 8), field(answer, 'MSA', 1)]).toEqual(['ORR^O02^ORR_O02', 'AA']);
  });

  it('a message that is not taken: AE with the reason', async () => {
    const answer = await ask(orderMessage({ lines: [['NW', '', chest()]] }));
    expect([field(answer, 'MSH', 8), field(answer, 'MSA', 1)]).toEqual(['ACK^O01^ACK', 'AE']);
    expect(answer).toContain('ORDER_NUMBER_MISSING');
  });
});

describe('what cannot be checked says so and stays AA', () => {
  const stored = (placer: string) =>
    count('select count(*)::integer as n from orders where placer_number = $1', [placer]);

  it.each<[string, Omit<Parts, 'lines'>, RegExp]>([
    [
      'a patient known by a record number alone',
      { patient: 'PID|1||P-ALONE^^^YXHIS^MR||赵某||19700101|M' },
      /患者身份未能确认，本次未核查/,
    ],
    ['a visit of no kind', { visit: 'PV1|1' }, /就诊类别/],
  ])('%s', async (_name, parts, why) => {
    const placer = fresh('SQ');
    const answer = await ask(
      orderMessage({ ...parts, lines: [['NW', placer, codesOf('child').at(-1) as string]] }),
    );
    expect(field(answer, 'MSA', 1)).toBe('AA');
    expect(notesOf(answer).flat().join('\n')).toMatch(why);
    expect(notesOf(answer)[1]?.join('\n')).toContain('未核查');
    expect(answer).not.toContain('未发现');
    expect(await stored(placer)).toBe(1);
  });

  it('an unknown item beside a known one', async () => {
    const answer = await ask(
      orderMessage({
        lines: [
          ['NW', fresh('SQ'), 'NOBODY-MAPPED'],
          ['NW', fresh('SQ'), codesOf('child').at(-1) as string],
        ],
      }),
    );
    const [general, unknown, known] = notesOf(answer);
    expect(general?.[0]).toBe('拟开项目中有 1 项已有可互认结果，请确认；另有 1 项未核查');
    expect(unknown?.join()).toContain('院内编码未对照，本次未核查');
    expect(known?.[0]).toBe('有可互认结果');
  });

  it('500 orders in one message', async () => {
    const placer = fresh('SQ');
    const lines = Array.from({ length: 500 }, (_, index) => ['NW', placer, `C${index}`] as const);
    const answer = await ask(orderMessage({ lines }));
    expect(field(answer, 'MSA', 1)).toBe('AA');
    expect(notesOf(answer)[0]?.[0]).toBe(COULD_NOT_CHECK);
    expect(notesOf(answer).slice(1)).toEqual(lines.map(() => ['本次未核查']));
    expect(await stored(placer)).toBe(500);
  });

  /** A listener whose checks wait until `release`, each no longer than the limit. */
  const slowListener = async (checkLimitMs: number) => {
    let waiting = 0;
    const errors: unknown[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const all = { ...dependencies(), checkLimitMs, onError: (error: unknown) => void errors.push(error) };
    const answers = orderAnswers(all, (...made) => async (...call) => {
      waiting++;
      await held;
      return checkOrderFlow(...made)(...call);
    });
    const slow = await startMllpServer({
      host: '127.0.0.1',
      port: 0,
      ...mllpIngest(all, undefined, answers),
    });
    return { slow, errors, release, waiting: () => waiting };
  };

  it('a check that takes long; and results behind it on the same connection do not wait for it', async () => {
    const { slow, release, waiting } = await slowListener(60_000);
    const socket = connect(slow.port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('utf8');
    });
    const placer = fresh('SQ');
    const chest = codesOf('child').at(-1) as string;
    const report = potassiumMessage({ value: '4.77', flag: 'N', status: 'F' }).replaceAll('\n', '\r');
    socket.write(frameMessage(Buffer.from(orderMessage({ lines: [['NW', placer, chest]] }))));
    await expect.poll(waiting, { timeout: 10_000 }).toBe(1);
    socket.write(frameMessage(Buffer.from(report)));
    const isThere = () => count("select count(*)::integer as n from results where value_text = '4.77'");
    await expect.poll(isThere, { timeout: 10_000 }).toBe(1);
    expect([await stored(placer), received]).toEqual([1, '']);
    release();
    await expect.poll(() => received.split('\u001c').length, { timeout: 10_000 }).toBe(3);
    const [order = '', result = ''] = received.split('\u001c');
    expect(field(order.replace('\u000b', ''), 'MSH', 8)).toBe('ORR^O02^ORR_O02');
    expect(result).toContain('|ACK^R01^ACK|');
    socket.destroy();
    await slow.close();
  });

  it('a check that does not end within its limit', async () => {
    const { slow, errors, release } = await slowListener(50);
    const line = await connectMllp({ host: '127.0.0.1', port: slow.port });
    const message = orderMessage({ lines: [['NW', fresh('SQ'), codesOf('child').at(-1) as string]] });
    const before = await checksKept();
    const answer = await ask(message, line);
    expect(field(answer, 'MSA', 1)).toBe('AA');
    expect(notesOf(answer)).toEqual([[COULD_NOT_CHECK], ['本次未核查']]);
    expect(errors).toMatchObject([{ code: 'ORDER_NOT_CHECKED' }]);
    // The check is not there to be read yet, and no second one is begun.
    expect(notesOf(await ask(message))).toEqual([[COULD_NOT_CHECK], ['本次未核查']]);
    release();
    await expect.poll(checksKept, { timeout: 10_000 }).toBe(before + 1);
    const late = await ask(message);
    expect([field(late, 'MSA', 1), notesOf(late)[1]?.[0]]).toEqual(['AA', '有可互认结果']);
    expect(await checksKept()).toBe(before + 1);
    await line.close();
    await slow.close();
  });
});
