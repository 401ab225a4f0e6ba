import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { Fault } from '../../src/kernel/fault.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { checkResponseRequestShape, orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { doctorOf, memberOf, type RegionBench, regionBench } from './region-bench.ts';

let bench: RegionBench;

beforeAll(async () => {
  bench = await regionBench();
});

afterAll(() => bench.drop());

const checkOf = (key: string, over?: object) => bench.check(bench.orderOf(memberOf(bench, key), over));

const respond = (check: string, body: object, key: string | null = null, actor = bench.doctor) =>
  bench.flows.respond(actor, check as PublicId, checkResponseRequestShape.parse(body), key, bench.origin);

const codeOf = async (work: Promise<{ ok: boolean; reason?: unknown }>): Promise<string | null> => {
  try {
    const outcome = await work;
    return outcome.ok ? null : (outcome.reason as Fault).code;
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
};

const count = async (name: string, text: string, values: string[] = []): Promise<number> => {
  const [row] = await bench.opened.database.run<{ n: number }>(statement(`test.${name}`, text), values);
  return row?.n ?? 0;
};

describe('an order check', () => {
  it('finds the chest DR of the child of the seed elsewhere and leaves the blood count to be ordered', async () => {
    const answer = await checkOf('child');
    const [blood, chest] = answer.lines;
    expect(chest?.outcome).toBe('must-consider');
    expect(chest?.candidates[0]?.institution.code).toBe('WX-MCH');
    expect(chest?.candidates[0]?.examination?.findings).toContain('肺');
    expect(blood?.candidates.every(({ grade }) => grade === 'may-consider')).toBe(true);
    expect(blood?.panel?.covered).toBe(0);
    expect(answer.interrupt).toBe(true);
    expect(answer.drill).toBe(true);
  });

  it('keeps the decision with its audit row, and counts the opportunity once per encounter and item', async () => {
    const body = bench.orderOf(memberOf(bench, 'potassium-five'));
    const first = await bench.check(body);
    const again = await bench.check(body);
    for (const { id } of [first, again])
      expect(
        await count('audited', 'select count(*)::integer as n from audit_events where resource = $1', [
          `order-check/${id}`,
        ]),
      ).toBe(1);
    const { encounter } = body as { encounter: { number: string } };
    expect(
      await count(
        'opportunities',
        'select count(*)::integer as n from opportunities where encounter_key = $1',
        [encounter.number],
      ),
    ).toBe(6);
  });

  it('never speaks of another person of the same name and birth date', async () => {
    expect((await checkOf('namesake-one')).lines[0]?.outcome).toBe('must-consider');
    const other = await checkOf('namesake-two');
    expect(other.lines[0]?.candidates).toEqual([]);
  });

  it('does not interrupt an emergency and still counts it', async () => {
    const answer = await checkOf('emergency');
    expect(answer.interrupt).toBe(false);
    expect(answer.lines.some(({ outcome }) => outcome === 'must-consider')).toBe(true);
    expect(answer.lines[0]?.offeredReasons.find(({ suggested }) => suggested)?.code).toBe('N4');
    expect(
      await count(
        'emergency',
        "select count(*)::integer as n from opportunities where encounter_class = 'emergency' and not shown",
      ),
    ).toBeGreaterThan(0);
  });

  it('says that an unmapped code was not checked, which is not the same as nothing found', async () => {
    const answer = await checkOf('potassium-five', { items: [{ line: 1, code: 'NOBODY-MAPPED-THIS' }] });
    expect(answer.lines[0]?.outcome).toBe('unmapped');
  });

  it('says that a patient who contradicts the index was not checked', async () => {
    const body = bench.orderOf(memberOf(bench, 'child')) as { patient: object };
    const answer = await bench.check({
      ...body,
      patient: { ...body.patient, name: '欧阳无关', birthDate: '1950-01-01' },
    });
    expect(answer.status).toBe('not-checked');
    expect(answer.lines.every(({ outcome }) => outcome === 'not-checked')).toBe(true);
    expect(answer.notice?.zh).toBeTruthy();
  });

  it('is refused to somebody who belongs to no institution', async () => {
    const regulator = { ...bench.doctor, institution: null } as typeof bench.doctor;
    const request = orderCheckRequestShape.parse(bench.orderOf(memberOf(bench, 'child')));
    expect(await codeOf(bench.flows.check(regulator, request, bench.origin))).toBe(
      'ORDERING_INSTITUTION_MISSING',
    );
  });
});

describe('the doctor’s answer', () => {
  it('recognises with item, value, institution, time and report version for the record', async () => {
    const check = await checkOf('child');
    const answered = await respond(check.id, { line: 2, kind: 'recognise' });
    expect(answered.ok && answered.value.response.recordText?.zh).toMatch(
      /望溪市妇幼保健院.*\d{4}-\d{2}-\d{2}.*第 1 版/,
    );
  });

  it('given twice under one key is one answer', async () => {
    const check = await checkOf('potassium-five');
    const first = await respond(check.id, { line: 1, kind: 'recognise' }, 'key-1');
    const second = await respond(check.id, { line: 1, kind: 'recognise' }, 'key-1');
    expect(first.ok && second.ok && second.value.response.id === first.value.response.id).toBe(true);
    expect(second.ok && second.value.repeated).toBe(true);
    expect(
      await count(
        'responses',
        'select count(*)::integer as n from check_responses where check_public_id = $1',
        [check.id],
      ),
    ).toBe(6);
  });

  it('given eight times at once under different keys stands once', async () => {
    const check = await checkOf('corrected');
    const codes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        codeOf(respond(check.id, { line: 1, kind: 'recognise' }, `race-${index}`)),
      ),
    );
    expect(codes.filter((code) => code === null)).toHaveLength(1);
    expect(codes.filter((code) => code === 'ANSWER_STANDING')).toHaveLength(7);
  });

  it('may be undone and given again, and every step stays', async () => {
    const check = await checkOf('cross-province');
    await respond(check.id, { line: 1, kind: 'recognise' });
    const undone = await respond(check.id, { line: 1, kind: 'undo' });
    expect(undone.ok && undone.value.response.state).toBe('undone');
    const repeat = await respond(check.id, { line: 1, kind: 're-examine', reason: 'N1' });
    expect(repeat.ok && repeat.value.response.kind).toBe('re-examine');
    const read = await bench.flows.read(bench.doctor, check.id as PublicId, bench.origin);
    expect(read.ok && read.value.lines[0]?.response?.reason).toBe('N1');
    expect(
      await count('steps', 'select count(*)::integer as n from check_responses where check_public_id = $1', [
        check.id,
      ]),
    ).toBe(3);
  });

  it('needs ten characters for another reason (N6), and none for a national situation', async () => {
    const check = await checkOf('potassium-five');
    expect(
      await codeOf(respond(check.id, { line: 1, kind: 're-examine', reason: 'N6', text: '再查一次吧' })),
    ).toBe('RESPONSE_TEXT_TOO_SHORT');
    expect(
      await codeOf(
        respond(check.id, { line: 1, kind: 're-examine', reason: 'N6', text: '患者拟参加器官移植术前评估' }),
      ),
    ).toBeNull();
  });

  it('is fulfilled only when the ordering system confirms the cancellation of that very order', async () => {
    const check = await checkOf('child', { request: { number: 'SQ-1001' } });
    const fulfil = (orderNumber: string) =>
      bench.flows.fulfil(
        bench.doctor,
        check.id as PublicId,
        { line: 2, orderNumber, cancelledAt: '2026-11-23T11:30:00+08:00' },
        bench.origin,
      );
    expect(await codeOf(fulfil('SQ-1001'))).toBe('NOTHING_TO_FULFIL');
    await respond(check.id, { line: 2, kind: 'recognise' });
    expect(await codeOf(fulfil('SQ-9999'))).toBe('ORDER_NUMBER_DIFFERS');
    expect(await codeOf(fulfil('SQ-1001'))).toBeNull();
    const read = await bench.flows.read(bench.doctor, check.id as PublicId, bench.origin);
    expect(read.ok && read.value.lines[1]?.response?.state).toBe('fulfilled');
  });

  it('answered once in an encounter is not asked again in it, and the decision replays', async () => {
    const body = bench.orderOf(memberOf(bench, 'potassium-five'));
    const first = await bench.check(body);
    expect(first.interrupt).toBe(true);
    await respond(first.id, { line: 1, kind: 'recognise' });
    const second = await bench.check(body);
    expect(second.interrupt).toBe(false);
    expect(second.lines[0]?.outcome).toBe('must-consider');
    const replayed = await bench.flows.replay(bench.doctor, second.id as PublicId, bench.origin);
    expect(replayed.ok && replayed.value.outcome).toBe('same');
  });

  it('answered in an encounter is asked again for another purpose, in another encounter, and once undone', async () => {
    const body = bench.orderOf(memberOf(bench, 'potassium-five'));
    const first = await bench.check(body);
    await respond(first.id, { line: 1, kind: 're-examine', reason: 'N1' });
    expect((await bench.check(body)).interrupt).toBe(false);
    expect((await bench.check({ ...body, purpose: 'screening' })).interrupt).toBe(true);
    const other = { class: 'outpatient', number: 'ANOTHER-ENCOUNTER' };
    expect((await bench.check({ ...body, encounter: other })).interrupt).toBe(true);
    await respond(first.id, { line: 1, kind: 'undo' });
    expect((await bench.check(body)).interrupt).toBe(true);
  });

  it('without an encounter number the request (申请单) is the order session', async () => {
    const body = {
      ...bench.orderOf(memberOf(bench, 'potassium-five')),
      encounter: { class: 'outpatient' },
      request: { number: 'SQ-SESSION-1' },
    };
    const first = await bench.check(body);
    await respond(first.id, { line: 1, kind: 'recognise' });
    expect((await bench.check(body)).interrupt).toBe(false);
    expect((await bench.check({ ...body, request: { number: 'SQ-SESSION-2' } })).interrupt).toBe(true);
  });

  it('is another institution’s secret', async () => {
    const check = await checkOf('child');
    const stranger = doctorOf('WX-CENTRAL');
    expect(await codeOf(respond(check.id, { line: 2, kind: 'recognise' }, null, stranger))).toBe(
      'ORDER_CHECK_UNKNOWN',
    );
    expect(await codeOf(bench.flows.read(stranger, check.id as PublicId, bench.origin))).toBe(
      'ORDER_CHECK_UNKNOWN',
    );
    expect(await codeOf(bench.flows.explain(stranger, check.id as PublicId, bench.origin))).toBe(
      'ORDER_CHECK_UNKNOWN',
    );
  });
});

