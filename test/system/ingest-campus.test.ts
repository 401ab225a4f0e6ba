import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import type { CheckFlows } from '../../src/apps/server/flows-port.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { CampusCode, InstitutionCode } from '../../src/organisation/index.ts';
import type { ListDocument } from '../../src/recognition/index.ts';
import { orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { grant, withChanged } from '../example-region.ts';
import { fresh, type IngestBench, ingestBench, ingestDocuments, reportMessage } from './ingest-fixtures.ts';
import { residentNumber } from './person-fixtures.ts';
import { SECOND_DOCTOR, TREATMENT } from './second-hospital.ts';

/** The first hospital of Jiang with two campuses, of which only the eastern one has the mark. */
const documents = (): readonly ListDocument[] =>
  withChanged(
    'grants',
    'JIANG-1',
    (list) => ({
      ...list,
      version: 'by-campus',
      content: { ...list.content, grants: [grant('HR-EAST', { campus: 'EAST' as CampusCode })] },
    }),
    withChanged(
      'institutions',
      null,
      (list) => ({
        ...list,
        version: 'with-campuses',
        content: {
          ...list.content,
          institutions: list.content.institutions.map((each) =>
            each.code === 'JIANG-1'
              ? {
                  ...each,
                  campuses: [
                    { code: 'EAST' as CampusCode, nameZh: '东院区' },
                    { code: 'WEST' as CampusCode, nameZh: '西院区' },
                  ],
                }
              : each,
          ),
        },
      }),
      ingestDocuments(),
    ),
  );

let bench: IngestBench;
let flows: CheckFlows;
beforeAll(async () => {
  bench = await ingestBench();
  const { dependencies, database } = bench;
  await publishLists(
    database,
    documents().filter(({ version }) => version === 'by-campus' || version === 'with-campuses'),
    { by: 'test', at: dependencies.clock(), reason: 'test' },
  );
  await bench.register({
    code: 'JIANG-1-CAMPUS',
    facility: 'CAMPUS',
    institution: 'JIANG-1' as InstitutionCode,
    dialect: { fields: { campus: 'OBR-18' }, campuses: { D: '东院区', X: 'WEST' } },
  });
  flows = checkFlows(dependencies);
});
afterAll(() => bench.drop());

let sequence = 300;

/** Potassium with that word for the campus in OBR-18, and what the quality check of the next order finds. */
const qualityOf = async (campus: string, facility = 'CAMPUS') => {
  const nationalId = residentNumber(sequence++).number;
  const message = reportMessage({ facility, record: fresh('P'), nationalId });
  const segments = message.split('\r').map((segment) => {
    if (!segment.startsWith('OBR|')) return segment;
    const fields = segment.split('|');
    fields[18] = campus;
    return fields.join('|');
  });
  expect((await bench.take(segments.join('\r'))).outcome).toBe('accepted');
  const checked = await flows.check(
    SECOND_DOCTOR,
    orderCheckRequestShape.parse({
      patient: {
        identifiers: [{ type: 'national-id', number: nationalId }],
        name: '周明轩',
        sex: 'male',
        birthDate: '1990-01-01',
      },
      encounter: { class: '门诊', number: fresh('V') },
      items: [{ line: 1, code: 'K01' }],
    }),
    TREATMENT,
  );
  if (!checked.ok) throw checked.reason;
  const explained = await flows.explain(SECOND_DOCTOR, checked.value.id as PublicId, TREATMENT);
  if (!explained.ok) throw explained.reason;
  const [candidate] = explained.value.lines[0]?.candidates ?? [];
  const quality = candidate?.checks.find(({ check }) => check === 'quality-basis');
  return `${candidate?.grade} ${quality?.finding}`;
};

test.each([
  ['of the campus that has the mark must be considered', 'D', 'must-consider grant-covers'],
  ['of the other campus does not count', 'X', 'may-consider grant-for-other-campus'],
  ['that names no campus never passes', '', 'may-consider grant-limit-open'],
  ['that names a campus nobody knows never passes', '南院区', 'may-consider grant-limit-open'],
])('under a mark limited to a campus, a result %s', async (_, campus, expected) => {
  expect(await qualityOf(campus)).toBe(expected);
});

test('a sender that has not named the place states no campus, whatever stands there', async () => {
  expect(await qualityOf('D', 'JIANG1')).toBe('may-consider grant-limit-open');
});
