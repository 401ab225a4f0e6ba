import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/apps/server/flows-port.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { type CastMember } from '../../src/apps/demonstration/cast.ts';
import { doctorOf, memberOf, type RegionBench, regionBench } from './region-bench.ts';

let bench: RegionBench;
/** A hospital that has never seen any of these patients. */
let stranger: Actor;
const UNKNOWN = '019a0000-0000-7000-8000-000000000000' as PublicId;

beforeAll(async () => {
  bench = await regionBench();
  stranger = doctorOf('WX-MCH');
});
afterAll(() => bench.drop());

const codeOf = (answer: { ok: true } | { ok: false; reason: { code: string } }): string =>
  answer.ok ? 'shown' : answer.reason.code;

/** The public id of somebody, as the county hospital learns it by an order. */
const checkedPerson = async (member: CastMember) => {
  const checked = await bench.check(bench.orderOf(member));
  return {
    person: checked.person as PublicId,
    report: checked.lines.flatMap(({ candidates }) => candidates)[0]?.report as PublicId,
  };
};

/** What a doctor is answered about somebody outside of any order. */
const asked = async (actor: Actor, person: PublicId, report: PublicId): Promise<readonly string[]> => [
  codeOf(await bench.flows.person(actor, person, bench.origin)),
  codeOf(await bench.flows.resultHistory(actor, person, bench.origin)),
  codeOf(await bench.flows.report(actor, report, bench.origin)),
];

const SHUT = ['PERSON_NOT_FOUND', 'PERSON_NOT_FOUND', 'REPORT_UNKNOWN'];

describe("a person's data outside of an order", () => {
  it('are shut to a hospital that does not treat the person, exactly as if there were nobody', async () => {
    const { person, report } = await checkedPerson(memberOf(bench, 'potassium-five'));
    expect(await asked(stranger, person, report)).toEqual(SHUT);
    expect(await asked(stranger, UNKNOWN, UNKNOWN)).toEqual(SHUT);
    const known = await bench.flows.resultHistory(stranger, person, bench.origin);
    const unknown = await bench.flows.resultHistory(stranger, UNKNOWN, bench.origin);
    expect(JSON.stringify(known)).toBe(JSON.stringify(unknown));
  });

  it('are open to the hospital that ordered', async () => {
    const { person, report } = await checkedPerson(memberOf(bench, 'potassium-five'));
    const answers = await asked(bench.doctor, person, report);
    expect(answers[0]).toBe('shown');
    expect(answers).not.toContain('PERSON_NOT_FOUND');
  });

  it('open when the number of the person is presented, for a day', async () => {
    const member = memberOf(bench, 'three-hospitals');
    const { person, report } = await checkedPerson(member);
    expect(await asked(stranger, person, report)).toEqual(SHUT);
    await bench.present(member.person.nationalId as string, stranger);
    const [banner, history] = await asked(stranger, person, report);
    expect([banner, history]).toEqual(['shown', 'shown']);
  });

  it('do not open by a name alone, and do once the visit is named', async () => {
    const member = memberOf(bench, 'expired');
    const { person, report } = await checkedPerson(member);
    const search = (encounter?: string) =>
      bench.flows.searchPersons(
        stranger,
        { by: 'name', text: member.person.name, ...(encounter === undefined ? {} : { encounter }) },
        bench.origin,
      );
    const found = await search();
    expect(found.ok && found.value.persons.length).toBeGreaterThan(0);
    expect(await asked(stranger, person, report)).toEqual(SHUT);
    await search('MZ20261123001');
    expect((await asked(stranger, person, report))[0]).toBe('shown');
  });
});
