import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noticePrinter } from '../../src/adapters/documents/notice-printer.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { NOTICE_TOPIC } from '../../src/apps/flows/notices/keep-notice.ts';
import { noticeFlows } from '../../src/apps/flows/notices/notices.ts';
import type { Actor } from '../../src/apps/server/flows-port.ts';
import type { NoticeFlows } from '../../src/apps/server/notices-port.ts';
import { Fault } from '../../src/kernel/fault.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { type NoticeAnswer, noticeRequestShape } from '../../src/web/wire/notice.ts';
import { checkResponseRequestShape } from '../../src/web/wire/order-check-request.ts';
import { readPdf } from './read-pdf.ts';
import { doctorOf, memberOf, type RegionBench, regionBench } from './region-bench.ts';

const URL_OF_TEST = 'https://huren.example';

let bench: RegionBench;
let notices: NoticeFlows;

beforeAll(async () => {
  bench = await regionBench();
  notices = noticeFlows({ ...bench.dependencies, publicUrl: () => URL_OF_TEST, printer: noticePrinter() });
});

afterAll(() => bench.drop());

const respond = (check: string, body: object) =>
  bench.flows.respond(
    bench.doctor,
    check as PublicId,
    checkResponseRequestShape.parse(body),
    null,
    bench.origin,
  );

/** A check of the child's order whose second line, the chest DR, is examined again. */
const repeatedChest = async (over: object = {}): Promise<string> => {
  const { id } = await bench.check(bench.orderOf(memberOf(bench, 'child')));
  const answered = await respond(id, { line: 2, kind: 're-examine', reason: 'N1', ...over });
  if (!answered.ok) throw answered.reason;
  return id;
};

const make = (check: string, over: object = {}, actor: Actor = bench.doctor) =>
  notices.make(
    actor,
    check as PublicId,
    noticeRequestShape.parse({ line: 2, informed: { relation: 'guardian', name: '周妈妈' }, ...over }),
    bench.origin,
  );

const made = async (check: string, over: object = {}): Promise<NoticeAnswer> => {
  const notice = await make(check, over);
  if (!notice.ok) throw notice.reason;
  return notice.value;
};

