import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oversightFlows } from '../../src/apps/flows/oversight/oversight.ts';
import type { StaffActor } from '../../src/apps/server/flows-port.ts';
import type { OversightFlows } from '../../src/apps/server/routes/oversight-port.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { caseSubjectPage } from '../../src/web/oversight-pages.ts';
import { caseRequestShape } from '../../src/web/wire/oversight-case.ts';
import { caseAbout } from '../contract/oversight-examples.ts';
import { type CorrectionBench, correctionBench, origin as treating, valueOf } from './correction-bench.ts';

const origin = { ...treating, purpose: 'oversight' as const };

const regulator = (login: string): StaffActor => ({
  kind: 'staff',
  name: `staff:${login}`,
  login,
  role: 'regulator',
  institution: null,
  staffNumber: null,
  department: null,
  displayName: login,
});
const first = regulator('reg-one');
const second = regulator('reg-two');

let opened: CorrectionBench;
let oversight: OversightFlows;
beforeAll(async () => {
  opened = await correctionBench();
  oversight = oversightFlows(opened.bench.dependencies);
});
afterAll(() => opened.bench.drop());

/** Opens an approved case and gives what its first subject's page says, whenever asked. */
const caseOn = async (kind: string, reference: string): Promise<() => Promise<string>> => {
  const request = caseRequestShape.parse({ ...caseAbout(reference), subject: { kind, reference } });
  const { id } = valueOf(await oversight.open(first, request, origin));
  valueOf(await oversight.decide(second, id as PublicId, { approved: true, text: '' }, origin));
  return async () => {
    const subject = valueOf(await oversight.subject(first, id as PublicId, 1, origin));
    const at = opened.bench.dependencies.clock();
    return caseSubjectPage({ viewer: first, formToken: 't', at, subject }).text;
  };
};

describe('an opened case', () => {
  test('says of a decision what became of the reports that it rests on', async () => {
    const patient = await opened.begin();
    const check = await patient.check();
    await opened.recognise(check.id);
    const page = await caseOn('order-check', check.id);
    expect(await page()).toContain('所据报告此后没有更正或撤回。');
    await opened.amend(patient);
    const after = await page();
    expect(after).not.toContain('所据报告此后没有更正或撤回。');
    expect(after).toMatch(/报告已更正<\/b>（第 2 版）　[^<]*钾[^<]*医师曾据此互认/);
  });

  test('says of a report which of its versions came after the ticket', async () => {
    const patient = await opened.begin();
    const sent = await opened.submit({ report: patient.report, kind: 'wrong-value', ordinal: 1 });
    const page = await caseOn('ticket', sent.ticket);
    expect(await page()).toContain('只有一版，没有更正过。');
    await opened.amend(patient);
    const after = await page();
    expect(after).toMatch(/第 2 版　已更正<\/b>.*纠错单提交之后/);
    expect(after).toMatch(/>K 结果：4\.1 → 6\.4</);
    expect(after).not.toMatch(/状态：final/);
  });
});
