import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { connectMllp, type MllpClient } from '../../src/adapters/hl7v2/mllp-client.ts';
import { type MllpServer, startMllpServer } from '../../src/adapters/hl7v2/mllp-server.ts';
import { unmergePersons } from '../../src/adapters/postgres/person-links.ts';
import { clusterOf } from '../../src/adapters/postgres/person-lookup.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import { mllpIngest } from '../../src/apps/flows/ingest/ingest-listener.ts';
import { replayQuarantine } from '../../src/apps/flows/ingest/ingest-replay.ts';
import type { Actor } from '../../src/apps/server/flows-port.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import {
  admissionMessage,
  fresh,
  type IngestBench,
  ingestBench,
  type MessageParts,
  reportMessage,
} from '../system/ingest-fixtures.ts';
import { residentNumber } from '../system/person-fixtures.ts';

/** Items of the conformance checklist that need the database behind the socket. */

const FRAME_LIMIT_BYTES = 32 * 1024 * 1024;

let bench: IngestBench;
let server: MllpServer;
let client: MllpClient;
beforeAll(async () => {
  bench = await ingestBench();
  server = await startMllpServer({
    host: '127.0.0.1',
    port: 0,
    limits: { maxFrameBytes: FRAME_LIMIT_BYTES },
    ...mllpIngest(bench.dependencies),
  });
  client = await connectMllp({ host: '127.0.0.1', port: server.port });
});
afterAll(async () => {
  await client.close();
  await server.close();
  await bench.drop();
});

const send = async (message: string | Uint8Array, over: MllpClient = client): Promise<string> =>
  Buffer.from(await over.send(typeof message === 'string' ? Buffer.from(message) : message)).toString();

const field = (answer: string, segment: string, index: number): string =>
  answer
    .split('\r')
    .find((line) => line.startsWith(segment))
    ?.split('|')[index] ?? '';
const code = (answer: string): string => field(answer, 'MSA', 1);

const standingsOf = (reportNumber: string) =>
  bench.rows<{ standing: string; version: number; lines: string }>(
    `select r.standing, r.version, string_agg(x.value_text || ' ' || x.standing, ',' order by x.ordinal) as lines
     from reports r join results x using (person_id, report_id) where r.report_number = $1 group by r.standing, r.version`,
    [reportNumber],
  );
const versionCount = async (reportNumber: string): Promise<number> =>
  (
    await bench.rows(
      'select 1 from report_versions v join reports r using (person_id, report_id) where r.report_number = $1',
      [reportNumber],
    )
  ).length;

describe('checklist 4: AA only after commit', () => {
  test('what has been answered AA is there for every other connection at once', async () => {
    const record = fresh('P');
    for (let turn = 0; turn < 50; turn++) {
      const reportNumber = fresh('R');
      expect(code(await send(reportMessage({ record, reportNumber })))).toBe('AA');
      expect(await versionCount(reportNumber)).toBe(1);
    }
  });
});

describe('checklist 5: the same message twice, and eight at once', () => {
  test('is one result and as many AA as messages', async () => {
    const reportNumber = fresh('R');
    const message = reportMessage({ reportNumber });
    const clients = await Promise.all(
      Array.from({ length: 8 }, () => connectMllp({ host: '127.0.0.1', port: server.port })),
    );
    const answers = await Promise.all(clients.map((one) => send(message, one)));
    await Promise.all(clients.map((one) => one.close()));
    answers.push(await send(message));
    expect(answers.map(code)).toEqual(Array.from({ length: 9 }, () => 'AA'));
    expect(await standingsOf(reportNumber)).toEqual([
      { standing: 'final', version: 1, lines: '4.1 final,23 final' },
    ]);
  });
});

describe('checklist 6: the same MSH-10 with another body', () => {
  test('is AE and lies in quarantine, and the first content stands', async () => {
    const parts = { controlId: fresh('M'), record: fresh('P'), reportNumber: fresh('R') };
    await send(reportMessage(parts));
    const answer = await send(reportMessage({ ...parts, lines: [['K', 'NM', '9.9', 'mmol/L']] }));
    expect(code(answer)).toBe('AE');
    expect(field(answer, 'ERR', 5)).toContain('CONTROL_ID_REUSED');
    expect((await standingsOf(parts.reportNumber))[0]?.lines).toBe('4.1 final,23 final');
    const lying = await bench.rows(
      "select 1 from quarantined_messages where control_id = $1 and state = 'open'",
      [parts.controlId],
    );
    expect(lying).toHaveLength(1);
  });
});

