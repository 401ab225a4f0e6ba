import { describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { lookupPerson } from '../../src/adapters/postgres/person-lookup.ts';
import { consentFlows } from '../../src/apps/flows/consent/consents.ts';
import { countOrderedOpportunities } from '../../src/apps/worker/ordered-opportunities.ts';
import { ownConsentRequestShape } from '../../src/web/wire/consent.ts';
import { bench, nextNationalId, origin, reported, withAttackedRegion } from './attack-bench.ts';
import { admissionMessage, fresh, orderMessage, testKeys } from './ingest-fixtures.ts';

withAttackedRegion();

/*
 * Orders that an ordering system states by message are counted like checks: with the consent of the patient. What is
 * hidden from the ordering institution leaves the same counts as what does not exist.
 */

/** Hospital 2 orders by message for whoever has this number. */
const ordered = async (nationalId: string, codes: readonly string[]): Promise<void> => {
  const lines = codes.map((code) => ['NW', fresh('O'), code] as const);
  const taken = await bench.take(
    orderMessage({ application: 'HIS', facility: 'JIANG2', nationalId, record: fresh('H') }, lines),
  );
  expect(taken.outcome).toBe('accepted');
};

/** Somebody known to the platform and to nobody's laboratory. */
const admitted = async (): Promise<string> => {
  const nationalId = nextNationalId();
  await bench.take(
    admissionMessage({ application: 'LIS', facility: 'JIANG1', record: fresh('N'), nationalId }),
  );
  return nationalId;
};

const found = async (nationalId: string) => {
  const person = await lookupPerson(bench.database, testKeys, {
    identifiers: [{ type: 'national-id', issuer: 'CN', number: nationalId }],
  });
  if (!person) throw new Error('the person is not there');
  return person;
};

const decides = async (nationalId: string, act: object): Promise<void> => {
  const { publicId } = await found(nationalId);
  const recorded = await consentFlows({ ...bench.dependencies, publicUrl: () => '' }).recordOwn(
    { kind: 'patient', name: `patient:${publicId}`, person: publicId },
    ownConsentRequestShape.parse(act),
    null,
    origin,
  );
  if (!recorded.ok) throw recorded.reason;
};

const COUNTED = statement(
  'test.counted-items',
  `select i.code as item from opportunities o join items i using (item_id)
   where o.person_id = any($1::bigint[]) order by i.code`,
);

/** Items counted for a person, after every record of the person was looked at as the worker does. */
const counted = async (nationalId: string): Promise<readonly string[]> => {
  const { members } = await found(nationalId);
  const persons = members.map(({ personId }) => personId);
  for (const personId of persons)
    await bench.database.transaction((session) =>
      countOrderedOpportunities(bench.dependencies, session, personId),
    );
  const rows = await bench.database.run<{ item: string }>(COUNTED, [persons]);
  return rows.map(({ item }) => item);
};

const POTASSIUM_LINE = ['K', 'NM', '4.1', 'mmol/L', '3.5-5.3'] as const;
const HIV_LINE = ['HIV', 'ST', '阴性', '', '阴性'] as const;

describe('an order that came as a message', () => {
  it('counts what another hospital has, where the patient hides nothing', async () => {
    const { nationalId } = await reported({ lines: [POTASSIUM_LINE] });
    await ordered(nationalId, ['K01', 'HIV']);
    expect(await counted(nationalId)).toEqual(['LC-K']);
  });

  it.each([
    ['the patient refused everything', { kind: 'denied' }, [POTASSIUM_LINE], ['K01']],
    [
      'the patient hid the hospital that has it',
      { kind: 'denied', source: 'JIANG-1' },
      [POTASSIUM_LINE],
      ['K01'],
    ],
    ['it is of a restricted class', null, [HIV_LINE], ['HIV']],
    ['something else beside it may be told', null, [HIV_LINE, POTASSIUM_LINE], ['HIV', 'K01']],
  ] as const)('counts the same with and without a result, where %s', async (_what, act, lines, codes) => {
    const something = await reported({ lines });
    // The other has all that may be told, and nothing of what may not.
    const visible = act === null ? lines.filter(([code]) => code !== 'HIV') : [];
    const other = visible.length === 0 ? await admitted() : (await reported({ lines: visible })).nationalId;
    const counts = [];
    for (const nationalId of [something.nationalId, other]) {
      if (act) await decides(nationalId, act);
      await ordered(nationalId, codes);
      counts.push(await counted(nationalId));
    }
    expect(counts[0]).toEqual(counts[1]);
    expect(counts[0]).toEqual(visible.length === 0 ? [] : ['LC-K']);
  });

  it('counts a restricted class once the patient has agreed to it', async () => {
    const { nationalId } = await reported({ lines: [HIV_LINE] });
    await decides(nationalId, { kind: 'consented', recordClass: 'hiv' });
    await ordered(nationalId, ['HIV']);
    expect(await counted(nationalId)).toEqual(['LI-HIV']);
  });
});