const codeOf = async (work: Promise<{ ok: boolean; reason?: unknown }>): Promise<string | null> => {
  try {
    const outcome = await work;
    return outcome.ok ? null : (outcome.reason as Fault).code;
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
};

const lineOf = (notice: NoticeAnswer, label: string): string =>
  notice.lines.find(({ labelZh }) => labelZh === label)?.textZh ?? '';

const tokenOf = ({ verifyUrl }: NoticeAnswer): string => verifyUrl.split('/').at(-1) as string;

describe('the notice of a repeat', () => {
  it('says everything that the patient must be told, in the words of the rule', async () => {
    const notice = await made(await repeatedChest());
    expect(notice.titleZh).toBe('检查检验结果未予互认告知单');
    expect(notice.openingZh).toBe('经接诊医师结合您目前病情判断，该项目需要复检。');
    expect(notice.acknowledgementZh).toBe('以上内容已向我说明，我已知晓。');
    expect(notice.signatureZh).toEqual(['患者/家属签名：', '与患者关系：', '日期：']);
    expect(notice.lines.map(({ labelZh }) => labelZh)).toEqual([
      '患者',
      '复检项目',
      '以前的结果',
      '原因',
      '规定情形',
      '复检目的',
      '必要性',
      '依据',
      '已告知',
      '接诊医师',
      '告知时间',
    ]);
    expect(lineOf(notice, '患者')).toContain('周小满');
    expect(lineOf(notice, '以前的结果')).toMatch(
      /望溪市妇幼保健院 \d{4}-\d{2}-\d{2} \d{2}:\d{2}：.* 影像报告/,
    );
    expect(lineOf(notice, '规定情形')).toContain('N1 因病情变化');
    expect(lineOf(notice, '依据')).toMatch(
      /《医疗机构检查检验结果互认管理办法》（国卫医发〔2022〕6号）.*第 \S+ 版/,
    );
    expect(lineOf(notice, '已告知')).toBe('周妈妈（与患者关系：监护人）');
    expect(lineOf(notice, '接诊医师')).toContain('顾清和（100118）');
    expect(notice.recordText).toContain(`复检目的：${lineOf(notice, '复检目的')}`);
  });

  it('proposes its blanks, so that nothing need be typed, and takes the doctor’s own words for them', async () => {
    const check = await repeatedChest();
    const draft = await notices.draft(bench.doctor, check as PublicId, 2, bench.origin);
    expect(draft.ok && draft.value.blanks.map(({ name, valueZh }) => [name, valueZh])).toEqual([
      ['change', '您的病情有了变化'],
    ]);
    const notice = await made(check, { blanks: { change: '孩子又发烧了，咳得更重。' } });
    expect(lineOf(notice, '必要性')).toContain('从那以后，孩子又发烧了，咳得更重。只看以前的结果');
    expect(await codeOf(make(check, { blanks: { other: '无' } }))).toBe('NOTICE_BLANK_UNKNOWN');
    expect(await codeOf(make(check, { blanks: { change: '很'.repeat(61) } }))).toBe('NOTICE_BLANK_INVALID');
  });

  it('is the same notice when the same is asked again, and another version when other words are', async () => {
    const check = await repeatedChest();
    const [first, same] = [await made(check), await made(check)];
    expect(same.id).toBe(first.id);
    const second = await made(check, { blanks: { change: '又发烧了' } });
    expect([second.version, second.id === first.id]).toEqual([2, false]);
    const old = await notices.read(bench.doctor, first.id as PublicId, bench.origin);
    expect(old.ok && old.value.state).toBe('superseded');
  });

  it('is made by the answer itself when the ordering side says who was informed', async () => {
    const { id } = await bench.check(bench.orderOf(memberOf(bench, 'child')));
    const answered = await respond(id, {
      line: 2,
      kind: 're-examine',
      reason: 'N2',
      informed: { relation: 'parent', name: '周妈妈' },
    });
    const notice = answered.ok ? (answered.value.notice as PublicId) : null;
    const read = notice && (await notices.read(bench.doctor, notice, bench.origin));
    expect(read && read.ok && lineOf(read.value, '已告知')).toBe('周妈妈（与患者关系：父母）');
  });

  it('never stands in the way of an answer', async () => {
    const { id } = await bench.check(bench.orderOf(memberOf(bench, 'child')));
    const answered = await respond(id, { line: 2, kind: 're-examine', informed: true });
    // A list may demand a reason; where none does, the answer stands without a notice.
    expect(answered.ok ? answered.value.notice : answered.reason.code).toSatisfy(
      (outcome: unknown) => outcome === null || outcome === 'RESPONSE_REASON_REQUIRED',
    );
  });

  it('is refused where there is nothing to explain', async () => {
    const { id } = await bench.check(bench.orderOf(memberOf(bench, 'child')));
    expect(await codeOf(make(id))).toBe('NOTICE_NO_REPEAT');
    await respond(id, { line: 2, kind: 'recognise' });
    expect(await codeOf(make(id))).toBe('NOTICE_NO_REPEAT');
  });

  it('names the price only where the institution chose to', async () => {
    expect(await codeOf(make(await repeatedChest(), { priceYuan: '85.00' }))).toBe('NOTICE_PRICE_NOT_CHOSEN');
  });

  it('belongs to its own institution', async () => {
    const notice = await made(await repeatedChest());
    const stranger = doctorOf('WX-MCH');
    expect(await codeOf(notices.read(stranger, notice.id as PublicId, bench.origin))).toBe('NOTICE_UNKNOWN');
    expect(await codeOf(notices.pdf(stranger, notice.id as PublicId, bench.origin))).toBe('NOTICE_UNKNOWN');
  });

  it('leaves an event for the record and the phone, audit rows, and no name in clear', async () => {
    const notice = await made(await repeatedChest());
    const rows = <Row>(name: string, text: string, values: string[]) =>
      bench.opened.database.run<Row>(statement(`test.notice-${name}`, text), values);
    const events = await rows<{ payload: string }>('events', 'select payload from outbox where topic = $1', [
      NOTICE_TOPIC,
    ]);
    expect(events.some(({ payload }) => payload.includes(notice.id))).toBe(true);
    const audited = await rows<{ action: string }>(
      'audit',
      'select action from audit_events where resource = $1',
      [`notice/${notice.id}`],
    );
    expect(audited.map(({ action }) => action)).toEqual(['notice.make']);
    const kept = await rows<{ content: Uint8Array }>(
      'content',
      'select content from notices where public_id = $1',
      [notice.id],
    );
    expect(Buffer.from(kept[0]?.content ?? []).includes(Buffer.from('周小满'))).toBe(false);
  });
});

describe('the paper', () => {
  it('is none while it is only looked at: the PDF that follows is the original', async () => {
    const { id } = await made(await repeatedChest());
    const counted = () =>
      bench.opened.database.run<{ copy: number; form: string }>(
        statement(
          'test.notice-copies',
          'select copy, form from notice_copies where notice_public_id = $1 order by copy',
        ),
        [id],
      );
    for (let look = 0; look < 2; look++) {
      const shown = await notices.preview(bench.doctor, id as PublicId, bench.origin);
      expect(shown.ok && [shown.value.copyZh, shown.value.isCounted]).toEqual([
        '预览，未打印　第 1 版',
        false,
      ]);
    }
    expect(await counted()).toEqual([]);
    const pdf = await notices.pdf(bench.doctor, id as PublicId, bench.origin);
    for (const character of '正本')
      expect(readPdf(pdf.ok ? pdf.value : new Uint8Array()).characters).toContain(character);
    expect(await counted()).toEqual([{ copy: 0, form: 'pdf' }]);
  });

  it('counts its copies: the original first', async () => {
    const { id } = await made(await repeatedChest());
    const copies: string[] = [];
    for (let paper = 0; paper < 3; paper++) {
      const printed = await notices.print(bench.doctor, id as PublicId, bench.origin);
      copies.push(printed.ok ? printed.value.copyZh : '');
    }
    expect(copies).toEqual(['正本　第 1 版', '副本 1　第 1 版', '副本 2　第 1 版']);
  });

  it('is a PDF of one A5 sheet with its text in it, titled by the form and not by the patient', async () => {
    const { id } = await made(await repeatedChest());
    const pdf = await notices.pdf(bench.doctor, id as PublicId, bench.origin);
    const read = readPdf(pdf.ok ? pdf.value : new Uint8Array());
    expect(read.pages).toEqual(['419.53 595.28']);
    expect(read.fontsEmbedded).toBeGreaterThan(0);
    for (const character of '检查检验结果未予互认告知单周小满正本')
      expect(read.characters).toContain(character);
    expect(read.title).toBe('检查检验结果未予互认告知单');
  });
});

describe('whoever holds the paper', () => {
  it('can verify it, and learns no more than it says, the names masked', async () => {
    const notice = await made(await repeatedChest());
    const shown = await notices.byToken(tokenOf(notice), 'verify', bench.origin);
    expect(shown).toMatchObject({ state: 'valid', version: 1, itemZh: lineOf(notice, '复检项目') });
    const text = JSON.stringify(shown);
    expect(text).not.toContain('周小满');
    expect(text).not.toContain('周妈妈');
    expect(shown?.lines.find(({ labelZh }) => labelZh === '患者')?.textZh).toBe('周＊＊');
    expect(shown?.lines.find(({ labelZh }) => labelZh === '必要性')?.textZh).toBe(lineOf(notice, '必要性'));
  });

  it('is told when the decision behind it was taken back', async () => {
    const check = await repeatedChest();
    const notice = await made(check);
    await respond(check, { line: 2, kind: 'undo' });
    expect((await notices.byToken(tokenOf(notice), 'read', bench.origin))?.state).toBe('undone');
  });

  it('gets nowhere with a token that nobody gave out', async () => {
    const token = tokenOf(await made(await repeatedChest()));
    expect(token).toHaveLength(32);
    const altered = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    expect(await notices.byToken(altered, 'verify', bench.origin)).toBeNull();
  });

  it('leaves an audit row each time', async () => {
    const notice = await made(await repeatedChest());
    await notices.byToken(tokenOf(notice), 'verify', bench.origin);
    await notices.byToken(tokenOf(notice), 'read', bench.origin);
    const rows = await bench.opened.database.run<{ action: string; actor: string }>(
      statement(
        'test.notice-public-audit',
        "select action, actor from audit_events where resource = $1 and actor = 'holder-of-paper' order by event_id",
      ),
      [`notice/${notice.id}`],
    );
    expect(rows.map(({ action }) => action)).toEqual(['notice.verify', 'notice.read']);
  });
});