describe('checklist 9: a large OBX-5', () => {
  const withAttachment = (bytes: number): string =>
    reportMessage({
      lines: [['PDF', 'ED', `^application^pdf^Base64^${Buffer.alloc(bytes, 'JVBERi0x').toString('base64')}`]],
    });

  test('of 20 MB is taken while other connections go on being answered', async () => {
    const other = await connectMllp({ host: '127.0.0.1', port: server.port });
    const large = send(withAttachment(20_000_000));
    const small = await Promise.all(Array.from({ length: 20 }, () => send(reportMessage({}), other)));
    expect(small.map(code)).toEqual(Array.from({ length: 20 }, () => 'AA'));
    expect(code(await large)).toBe('AA');
    await other.close();
  });

  test('over the limit is AR with the reason, a visible record, and the connection lives on', async () => {
    const answer = await send(withAttachment(FRAME_LIMIT_BYTES));
    expect(code(answer)).toBe('AR');
    expect(answer).toContain('MLLP_FRAME_TOO_LARGE');
    expect(
      await bench.rows("select 1 from quarantined_messages where reason_code = 'MLLP_FRAME_TOO_LARGE'"),
    ).toHaveLength(1);
    expect(code(await send(reportMessage({})))).toBe('AA');
  });
});

describe('checklist 10: statuses', () => {
  const say = (
    parts: Pick<MessageParts, 'record' | 'reportNumber' | 'nationalId'>,
    hour: number,
    status: string,
    value: string,
    over: Partial<MessageParts> = {},
  ): string =>
    reportMessage({
      ...parts,
      status,
      sentAt: `202611200${hour}0100+0800`,
      reportedAt: `202611200${hour}0000+0800`,
      lines: [['K', 'NM', value, 'mmol/L', '3.5-5.3', over.orderControl === 'CA' ? 'F' : status]],
      ...over,
    });
  const lineOf = (status: string) => [['K', 'NM', '4.1', 'mmol/L', '3.5-5.3', status]] as const;

  test.each([
    [
      'F then C',
      [
        ['F', 1],
        ['C', 2],
      ],
      'corrected',
      2,
    ],
    [
      'C before F',
      [
        ['C', 2],
        ['F', 1],
      ],
      'corrected',
      1,
    ],
    [
      'F then F with other values',
      [
        ['F', 1],
        ['F', 2],
      ],
      'corrected',
      2,
    ],
    [
      'P after F',
      [
        ['F', 2],
        ['P', 1],
      ],
      'final',
      1,
    ],
    [
      'a late P of a later time after F',
      [
        ['F', 1],
        ['P', 2],
      ],
      'final',
      1,
    ],
    [
      'P then F',
      [
        ['P', 1],
        ['F', 2],
      ],
      'final',
      2,
    ],
    [
      'F then X',
      [
        ['F', 1],
        ['X', 2],
      ],
      'withdrawn',
      2,
    ],
    [
      'X twice after F, said anew',
      [
        ['F', 1],
        ['X', 2],
        ['X', 3],
      ],
      'withdrawn',
      3,
    ],
    [
      'P then X',
      [
        ['P', 1],
        ['X', 2],
      ],
      'cancelled',
      2,
    ],
    [
      'F, X, F',
      [
        ['F', 1],
        ['X', 2],
        ['F', 3],
      ],
      'corrected',
      3,
    ],
  ] as const)(
    '%s ends as it must, with the exact number of versions',
    async (_name, steps, standing, versions) => {
      const parts = { record: fresh('P'), reportNumber: fresh('R'), nationalId: '' };
      for (const [status, hour] of steps)
        expect(code(await send(say(parts, hour, status, `4.${hour}`)))).toBe('AA');
      expect(await standingsOf(parts.reportNumber)).toMatchObject([{ standing, version: versions }]);
      expect(await versionCount(parts.reportNumber)).toBe(versions);
    },
  );

  test.each([
    ['OBX-11 D', { lines: lineOf('D') }, 'withdrawn'],
    ['OBX-11 W', { lines: lineOf('W') }, 'entered-in-error'],
    ['OBR-25 X', { status: 'X' }, 'withdrawn'],
    ['ORC CA', { orderControl: 'CA' }, 'withdrawn'],
  ] as const)(
    'a report taken back by %s is offered by no check after its AA',
    async (_name, over, standing) => {
      const nationalId = residentNumber(Number(fresh('').slice(-3))).number;
      const parts = { record: fresh('P'), reportNumber: fresh('R'), nationalId };
      const flows = checkFlows(bench.dependencies);
      const doctor: Actor = {
        kind: 'staff',
        name: 'staff:doctor',
        login: 'doctor',
        role: 'doctor',
        institution: 'JIANG-2' as InstitutionCode,
        staffNumber: '1',
        department: null,
        displayName: '顾清和',
      };
      const offered = async () => {
        const answer = await flows.check(
          doctor,
          orderCheckRequestShape.parse({
            patient: {
              identifiers: [{ type: 'national-id', number: nationalId }],
              name: '周明轩',
              birthDate: '1990-01-01',
            },
            encounter: { class: '门诊', number: fresh('V') },
            items: [{ line: 1, code: 'K01' }],
          }),
          { requestId: 'test', peer: 'test', purpose: 'treatment' },
        );
        if (!answer.ok) throw answer.reason;
        return answer.value.lines[0]?.candidates.length ?? 0;
      };
      await send(say(parts, 8, 'F', '4.1'));
      expect(await offered()).toBe(1);
      expect(code(await send(say(parts, 9, 'C', '4.1', over)))).toBe('AA');
      expect((await standingsOf(parts.reportNumber))[0]?.lines).toBe(`4.1 ${standing}`);
      expect(await offered()).toBe(0);
    },
  );
});

