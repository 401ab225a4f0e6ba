import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileImages } from '../../src/adapters/objects/image-objects.ts';
import { type Database, statement } from '../../src/adapters/postgres/database.ts';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import { answerReview } from '../../src/apps/flows/checks/answer-review.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import { cardsOf } from '../../src/apps/flows/cds-hooks/cds-cards.ts';
import { fhirFlows } from '../../src/apps/flows/fhir/fhir.ts';
import { consentFlows } from '../../src/apps/flows/consent/consents.ts';
import { checkNotes } from '../../src/apps/flows/ingest/order-notes.ts';
import { checkRecord } from '../../src/apps/flows/soap/soap-answers.ts';
import type { ServerFlows } from '../../src/apps/server/routes/table.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { cardPage, type CardView } from '../../src/web/card/card-page.ts';
import { ownConsentRequestShape } from '../../src/web/wire/consent.ts';
import { type OrderCheckAnswer, orderCheckAnswerShape } from '../../src/web/wire/order-check-answer.ts';
import { orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { itemCode, listDocument } from '../example-region.ts';
import {
  bench,
  byNationalId,
  doctorOf,
  nextNationalId,
  origin,
  reported,
  withAttackedRegion,
} from './attack-bench.ts';
import { admissionMessage, fresh } from './ingest-fixtures.ts';
import { listening } from './statement-listener.ts';

withAttackedRegion();

/*
 * Two persons alike in everything but one thing: one has a result elsewhere that may not be told, the other has none.
 * Every way out is asked for both, and the bytes are compared with only those ids and moments taken out that differ
 * between any two calls. Time is compared as work: the statements sent to the database, each with its name, in order. What
 * is measured in milliseconds is what `npm run bench:consent` prints.
 */

const HOME = 'JIANG-2';
/** A doctor at work somewhere else than in the other tests, so that what he is listed is his alone. */
const doctor = { ...doctorOf(HOME), name: 'staff:equal', login: 'equal', staffNumber: '100777' };

/** What differs between any two calls about any two persons: ids, moments, hashes of the facts. */
const withoutIds = (text: string): string =>
  text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, 'MOMENT')
    .replaceAll(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}/g, 'MINUTE');

let flows: ServerFlows;
let sent: string[];
let received: ReturnType<typeof listening>['received'];
let heardDatabase: Database;
const imageFolder = mkdtempSync(join(tmpdir(), 'images-'));
afterAll(() => rmSync(imageFolder, { recursive: true, force: true }));
beforeAll(async () => {
  const heard = listening(bench.database);
  sent = heard.sent;
  received = heard.received;
  heardDatabase = heard.database;
  flows = checkFlows({ ...bench.dependencies, database: heard.database });
  await publishLists(
    bench.database,
    [
      listDocument('code-map', 'JIANG-2-CT', {
        institution: HOME as InstitutionCode,
        entries: [{ localCode: 'CTC', localNameZh: '胸部CT平扫', item: itemCode('CT-CHEST-P') }],
      }),
    ],
    { by: 'test', at: bench.dependencies.clock(), reason: 'a chest CT to order' },
  );
});

interface Ways {
  readonly texts: Readonly<Record<string, string>>;
  readonly statements: Readonly<Record<string, readonly string[]>>;
  /** Rows of earlier results that left the database for the check. */
  readonly candidates: number;
  readonly check: OrderCheckAnswer;
  /** Facts and verdicts as the check was kept, without the moment of the check. */
  readonly kept: string;
}

const KEPT = statement('test.kept', 'select facts, verdicts from order_checks where public_id = $1');

/** What is kept of a check, byte by byte but for its moment: what is weighed costs time, and what is kept costs more. */
const keptOf = async (check: PublicId): Promise<string> => {
  const [row] = await bench.database.run<{ facts: string; verdicts: string }>(KEPT, [check]);
  if (!row) throw new Error('the check was not kept');
  return `${row.facts.replace(/"at":\d+/, '"at":0')}\n${row.verdicts}`;
};

