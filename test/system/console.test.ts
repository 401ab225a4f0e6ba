import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import {
  type ItemsAnswer,
  type MessageAnswer,
  messageAnswerShape,
  type MessagesAnswer,
  messagesAnswerShape,
  type MessageSummary,
  type MessageTestAnswer,
  messageTestAnswerShape,
  type OverviewAnswer,
  overviewAnswerShape,
  type PublishedMapAnswer,
  type ReplayResult,
  type UnmappedAnswer,
  unknownSendersAnswerShape,
  unmappedAnswerShape,
} from '../../src/web/wire/console.ts';
import { type ConsoleStaff, type ConsoleSystem, consoleSystem } from './console-system.ts';
import { potassiumMessage } from './real-system.ts';

describe('the institution console', () => {
  let system: ConsoleSystem;
  beforeAll(async () => {
    system = await consoleSystem();
  });
  afterAll(() => system?.stop());

  const get = async <Answer>(staff: ConsoleStaff, path: string): Promise<Answer> => {
    const { status, body } = await system.call(staff, path);
    expect(status, JSON.stringify(body)).toBe(200);
    return body as Answer;
  };
  const post = async <Answer>(staff: ConsoleStaff, path: string, sent: unknown): Promise<Answer> => {
    const { status, body } = await system.call(staff, path, sent);
    expect(status, JSON.stringify(body)).toBe(200);
    return body as Answer;
  };
  const count = async (table: string): Promise<number> => {
    const rows = await system.bench.opened.database.run<{ n: number }>(
      statement(`test.count-${table}`, `select count(*)::integer as n from ${table}`),
    );
    return rows[0]?.n ?? 0;
  };
  const quarantined = async (): Promise<readonly MessageSummary[]> =>
    (await get<MessagesAnswer>('central', '/api/console/messages?state=open')).messages;
  const withReason = async (code: string): Promise<MessageSummary> => {
    const found = (await quarantined()).find(({ reason }) => reason?.code === code);
    if (!found) throw new Error(`nothing lies in quarantine for ${code}`);
    return found;
  };
  const opened = async (staff: ConsoleStaff, { id }: { readonly id: string }): Promise<MessageAnswer> =>
    get(staff, `/api/console/messages/${id}`);
  const fieldAt = ({ annotated }: { readonly annotated: MessageAnswer['annotated'] }, place: string) =>
    annotated.segments.flatMap(({ fields }) => fields).find((field) => field.place === place);

  describe('rights', () => {
    const addresses = [
      '/api/console/institutions',
      '/api/console/overview?institution=WX-CENTRAL',
      '/api/console/messages?institution=WX-CENTRAL',
      '/api/console/code-map?institution=WX-CENTRAL',
      '/api/console/items?search=K',
    ];

    it('refuses doctors, medical affairs and regulators', async () => {
      const { id } = await withReason('HL7_TIME_IMPOSSIBLE');
      for (const staff of ['doctor', 'hospital', 'regulator'] as const)
        for (const path of [...addresses, `/api/console/messages/${id}`])
          expect((await system.call(staff, path)).status, `${staff} ${path}`).toBe(403);
    });

    it('never shows another institution its messages', async () => {
      for (const path of addresses.slice(1, 4))
        expect(await system.call('county', path)).toMatchObject({
          status: 403,
          body: { code: 'CONSOLE_INSTITUTION_FOREIGN' },
        });
      const waiting = await withReason('HL7_TIME_IMPOSSIBLE');
      const taken = (await get<MessagesAnswer>('central', '/api/console/messages?state=accepted')).messages;
      expect(taken.length).toBeGreaterThan(0);
      for (const { id } of [waiting, taken[0] as MessageSummary])
        for (const [path, body] of [
          [`/api/console/messages/${id}`],
          [`/api/console/messages/${id}/replays`, { reason: 'not mine' }],
          [`/api/console/messages/${id}/discards`, { reason: 'not mine' }],
        ] as const)
          expect((await system.call('county', path, body)).status, path).toBe(404);
      const own = await get<MessagesAnswer>('county', '/api/console/messages');
      expect(own.messages.every(({ sender }) => sender?.startsWith('YX-COUNTY'))).toBe(true);
    });

    it('lets the operator look at any institution he names, and at none he does not', async () => {
      expect(await system.call('operator', '/api/console/messages')).toMatchObject({
        status: 422,
        body: { code: 'CONSOLE_INSTITUTION_MISSING' },
      });
      const seen = await get<MessagesAnswer>('operator', '/api/console/messages?institution=WX-CENTRAL');
      expect(seen.messages.length).toBeGreaterThan(5);
    });

    it('shows the operator the form of a message and nothing of what it says', async () => {
      const list = '/api/console/messages?institution=WX-CENTRAL&limit=200';
      const { messages } = await get<MessagesAnswer>('operator', list);
      const opened = messages.filter(({ state }) => state === 'open');
      let named = 0;
      for (const { id } of [...messages.slice(0, 3), ...opened.slice(0, 2)]) {
        const own = await get<MessageAnswer>('central', `/api/console/messages/${id}`);
        const masked = await get<MessageAnswer>('operator', `/api/console/messages/${id}`);
        expect(own.isMasked).toBe(false);
        expect(masked).toMatchObject({ isMasked: true, editable: null, state: own.state });
        expect(masked.annotated.segments.map(({ place }) => place)).toEqual(
          own.annotated.segments.map(({ place }) => place),
        );
        const text = JSON.stringify(masked);
        const words = own.annotated.segments
          .filter(({ place }) => !place.startsWith('MSH'))
          .flatMap(({ fields }) => fields.flatMap(({ raw }) => raw.split(/[\^&~|]/)))
          .filter((word) => /^(\p{Script=Han}{2,3}|\d{17}[\dX])$/u.test(word));
        named += words.length;
        for (const { fields } of masked.annotated.segments.filter(({ place }) => !place.startsWith('MSH')))
          for (const { raw, reading } of fields) {
            expect(raw).not.toMatch(/[1-9]/);
            expect(reading).toBeNull();
          }
        for (const word of words.filter((each) => /\d/.test(each))) expect(text).not.toContain(word);
      }
      expect(named).toBeGreaterThan(0);
      const [quarantined] = opened;
      expect(
        await system.call('operator', `/api/console/messages/${quarantined?.id}/replays`, {
          reason: '试一试',
          text: 'MSH|^~\\&|X',
        }),
      ).toMatchObject({ status: 403, body: { code: 'CONSOLE_CONTENT_FOREIGN' } });
    });

    it('tells the operator alone who sends without being registered', async () => {
      const path = '/api/console/unknown-senders';
      for (const staff of ['central', 'county', 'doctor', 'hospital', 'regulator'] as const)
        expect((await system.call(staff, path)).status, staff).toBe(403);
      const before = unknownSendersAnswerShape.parse(await get('operator', path));
      expect(before.senders.filter(({ facility }) => facility === 'NOWHERE')).toEqual([]);
      const [first = '', second = ''] = ['4.1', '4.2'].map((value) =>
        potassiumMessage({ value, flag: 'N', status: 'F' }).replace('|IEP|WXSZXYY|', '|LIS|NOWHERE|'),
      );
      for (const foreign of [first, second, second])
        await system.bench.take(Buffer.from(foreign.replaceAll('\n', '\r')));
      const { senders, truncated } = unknownSendersAnswerShape.parse(await get('operator', path));
      expect(truncated).toBe(false);
      // The same bytes sent twice are one message that waits.
      expect(senders.find(({ facility }) => facility === 'NOWHERE')).toMatchObject({
        application: 'LIS',
        messages: 2,
      });
    });

    it('leaves an audit row for every message that was opened', async () => {
      const [taken] = (await get<MessagesAnswer>('central', '/api/console/messages?state=accepted')).messages;
      const persons = await count('audit_events');
      const acts = await count('system_audit_events');
      await opened('central', taken as MessageSummary);
      expect(await count('audit_events')).toBe(persons + 1);
      await opened('central', await withReason('HL7_TIME_IMPOSSIBLE'));
      expect(await count('system_audit_events')).toBe(acts + 1);
    });
  });

  describe('the overview', () => {
    it('counts what came, by sender and minute, and names the reasons', async () => {
      const overview = overviewAnswerShape.parse(
        await get<OverviewAnswer>('central', '/api/console/overview?span=hour'),
      );
      expect(overview.quarantine.open).toBe(5);
      expect(overview.reasons.map(({ messages }) => messages)).toEqual([1, 1, 1, 1, 1]);
      expect(overview.steps).toHaveLength(60);
      const stepped = overview.steps.reduce((total, { accepted }) => total + accepted, 0);
      expect(stepped).toBe(overview.totals.accepted);
      const listed = await get<MessagesAnswer>('central', '/api/console/messages?state=accepted&limit=200');
      expect(overview.totals.accepted).toBe(listed.messages.length);
      expect(overview.senders[0]?.lastMessageAt).toBe(
        (await get<MessagesAnswer>('central', '/api/console/messages?limit=1')).messages[0]?.receivedAt,
      );
    });

    it('counts the repeat of an accepted message', async () => {
      const message = potassiumMessage({ value: '4.01', flag: 'N', status: 'F' }).replaceAll('\n', '\r');
      const before = (await get<OverviewAnswer>('central', '/api/console/overview')).totals;
      await system.bench.take(Buffer.from(message));
      await system.bench.take(Buffer.from(message));
      const after = (await get<OverviewAnswer>('central', '/api/console/overview')).totals;
      expect(after.accepted - before.accepted).toBe(1);
      expect(after.duplicates - before.duplicates).toBe(1);
    });
  });

  describe('the list of messages', () => {
    it('goes through all pages without a gap or a repeat', async () => {
      const whole = messagesAnswerShape.parse(
        await get<MessagesAnswer>('central', '/api/console/messages?limit=200'),
      ).messages;
      const paged: MessageSummary[] = [];
      let path = '/api/console/messages?limit=7';
      for (;;) {
        const page = await get<MessagesAnswer>('central', path);
        paged.push(...page.messages);
        if (page.next === null) break;
        path = `/api/console/messages?limit=7&before=${encodeURIComponent(page.next)}`;
      }
      expect(paged.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
      expect(new Set(paged.map(({ id }) => id)).size).toBe(paged.length);
    });

    it('finds a message by its control id, taken or not', async () => {
      const [taken] = (await get<MessagesAnswer>('central', '/api/console/messages?state=accepted')).messages;
      const control = encodeURIComponent(taken?.controlId ?? '');
      const found = await get<MessagesAnswer>('central', `/api/console/messages?controlId=${control}`);
      expect(found.messages.map(({ id }) => id)).toEqual([taken?.id]);
      const drill = await get<MessagesAnswer>('central', '/api/console/messages?controlId=DRILL-DATE');
      expect(drill.messages.map(({ reason }) => reason?.code)).toEqual(['HL7_TIME_IMPOSSIBLE']);
      const foreign = await get<MessagesAnswer>('county', `/api/console/messages?controlId=${control}`);
      expect(foreign.messages).toEqual([]);
    });
  });

  describe('one message', () => {
    it('explains each of the five messages that the region cannot read', async () => {
      const expected = {
        HL7_PATIENT_MISSING: null,
        HL7_TWO_PATIENTS: 'PID[2]',
        HL7_BYTES_UNDECODABLE: 'PID[1]-5',
        HL7_TIME_IMPOSSIBLE: 'OBR[1]-7',
        HL7_STATUS_UNKNOWN: 'OBR[1]-25',
      };
      for (const [code, place] of Object.entries(expected)) {
        const message = messageAnswerShape.parse(await opened('central', await withReason(code)));
        const [first] = message.annotated.refusals;
        expect(first?.code).toBe(code);
        expect(first?.text.zh).not.toBe(code);
        expect(message.acknowledgement.code).toBe('AE');
        expect(message.acknowledgement.segments.join('\n')).toContain(code);
        expect(message.annotated.segments.length, code).toBeGreaterThan(2);
        if (place === null) continue;
        expect(first?.place, code).toBe(place);
        if (place.includes('-')) expect(fieldAt(message, place)).toMatchObject({ state: 'error' });
        else expect(message.annotated.segments.find((one) => one.place === place)?.state).toBe('error');
      }
    });

    it('shows an undecodable byte as a number in its place', async () => {
      const message = await opened('central', await withReason('HL7_BYTES_UNDECODABLE'));
      expect(message.annotated.undecodable).toBe(1);
      expect(message.annotated.lines[1]?.some((piece) => 'hex' in piece && piece.hex === 'D1')).toBe(true);
      expect(message.editable).toContain('⟪D1⟫');
    });

    it('shows a taken message as it was read, with the answer it got', async () => {
      const text = potassiumMessage({ value: '5.61', flag: 'H', status: 'C' }).replaceAll('\n', '\r');
      const { acknowledgement } = await system.bench.take(Buffer.from(text));
      const [taken] = (await get<MessagesAnswer>('central', '/api/console/messages?state=accepted')).messages;
      const message = messageAnswerShape.parse(await opened('central', taken as MessageSummary));
      expect(message.acknowledgement).toEqual({
        code: 'AA',
        kept: true,
        segments: Buffer.from(acknowledgement ?? [])
          .toString()
          .split('\r')
          .filter(Boolean),
      });
      expect(message.person).toBe('known');
      expect(fieldAt(message, 'OBX[1]-3')).toMatchObject({
        state: 'ok',
        name: { en: 'Observation code' },
        clause: 'HL7 v2.5.1 §7.4.2.3',
        reading: { en: expect.stringContaining('LC-K') },
      });
      expect(fieldAt(message, 'OBX[1]-6')?.reading?.en).toBe('UCUM mmol/L');
      expect(fieldAt(message, 'OBR[1]-25')?.reading?.zh).toBe('已更正');
      expect(fieldAt(message, 'MSH[1]-17')?.state).toBe('unused');
      expect(message.annotated.reports[0]?.lines[0]).toMatchObject({
        item: { code: 'LC-K' },
        valueKind: 'numeric',
        unit: 'mmol/L',
        flag: 'high',
      });
    });
  });

  describe('mending', () => {
    it('replays an edited copy, keeps it beside the original and says who and why', async () => {
      const waiting = await withReason('HL7_STATUS_UNKNOWN');
      const before = await opened('central', waiting);
      const edited = (before.editable ?? '').replace(/\|Q(\r|\n)/, '|F$1');
      const result = await post<ReplayResult>('central', `/api/console/messages/${waiting.id}/replays`, {
        reason: '状态写错，与检验科核实为正式',
        text: edited,
      });
      expect(result).toMatchObject({ outcome: 'accepted', reason: null, acknowledgement: { code: 'AA' } });
      const after = await opened('central', waiting);
      expect(after).toMatchObject({ state: 'resolved', editable: null });
      expect(
        after.annotated.lines.map((line) =>
          line.map((piece) => ('text' in piece ? piece.text : '')).join(''),
        ),
      ).toContainEqual(expect.stringMatching(/^OBR.*\|Q$/));
      expect(after.acts).toMatchObject([
        {
          kind: 'edited-replay',
          actor: 'staff:console.central',
          reason: '状态写错，与检验科核实为正式',
          outcome: 'accepted',
          text: expect.stringMatching(/\|F\r/) as string,
        },
      ]);
      const again = await system.call('central', `/api/console/messages/${waiting.id}/replays`, {
        reason: 'once more',
      });
      expect(again).toMatchObject({ status: 409, body: { code: 'QUARANTINE_NOT_OPEN' } });
    });

    it('keeps what is wrong with a copy apart from what is wrong with the message', async () => {
      const waiting = await withReason('HL7_TIME_IMPOSSIBLE');
      const before = await opened('central', waiting);
      const worse = (before.editable ?? '').replace(/OBR\|.*(\r|\n)/, '');
      const result = await post<ReplayResult>('central', `/api/console/messages/${waiting.id}/replays`, {
        reason: 'a try',
        text: worse,
      });
      expect(result).toMatchObject({ outcome: 'quarantined', reason: { code: 'HL7_RESULT_OUTSIDE_REPORT' } });
      const after = await opened('central', waiting);
      expect(after.reason?.code).toBe('HL7_TIME_IMPOSSIBLE');
      expect(after.acts.map(({ outcome, reasonCode }) => [outcome, reasonCode])).toEqual([
        ['quarantined', 'HL7_RESULT_OUTSIDE_REPORT'],
      ]);
    });

    it('never makes an edited copy the message of another sender', async () => {
      const waiting = await withReason('HL7_PATIENT_MISSING');
      const { editable } = await opened('central', waiting);
      const county = (await get<OverviewAnswer>('county', '/api/console/overview')).senders[0];
      const forged = (editable ?? '')
        .replace('|IEP|WXSZXYY|', `|${county?.application}|${county?.facility}|`)
        .replace(/(\r|\n)OBR/, '$1PID|1||FORGED1^^^X^MR||演练丙||19700101|M$1OBR');
      await post('central', `/api/console/messages/${waiting.id}/replays`, {
        reason: 'forged',
        text: forged,
      });
      const seen = await get<MessagesAnswer>('county', '/api/console/messages?controlId=DRILL-NOBODY');
      expect(seen.messages).toEqual([]);
      const own = await get<MessagesAnswer>(
        'central',
        '/api/console/messages?controlId=DRILL-NOBODY&state=accepted',
      );
      expect(own.messages).toHaveLength(1);
    });

    it('refuses a copy that still holds an undecodable byte', async () => {
      const waiting = await withReason('HL7_BYTES_UNDECODABLE');
      const { editable } = await opened('central', waiting);
      const path = `/api/console/messages/${waiting.id}/replays`;
      expect(await system.call('central', path, { reason: 'as it is', text: editable })).toMatchObject({
        status: 422,
        body: { code: 'EDITED_COPY_UNREADABLE' },
      });
      const mended = await post<ReplayResult>('central', path, {
        reason: '补上姓名',
        text: editable?.replace('⟪D1⟫', '演练䶮'),
      });
      expect(mended.outcome).toBe('accepted');
    });

    it('gives a message up with a reason', async () => {
      const waiting = await withReason('HL7_TWO_PATIENTS');
      await post('central', `/api/console/messages/${waiting.id}/discards`, { reason: '测试消息' });
      const after = await opened('central', waiting);
      expect(after.state).toBe('discarded');
      expect(after.acts).toMatchObject([{ kind: 'discard', reason: '测试消息', outcome: 'discarded' }]);
    });
  });

  describe('a test', () => {
    const tables = [
      'messages',
      'message_keys',
      'persons',
      'results',
      'reports',
      'quarantined_messages',
      'outbox',
    ];
    const sizes = async () => Promise.all(tables.map(count));
    const test = async (text: string): Promise<MessageTestAnswer> =>
      messageTestAnswerShape.parse(await post('central', '/api/console/message-tests', { text }));
    const patient = (text: string, record: string) =>
      text
        .replace(/PID\|.*/, `PID|1||${record}^^^WXSZXYY^MR||演练丁||19810203|F`)
        .replaceAll('LOWN1', `L${record}`);

    it('says what a message would come to and stores nothing of it', async () => {
      const before = await sizes();
      const audits = await count('audit_events');
      const fresh = patient(potassiumMessage({ value: '4.4', flag: 'N', status: 'F' }), 'TEST1');
      const first = await test(fresh);
      expect(first).toMatchObject({
        outcome: 'accepted',
        person: 'new',
        sender: 'WX-CENTRAL-IEP',
        acknowledgement: { code: 'AA' },
      });
      // The second is told the same: nothing is left of the first.
      expect(await test(fresh)).toMatchObject({ outcome: 'accepted', person: 'new' });
      const refused = await test(fresh.replace('|F|||2026', '|Z|||2026'));
      expect(refused).toMatchObject({ outcome: 'quarantined', reason: { code: 'HL7_STATUS_UNKNOWN' } });
      expect(refused.acknowledgement.code).toBe('AE');
      expect(await sizes()).toEqual(before);
      expect(await count('audit_events')).toBe(audits);
    });

    it('tells exactly the answer that ingest then gives', async () => {
      const fresh = patient(potassiumMessage({ value: '4.5', flag: 'N', status: 'F' }), 'TEST2');
      const told = await test(fresh);
      const given = await system.bench.take(Buffer.from(fresh.replaceAll('\n', '\r')));
      expect(given.outcome).toBe(told.outcome);
      const apart = (segments: readonly string[]) =>
        segments.map((line) => line.replace(/\|\d{14}\+0000\||\|[0-9A-Z]{20}\|/g, '|'));
      expect(apart(told.acknowledgement.segments)).toEqual(
        apart(
          Buffer.from(given.acknowledgement ?? [])
            .toString()
            .split('\r')
            .filter(Boolean),
        ),
      );
    });

    it('does not try the message of a foreign sender on anybody', async () => {
      const foreign = potassiumMessage({ value: '4.4', flag: 'N', status: 'F' }).replace(
        '|IEP|WXSZXYY|',
        '|LIS|SOMEBODY|',
      );
      expect(await test(foreign)).toMatchObject({
        outcome: 'quarantined',
        reason: { code: 'SENDER_UNKNOWN' },
        sender: null,
        person: null,
      });
    });

    it('points at what would make results easier to recognise', async () => {
      const bare = patient(potassiumMessage({ value: '4.4', flag: 'N', status: 'F' }), 'TEST3')
        .replace(/\|mmol\/L\|/, '||')
        .replace('UNICODE UTF-8', '');
      const { annotated } = await test(bare);
      const advice = annotated.hints.filter(({ state }) => state === 'advice').map(({ code }) => code);
      expect(advice).toEqual(expect.arrayContaining(['charset-declared', 'units-stated', 'national-id']));
      expect(fieldAt({ annotated } as MessageAnswer, 'OBX[1]-3')?.state).toBe('ok');
    });
  });

  describe('mapping a code', () => {
    const NEW_CODE = 'ZZ-K9';
    const unmapped = () => get<UnmappedAnswer>('central', '/api/console/code-map');
    const sendLine = async () => {
      const text = potassiumMessage({ value: '4.2', flag: 'N', status: 'F' })
        .replace('2823-3^钾^LN', `${NEW_CODE}^血清钾^L`)
        .replaceAll('LOWN1', 'LMAP1')
        .replaceAll('\n', '\r');
      return (await system.bench.take(Buffer.from(text))).outcome;
    };

    it('suggests, shows what it frees, frees it, and can be undone', async () => {
      expect(await sendLine()).toBe('accepted');
      const waiting = unmappedAnswerShape.parse(await unmapped());
      const code = waiting.codes.find(({ localCode }) => localCode === NEW_CODE);
      expect(code).toMatchObject({
        localName: '血清钾',
        results: 1,
        examples: [{ value: '4.2', unit: 'mmol/L' }],
      });
      expect(code?.suggestions[0]?.item.code).toBe('LC-K');
      const mapping = { localCode: NEW_CODE, localName: '血清钾', item: 'LC-K' };
      expect(await post('central', '/api/console/code-map/previews', { mapping })).toMatchObject({
        waitingResults: 1,
        reports: 1,
        units: [{ unit: 'mmol/L', fit: 'fits' }],
      });
      const basedOn = waiting.map?.version ?? null;
      const published = await post<PublishedMapAnswer>('central', '/api/console/code-map/entries', {
        mappings: [mapping],
        basedOn,
      });
      expect(published).toMatchObject({ freed: 1, reports: 1, unreadable: 0 });
      const after = await unmapped();
      expect(after.codes.map(({ localCode }) => localCode)).not.toContain(NEW_CODE);
      expect(after.map).toMatchObject({
        version: published.version,
        publishedBy: '演练central (console.central)',
      });
      expect(after.previous?.version).toBe(basedOn);
      expect(after.mappedCodes).toBe(waiting.mappedCodes + 1);

      const late = await system.call('central', '/api/console/code-map/entries', {
        mappings: [mapping],
        basedOn,
      });
      expect(late).toMatchObject({ status: 409, body: { code: 'CODE_MAP_CHANGED' } });

      await post('central', '/api/console/code-map/restorations', { basedOn: published.version });
      expect((await unmapped()).mappedCodes).toBe(waiting.mappedCodes);
    });

    it('shows no word as an example that could name somebody', async () => {
      const named = potassiumMessage({ value: '4.2', flag: 'N', status: 'F' })
        .replace('|NM|2823-3^钾^LN||4.2|mmol/L|', '|ST|ZZ-WHO^送检人^L||张三||')
        .replaceAll('LOWN1', 'LMAP2')
        .replaceAll('\n', '\r');
      expect((await system.bench.take(Buffer.from(named))).outcome).toBe('accepted');
      const code = (await unmapped()).codes.find(({ localCode }) => localCode === 'ZZ-WHO');
      expect(code?.results).toBe(1);
      expect(JSON.stringify(code?.examples)).not.toContain('张三');
    });

    it('maps nobody else’s codes', async () => {
      const mapping = { localCode: 'X', localName: 'X', item: 'LC-K' };
      for (const path of ['previews', 'entries'])
        expect(
          (
            await system.call('county', `/api/console/code-map/${path}`, {
              institution: 'WX-CENTRAL',
              ...(path === 'entries' ? { mappings: [mapping], basedOn: null } : { mapping }),
            })
          ).status,
          path,
        ).toBe(403);
    });

    it('finds items by Chinese name, code, English and pinyin initials', async () => {
      for (const search of ['钾', 'LC-K', 'potassium', 'j']) {
        const path = `/api/console/items?search=${encodeURIComponent(search)}`;
        const { items } = await get<ItemsAnswer>('central', path);
        expect(
          items.map(({ code }) => code),
          search,
        ).toContain('LC-K');
        expect(items.length, search).toBeLessThanOrEqual(20);
      }
    });
  });
});
