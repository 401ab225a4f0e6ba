import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import { correctionFlows } from '../../src/apps/flows/corrections/corrections.ts';
import { reviewDecisions } from '../../src/apps/flows/corrections/review-decisions.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { correctionRequestShape, correctionStepShape } from '../../src/web/wire/correction.ts';
import { codeOf, type CorrectionBench, correctionBench, desk, doctor, origin } from './correction-bench.ts';

let opened: CorrectionBench;
let bench: CorrectionBench['bench'];
beforeAll(async () => {
  opened = await correctionBench();
  ({ bench } = opened);
});
afterAll(() => bench.drop());

describe('whatever breaks off', () => {
  test('before a ticket is committed leaves neither ticket nor dispute nor mark', async () => {
    const patient = await opened.begin();
    const relied = await patient.check();
    let ids = 0;
    // The second id is that of the audit row, the last thing that is written.
    const breaking = correctionFlows({
      ...bench.dependencies,
      newPublicId() {
        if (++ids > 1) throw new Error('power cut');
        return bench.dependencies.newPublicId();
      },
    });
    const request = correctionRequestShape.parse({ report: patient.report, kind: 'wrong-person' });
    await expect(breaking.submit(doctor, request, null, origin)).rejects.toThrow('power cut');
    expect(
      await bench.rows('select 1 from corrections where report_public_id = $1', [patient.report]),
    ).toEqual([]);
    expect(await opened.marksOf(relied.id)).toEqual([]);
    expect((await patient.check()).lines[0]?.outcome).toBe('must-consider');
  });

  test('in the middle of an answer leaves the ticket open and the report in dispute', async () => {
    const patient = await opened.begin();
    const sent = await opened.submit({ report: patient.report, kind: 'wrong-person', text: '不是他的' });
    const accepted = await opened.taken(sent, { step: 'accept' });
    const dependencies = { ...bench.dependencies };
    const breaking = correctionFlows({
      ...dependencies,
      // Everything is written, and the commit never comes.
      database: {
        ...dependencies.database,
        run: dependencies.database.run.bind(dependencies.database),
        transaction: (work) =>
          dependencies.database.transaction(async (session) => {
            await work(session);
            throw new Error('power cut');
          }),
      },
    });
    await expect(
      breaking.takeStep(
        desk,
        'source',
        sent.id as PublicId,
        correctionStepShape.parse({
          step: 'refuse',
          reason: 'identity-confirmed',
          seen: accepted.history.length,
        }),
        null,
        origin,
      ),
    ).rejects.toThrow('power cut');
    expect(await opened.read(sent.id)).toMatchObject({ state: 'accepted', disputed: true });
    expect((await patient.check()).lines[0]?.outcome).toBe('nothing-found');
  });

  test('while decisions are looked at again goes on where it stopped, and looks at none twice', async () => {
    const patient = await opened.begin();
    const checks = [await patient.check(), await patient.check()];
    const sent = await opened.submit({
      report: patient.report,
      ordinal: 1,
      kind: 'wrong-value',
      text: '6.4',
    });
    await opened.amend(patient);
    const { database, clock } = bench.dependencies;
    const review = (breaksOff: boolean) =>
      database.transaction(async (session) => {
        const count = await reviewDecisions(bench.dependencies, session, sent.id as PublicId, clock());
        if (breaksOff) throw new Error('power cut');
        return count;
      });
    await expect(review(true)).rejects.toThrow('power cut');
    expect(await review(false)).toBe(checks.length);
    expect(await review(false)).toBe(0);
    await opened.workOff();
    expect(
      await bench.rows('select 1 from decision_reviews where correction_public_id = $1', [sent.id]),
    ).toHaveLength(checks.length);
  });
});

describe('a check that had read the report before it was disputed and is kept after', () => {
  test('is looked for afterwards, and its doctor told', async () => {
    const patient = await opened.begin();
    const { database } = bench.dependencies;
    let isDisputed = false;
    const slow = checkFlows({
      ...bench.dependencies,
      database: {
        ...database,
        async run(statement, values) {
          if (statement.name.startsWith('order-checks.insert') && !isDisputed) {
            isDisputed = true;
            await opened.submit({ report: patient.report, kind: 'wrong-person', text: '不是他的' });
          }
          return database.run(statement, values);
        },
      },
    });
    const check = await patient.check(slow);
    expect(isDisputed).toBe(true);
    expect(check.lines[0]?.outcome).toBe('must-consider');
    // Recognising it is refused at once; that it was shown is marked when the dust has settled.
    expect(await codeOf(opened.recognise(check.id))).toBe('RESULT_CHANGED_SINCE');
    expect(await opened.marksOf(check.id)).toEqual([]);
    await opened.workOff();
    expect(await opened.marksOf(check.id)).toEqual([{ kind: 'disputed', relied: false }]);
  });
});