/** Everything that can be asked about a person, each with the statements that it took. */
const everyWay = async (nationalId: string, items: readonly string[], report: string): Promise<Ways> => {
  const texts: Record<string, string> = {};
  const statements: Record<string, readonly string[]> = {};
  const ask = async <Answer>(way: string, work: () => Promise<Answer>): Promise<Answer> => {
    sent.length = 0;
    const answer = await work();
    statements[way] = [...sent];
    texts[way] = withoutIds(JSON.stringify(answer));
    return answer;
  };
  const refusalOf = async (work: () => Promise<{ ok: boolean; reason?: unknown }>) => {
    try {
      const outcome = await work();
      return outcome.ok ? outcome : (outcome.reason as { code: string }).code;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const request = orderCheckRequestShape.parse({
    patient: byNationalId(nationalId),
    encounter: { class: '门诊', number: 'EQUAL' },
    items: items.map((code, index) => ({ line: index + 1, code })),
    interventions: [],
  });
  received.length = 0;
  const checked = await ask('check', () => flows.check(doctor, request, origin));
  const candidates = received.reduce(
    (total, { statement: name, rows }) => total + (name.includes('candidates') ? rows : 0),
    0,
  );
  if (!checked.ok) throw checked.reason;
  const check = checked.value;
  orderCheckAnswerShape.parse(check);
  const id = check.id as PublicId;
  await ask('read', () => flows.read(doctor, id, origin));
  await ask('explanation', () => flows.explain(doctor, id, origin));
  await ask('answers awaited', () => flows.responses(doctor, id));
  await ask('recognising unseen', () =>
    refusalOf(() => flows.respond(doctor, id, { line: 1, kind: 'recognise', subReasons: [] }, null, origin)),
  );
  await ask('report by its id', () => refusalOf(() => flows.report(doctor, report as PublicId, origin)));
  await ask('attachment by its id', () =>
    refusalOf(() => flows.attachment(doctor, report as PublicId, 1, origin)),
  );
  await ask('history', () => flows.resultHistory(doctor, check.person as PublicId, origin));
  const images = fileImages(imageFolder, bench.dependencies.keys);
  const fhir = fhirFlows({ ...bench.dependencies, database: heardDatabase, images });
  const search = {
    patient: check.person as string,
    categories: [],
    codes: [],
    spans: [],
    updated: [],
    ids: null,
    count: 50,
    offset: 0,
    includes: ['Observation:subject', 'DiagnosticReport:result'],
    address: '',
    base: '',
  };
  for (const type of ['Observation', 'DiagnosticReport'] as const) {
    await ask(`FHIR ${type}`, () => fhir.search(doctor, type, search, origin));
    for (const item of ['CT-CHEST-P', 'HIV-SCREEN'])
      await ask(`FHIR ${type} of ${item}`, () =>
        fhir.search(doctor, type, { ...search, codes: [{ system: 'urn:huren:item', code: item }] }, origin),
      );
    await ask(`FHIR ${type} by its id`, () =>
      refusalOf(() => fhir.read(doctor, type, type === 'Observation' ? `${report}.1` : report, origin)),
    );
  }
  await ask('FHIR everything', () =>
    fhir.everything(
      doctor,
      check.person as string,
      { types: ['Observation', 'DiagnosticReport'], spans: [], count: 50, offset: 0, address: '', base: '' },
      origin,
    ),
  );
  await ask('consent', () =>
    consentFlows({ ...bench.dependencies, publicUrl: () => 'https://huren.example' }).overview(
      doctor,
      check.person as PublicId,
      origin,
    ),
  );
  texts['card'] = withoutIds(
    cardPage({
      check,
      person: null,
      refusal: null,
      assets: { style: '', script: '' },
      formToken: 't',
      newKey: () => 'k',
      watermark: null,
      needsGuardian: false,
      consentRefusal: null,
      emergency: '/x',
      emergencyUntil: null,
      addresses: {
        responses: '/r',
        consents: '/c',
        report: (shown: string) => shown,
        explanation: '/e',
        notice: String,
      } as unknown as CardView['addresses'],
      finish: null,
    }).text,
  );
  texts['CDS Hooks'] = withoutIds(
    JSON.stringify(
      cardsOf({
        answer: check,
        orders: check.lines.map(({ line }) => ({ id: `o${line}` })) as never,
        patientId: 'p1',
        language: 'zh',
        orderCodeSystem: null,
        cardUrl: 'https://huren.example/card/x',
        newId: () => 'c' as PublicId,
      }),
    ),
  );
  texts['SOAP'] = withoutIds(JSON.stringify(checkRecord(check, null)));
  texts['HL7 v2 order answer'] = withoutIds(JSON.stringify(checkNotes(check, items.length, null)));
  return { texts, statements, candidates, check, kept: await keptOf(id) };
};

/** Somebody known to the doctor's own hospital and to the platform, and to nobody's laboratory. */
const admitted = async (): Promise<string> => {
  const nationalId = nextNationalId();
  await bench.take(
    admissionMessage({ application: 'LIS', facility: 'JIANG1', record: fresh('N'), nationalId }),
  );
  return nationalId;
};

const opportunities = () =>
  bench.rows<{ counted: string }>('select count(*)::text as counted from opportunities');
const repeats = () =>
  answerReview(bench.dependencies).repeats({ ...doctor, role: 'medical-affairs' } as never, {}, origin);

describe.each([
  ['a restricted class (HIV)', ['HIV', 'K01'], [['HIV', 'ST', '阳性', '', '阴性']] as const, undefined],
  [
    'a refusal of everything',
    ['K01', 'CTC'],
    [['K', 'NM', '4.1', 'mmol/L', '3.5-5.3']] as const,
    { kind: 'denied' },
  ],
  [
    'a hospital that the patient hid',
    ['K01', 'GLU'],
    [['K', 'NM', '4.1', 'mmol/L', '3.5-5.3']] as const,
    { kind: 'denied', source: 'JIANG-1' },
  ],
  [
    'a history longer than is read at once, refused',
    ['K01'],
    Array.from({ length: 300 }, () => ['K', 'NM', '4.1', 'mmol/L', '3.5-5.3'] as const),
    { kind: 'denied' },
  ],
  [
    'an examination with images, refused',
    ['CTC'],
    [['CTC', 'TX', '右肺结节', '', '']] as const,
    { kind: 'denied' },
  ],
])('what hides %s', (_what, items, lines, act) => {
  const refuse = async (nationalId: string): Promise<void> => {
    if (!act) return;
    const request = orderCheckRequestShape.parse({
      patient: byNationalId(nationalId),
      encounter: { class: '门诊', number: 'BEFORE' },
      items: [{ line: 1, code: 'AST' }],
      interventions: [],
    });
    const checked = await checkFlows(bench.dependencies).check(doctorOf('JIANG-3'), request, origin);
    if (!checked.ok) throw checked.reason;
    const person = checked.value.person as PublicId;
    const recorded = await consentFlows({
      ...bench.dependencies,
      publicUrl: () => 'https://huren.example',
    }).recordOwn(
      { kind: 'patient', name: `patient:${person}`, person },
      ownConsentRequestShape.parse(act),
      null,
      origin,
    );
    if (!recorded.ok) throw recorded.reason;
  };

  it('says, counts and does the same whether or not there is anything', async () => {
    const something = await reported({ lines: lines as never });
    const nothingId = await admitted();
    await refuse(something.nationalId);
    await refuse(nothingId);
    // Once each before, so that both find what is kept in memory.
    await everyWay(something.nationalId, items, something.report);
    await everyWay(nothingId, items, something.report);

    const counted = [await opportunities()];
    const reviewed = [withoutIds(JSON.stringify(await repeats()))];
    const hidden = await everyWay(something.nationalId, items, something.report);
    counted.push(await opportunities());
    reviewed.push(withoutIds(JSON.stringify(await repeats())));
    // The id of a report that does not exist, for whoever guesses.
    const none = await everyWay(nothingId, items, '019a0000-0000-7000-8000-00000000dead');
    counted.push(await opportunities());

    expect(hidden.check.lines[0]?.outcome).toBe('not-disclosed');
    for (const way of Object.keys(none.texts)) expect(hidden.texts[way], way).toBe(none.texts[way]);
    for (const way of Object.keys(none.statements))
      expect(hidden.statements[way], way).toEqual(none.statements[way]);
    expect([hidden.candidates, none.candidates]).toEqual([0, 0]);
    expect(hidden.kept).toBe(none.kept);
    expect(hidden.kept).not.toContain(something.report);
    expect(counted[1]).toEqual(counted[0]);
    expect(counted[2]).toEqual(counted[1]);
    expect(reviewed[1]).toBe(reviewed[0]);
  });
});