describe('checklist 12: what is no number never becomes one', () => {
  test.each(['1+', '阴性', '+++', '弱阳性', 'see note', '1:320', '3-5'])('NM %s', async (text) => {
    const reportNumber = fresh('R');
    expect(code(await send(reportMessage({ reportNumber, lines: [['K', 'NM', text]] })))).toBe('AA');
    const [row] = await bench.rows<{ value_text: string; value_number: number | null }>(
      'select value_text, value_number from results x join reports r using (person_id, report_id) where r.report_number = $1',
      [reportNumber],
    );
    expect(row).toEqual({ value_text: text, value_number: null });
  });
});

describe('checklist 13: ADT^A40 and its inverse', () => {
  test('results appear in the view of both and never under two persons', async () => {
    const [old, survivor] = [fresh('P'), fresh('P')];
    const [oldReport, newReport] = [fresh('R'), fresh('R')];
    await send(reportMessage({ record: old, reportNumber: oldReport }));
    await send(reportMessage({ record: survivor, reportNumber: newReport }));
    const owner = async (reportNumber: string) =>
      (
        await bench.rows<{ person_id: string }>('select person_id from reports where report_number = $1', [
          reportNumber,
        ])
      ).map(({ person_id }) => person_id);
    const [[oldPerson], [newPerson]] = [await owner(oldReport), await owner(newReport)] as [
      [string],
      [string],
    ];
    const view = async (person: string) =>
      (await clusterOf(bench.database, person)).members.map(({ personId }) => personId).toSorted();
    expect(await view(newPerson)).toEqual([newPerson]);

    expect(code(await send(admissionMessage({ record: survivor, type: 'ADT^A40^ADT_A39' }, old)))).toBe('AA');
    expect(await view(newPerson)).toEqual([oldPerson, newPerson].toSorted());
    expect(await view(oldPerson)).toEqual(await view(newPerson));
    // Nothing moved.
    expect([await owner(oldReport), await owner(newReport)]).toEqual([[oldPerson], [newPerson]]);

    await bench.database.transaction((session) =>
      unmergePersons(session, {
        personId: newPerson,
        otherId: oldPerson,
        cause: 'staff',
        actor: 'test',
        reason: 'test',
        at: bench.dependencies.clock(),
      }),
    );
    expect([await view(oldPerson), await view(newPerson)]).toEqual([[oldPerson], [newPerson]]);
    expect([await owner(oldReport), await owner(newReport)]).toEqual([[oldPerson], [newPerson]]);
  });
});