describe('a decision afterwards', () => {
  it('explains every check with its citation and replays to the same bytes', async () => {
    for (const { key } of bench.cast) {
      const member = memberOf(bench, key);
      if (
        member.person.nationalId === null ||
        member.order.services.length + member.order.examinations.length === 0
      )
        continue;
      const { id } = await checkOf(key);
      const explained = await bench.flows.explain(bench.doctor, id as PublicId, bench.origin);
      expect(explained.ok).toBe(true);
      const replayed = await bench.flows.replay(bench.doctor, id as PublicId, bench.origin);
      expect(replayed.ok && replayed.value.outcome).toBe('same');
    }
  });

  it('says in the explanation what would have made a result recognisable, and until when it stays so', async () => {
    const { id } = await checkOf('child');
    const explained = await bench.flows.explain(bench.doctor, id as PublicId, bench.origin);
    const [blood, chest] = explained.ok ? explained.value.lines : [];
    expect(chest?.candidates.map(({ grade, missing }) => [grade, missing])).toContainEqual([
      'must-consider',
      null,
    ]);
    const [late] = blood?.candidates ?? [];
    expect(late?.missing?.conditions.map(({ check }) => check)).toEqual(
      late?.checks
        .filter(({ outcome }) => outcome === 'fail' || outcome === 'unknown')
        .map(({ check }) => check),
    );
    expect(late?.missing?.conditions[0]?.text.zh).toMatch(/（现为：.+）/);
  });

  it('shows a single panel result that several reports could carry only once per item', async () => {
    const answer = await checkOf('potassium-five');
    const items = answer.lines[0]?.candidates.map(({ item }) => item.code) ?? [];
    expect(new Set(items).size).toBe(items.length);
  });
});