describe('checklist 14: every answer names the message it answers', () => {
  test.each([
    ['AA', 'a good message', (id: string) => reportMessage({ controlId: id })],
    ['AE', 'an impossible date', (id: string) => reportMessage({ controlId: id, collectedAt: '20261341' })],
    ['AE', 'no patient', (id: string) => reportMessage({ controlId: id }).replace(/\rPID[^\r]*/, '')],
    [
      'AE',
      'two patients',
      (id: string) => `${reportMessage({ controlId: id })}\rPID|1||OTHER^^^^MR||别人||19700101|F`,
    ],
    ['AE', 'a broken segment', (id: string) => `${reportMessage({ controlId: id })}\r@@@ not a segment`],
    ['AR', 'an unknown sender', (id: string) => reportMessage({ controlId: id, facility: 'NOWHERE' })],
    ['AR', 'a type that is not used', (id: string) => reportMessage({ controlId: id, type: 'DFT^P03' })],
    [
      'AR',
      'another version of the standard',
      (id: string) => reportMessage({ controlId: id }).replace('|2.5.1|', '|3.0|'),
    ],
  ])('%s for %s', async (expected, _what, make) => {
    const id = fresh('MSG-');
    const answer = await send(make(id));
    expect(code(answer)).toBe(expected);
    expect(field(answer, 'MSA', 2)).toBe(id);
    expect(answer.includes('\rERR|')).toBe(expected !== 'AA');
    expect(answer).not.toContain('周明轩');
  });

  test('undecodable bytes are AE with the id, and lie whole in quarantine', async () => {
    const id = fresh('MSG-');
    const bytes = Buffer.concat([Buffer.from(reportMessage({ controlId: id })), Buffer.from([0xc3, 0x28])]);
    const answer = await send(bytes);
    expect([code(answer), field(answer, 'MSA', 2)]).toEqual(['AE', id]);
    expect(
      await bench.rows('select reason_code from quarantined_messages where control_id = $1', [id]),
    ).toEqual([{ reason_code: 'HL7_BYTES_UNDECODABLE' }]);
  });
});

describe('checklist 15: any message is taken or lies in quarantine with a reason', () => {
  /** Shapes that vendors of several countries send; all are well-formed. */
  const COUNTRIES: readonly (readonly [string, string])[] = [
    [
      'United States, v2.3, no character set, report number in OBR-3 with namespace',
      'MSH|^~\\&|LIS|JIANG1|EHR|X|20261120093000||ORU^R01|@ID|P|2.3\rPID|1||@P^^^HOSP^MR||DOE^JANE^Q||19620711|F|||12 ELM ST^^AUSTIN^TX\rOBR|1|@R-P^EHR|@R^LAB|80053^COMP METABOLIC PANEL^C4|||20261120080000|||||||||^SMITH^A||||||20261120090000||CH|F\rOBX|1|NM|2823-3^POTASSIUM^LN||4.1|mmol/L|3.5-5.1||||F\rNTE|1||HEMOLYZED SLIGHTLY',
    ],
    [
      'Germany, v2.5, ISO 8859-1, decimal comma in a text value',
      'MSH|^~\\&|LIS|JIANG1|KIS|X|20261120093000+0100||ORU^R01^ORU_R01|@ID|P|2.5||||||8859/1\rPID|1||@P^^^KH^PI||M\u00fcller^J\u00f6rg||19500101|M\rOBR|1||@R|BB^Blutbild|||20261120080000+0100|||||||||||||||20261120090000+0100||LAB|F\rOBX|1|ST|HB^H\u00e4moglobin||13,9|g/dl|12,0-16,0||||F',
    ],
    [
      'v2.8 with CWE and a fifth delimiter',
      'MSH|^~\\&#|LIS|JIANG1|X|X|20261120093000+0800||ORU^R01^ORU_R01|@ID|P|2.8||||||UNICODE UTF-8\rPID|1||@P^^^H^MR||\u5f20\u4e09||19900101|M\rOBR|1||@R|X^X|||20261120080000+0800|||||||||||||||20261120090000+0800||LAB|F\rSPM|1|||SER^Serum\rOBX|1|CWE|HBSAG^HBsAg||260385009^Negative^SCT||||||F',
    ],
    [
      'Japan-like: no sex, no birth date, structured numeric',
      'MSH|^~\\&|LIS|JIANG1|X|X|20261120093000+0900||ORU^R01|@ID|P|2.5||||||UNICODE UTF-8\rPID|1||@P^^^H^PI||\u9234\u6728^\u4e00\u90ce\rOBR|1||@R|CRP^CRP|||20261120080000+0900|||||||||||||||20261120090000+0900||LAB|F\rOBX|1|SN|CRP^CRP||<^0.30|mg/dL|||||F',
    ],
  ];

  test.each(COUNTRIES)('%s', async (_name, text) => {
    const isLatin = text.includes('8859/1');
    const message = text
      .replaceAll('@ID', fresh('M'))
      .replaceAll('@P', fresh('P'))
      .replaceAll('@R', fresh('R'));
    expect(code(await send(Buffer.from(message, isLatin ? 'latin1' : 'utf8')))).toBe('AA');
  });

  test('broken messages crash nothing, each has an answer, and what was refused is there with its reason', async () => {
    const before = await bench.rows<{ n: number }>('select count(*)::integer as n from quarantined_messages');
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.nat({ max: 400 }),
            fc.constantFrom('|', '^', '\r', '~', '\\', '\u0000', '9', '', '\u20ac', 'OBX', 'MSH|'),
          ),
          {
            minLength: 1,
            maxLength: 6,
          },
        ),
        async (edits) => {
          // The header stays whole: a field shifted into MSH-15 would ask for no answer at all.
          const whole = reportMessage({});
          const header = whole.slice(0, whole.indexOf('\r') + 1);
          let body = whole.slice(header.length);
          for (const [at, inserted] of edits) body = body.slice(0, at) + inserted + body.slice(at + 1);
          const message = header + body;
          const answer = await send(message);
          expect(['AA', 'AE', 'AR']).toContain(code(answer));
          if (code(answer) !== 'AA') refused++;
        },
      ),
      { numRuns: 300, seed: 20261120 },
    );
    const after = await bench.rows<{ n: number; nameless: number }>(
      "select count(*)::integer as n, (count(*) filter (where reason_code = ''))::integer as nameless from quarantined_messages",
    );
    expect((after[0]?.n ?? 0) - (before[0]?.n ?? 0)).toBe(refused);
    expect(refused).toBeGreaterThan(50);
    expect(after[0]?.nameless).toBe(0);
    expect(
      await bench.rows("select 1 from quarantined_messages where reason_code = 'INGEST_FAILED'"),
    ).toEqual([]);
  });

  test('replaying all of the quarantine leaves no duplicate', async () => {
    const totals = async () =>
      (
        await bench.rows(
          'select (select count(*) from results) as results, (select count(*) from report_versions) as versions',
        )
      )[0];
    const from = new Date('2020-01-01').getTime() as never;
    await replayQuarantine(bench.dependencies, { filter: { from }, limit: 10_000 });
    const once = await totals();
    await replayQuarantine(bench.dependencies, { filter: { from }, limit: 10_000 });
    expect(await totals()).toEqual(once);
  });

  test('bytes outside a frame and a frame that never ends are visible records', async () => {
    const raw = await connectMllp({ host: '127.0.0.1', port: server.port });
    raw.socket.write('MSH|^~\\&|no frame around me\r');
    expect(code(await send(reportMessage({}), raw).catch(() => ''))).toMatch(/^(AR|AA|)$/);
    raw.socket.write(Buffer.concat([Buffer.from([0x0b]), Buffer.from(reportMessage({})).subarray(0, 60)]));
    await raw.close();
    await expect
      .poll(() =>
        bench.rows(
          "select distinct reason_code from quarantined_messages where reason_code like 'MLLP_%' and reason_code <> 'MLLP_FRAME_TOO_LARGE' order by 1",
        ),
      )
      .toEqual([{ reason_code: 'MLLP_FRAME_UNFINISHED' }, { reason_code: 'MLLP_NO_START_BLOCK' }]);
  });
});
