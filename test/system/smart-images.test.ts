import { authorizationCodeGrant, type Configuration } from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { multipartBody } from '../../src/adapters/dicomweb/multipart.ts';
import { writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { clusterOf } from '../../src/adapters/postgres/person-lookup.ts';
import { readPersonRecords } from '../../src/adapters/postgres/person-records.ts';
import { consentFlows } from '../../src/apps/flows/consent/consents.ts';
import { systemClock } from '../../src/apps/installation.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { ownConsentRequestShape } from '../../src/web/wire/consent.ts';
import { applicationToken } from './application-token.ts';
import type { FormBrowser } from './http-server.ts';
import { instanceOf } from './imaging-bench.ts';
import { personOf, signedInPatient } from './own-data-bench.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';
import { answerWith, appOf, registerApp, requestOf, signedIn, untilAsked } from './smart-app.ts';

/*
 * An app opens images by what the resource says and nothing else: the study by FHIR, its endpoint, the frame at that
 * endpoint with the same token. The images were made by another hospital than the one whose doctor and system read them.
 */

const STUDIES = { first: '2.25.660001', second: '2.25.660002', child: '2.25.660003' } as const;

const PERSON_ID = statement('test.smart-images-person', 'select person_id from persons where public_id = $1');
const OPENED = statement(
  'test.smart-images-audit',
  `select a.actor, a.purpose, a.role from audit_events a join studies s on a.resource = 'study/' || s.public_id
   where a.action = 'study.read' and s.study_uid = $1 order by a.event_id`,
);

const pixelsOf = (studyUid: string): Buffer =>
  Buffer.from(Array.from({ length: 32 }, (_, at) => (at % 2 === 0 ? at + Number(studyUid.at(-1)) : 0)));

const once = async function* (bytes: Uint8Array) {
  yield bytes;
};

/** A study as a reader of FHIR gets it. */
interface Study {
  readonly id: string;
  readonly identifier: readonly { readonly value: string }[];
  readonly endpoint: readonly { readonly reference: string }[];
  readonly series: readonly {
    readonly uid: string;
    readonly instance: readonly { readonly uid: string }[];
  }[];
}

describe('an app that opens images', () => {
  let system: RealSystem;
  let url: string;
  let person: PublicId;
  let gallery: Configuration;
  let patient: FormBrowser;
  let doctor: FormBrowser;

  const get = (token: string, address: string): Promise<Response> =>
    fetch(address, { headers: { authorization: `Bearer ${token}` } });
  const statusOf = async (token: string, path: string) => (await get(token, `${url}${path}`)).status;
  const json = async <Value>(token: string, path: string): Promise<Value> => {
    const answer = await get(token, `${url}${path}`);
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as Value;
  };

  /** A member of the cast as the header of an image of this institution states them. */
  const headerOf = async (member: string, institution: string) => {
    const { database, keys } = system.bench.dependencies;
    const [row] = await database.run<{ person_id: string }>(PERSON_ID, [
      await personOf(system.bench, member),
    ]);
    const { members } = await clusterOf(database, (row as { person_id: string }).person_id);
    const records = await readPersonRecords(
      database,
      keys,
      members.map(({ personId }) => personId),
    );
    const number = records
      .flatMap(({ recordNumbers }) => recordNumbers)
      .find(({ issuer }) => issuer.startsWith(institution));
    if (!number) throw new Error(`${member} has no number of ${institution}`);
    const { name, birthDate, sex } = memberOf(system.bench, member).person;
    return {
      PatientID: number.number,
      PatientName: `=${name}`,
      PatientBirthDate: birthDate.replaceAll('-', ''),
      PatientSex: sex === 'male' ? 'M' : 'F',
    };
  };

  const store = async (institution: string, member: string, studyUids: readonly string[]): Promise<void> => {
    const key = await clientOf(institution);
    const header = await headerOf(member, institution);
    for (const studyUid of studyUids) await storeOne(key, studyUid, header);
  };

  const storeOne = async (
    key: string,
    studyUid: string,
    header: Awaited<ReturnType<typeof headerOf>>,
  ): Promise<void> => {
    const instance = instanceOf({
      StudyInstanceUID: studyUid,
      SeriesInstanceUID: `${studyUid}.1`,
      SOPInstanceUID: `${studyUid}.1.1`,
      ...header,
      PixelData: pixelsOf(studyUid),
    });
    const bytes = Buffer.concat([writeMeta(instance), instance.bytes]);
    const body = multipartBody(
      [{ mediaType: 'application/dicom', location: '/x', length: bytes.length, pieces: () => once(bytes) }],
      'application/dicom',
      'boundary',
    );
    const stored = await fetch(`${url}/dicom-web/studies`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': body.mediaType },
      body: body.pieces,
      duplex: 'half',
    } as RequestInit & { duplex: 'half' });
    expect(stored.status, await stored.text()).toBe(200);
  };

  const clientOf = async (institution: string): Promise<string> => {
    const { database, newPublicId } = system.bench.dependencies;
    const code = `pacs-${institution.toLowerCase()}`;
    return (
      await createClient(
        database,
        { code, name: 'PACS', institution: institution as InstitutionCode, purposes: ['treatment'] },
        { at: systemClock(), newId: newPublicId, by: 'test', peer: 'test' },
      )
    ).key;
  };

  beforeAll(async () => {
    system = await realSystem();
    url = system.url;
    for (const key of ['three-hospitals', 'child'])
      await fetch(`${url}/api/order-checks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(system.bench.orderOf(memberOf(system.bench, key))),
      });
    person = await personOf(system.bench, 'three-hospitals');
    await store('WX-CENTRAL', 'three-hospitals', [STUDIES.first, STUDIES.second]);
    await store('WX-MCH', 'child', [STUDIES.child]);
    const act = () => ({
      at: systemClock(),
      newId: system.bench.dependencies.newPublicId,
      by: 'test',
      peer: 'test',
    });
    await registerApp(
      { store: { database: system.bench.opened.database } as never, act },
      { code: 'gallery' },
    );
    gallery = await appOf(url, 'gallery');
    doctor = await signedIn(url, COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
    patient = await signedInPatient(system, 'three-hospitals');
    await patient.get('/account');
  });
  afterAll(() => system?.stop());

  const tokenFrom = async (browser: FormBrowser, scope: string, over: Record<string, string> = {}) => {
    const { address, checks } = await requestOf(gallery, url, { scope });
    const { path } = await untilAsked(browser, url, address);
    if (over['patient'] !== undefined) {
      const { nationalId } = memberOf(system.bench, 'three-hospitals').person;
      await browser.post(`${path}/patient`, { by: 'national-id', text: nationalId as string });
    }
    const back = await answerWith(browser, url, path, { decision: 'allow', ...over });
    return (await authorizationCodeGrant(gallery, back, checks)).access_token;
  };

  const studyBy = async (token: string, studyUid: string): Promise<Study> => {
    const { entry } = await json<{ entry: { resource: Study }[] }>(
      token,
      `/fhir/ImagingStudy?identifier=urn:dicom:uid|urn:oid:${studyUid}`,
    );
    const [{ resource } = { resource: undefined }] = entry;
    return json<Study>(token, `/fhir/ImagingStudy/${resource?.id}`);
  };

  /** The first frame of a study, by what the resource says. */
  const frameOf = async (token: string, study: Study): Promise<Response> => {
    const [{ reference } = { reference: '' }] = study.endpoint;
    const { address } = await json<{ address: string }>(token, `/fhir/${reference}`);
    const [{ value } = { value: '' }] = study.identifier;
    const [series] = study.series;
    const path = `studies/${value.replace('urn:oid:', '')}/series/${series?.uid}/instances/${series?.instance[0]?.uid}/frames/1`;
    return fetch(`${address}/${path}`, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/octet-stream; transfer-syntax=*',
      },
    });
  };

  const opened = (studyUid: string) => system.bench.dependencies.database.run(OPENED, [studyUid]);
  const pathOf = (studyUid: string) => `/dicom-web/studies/${studyUid}/metadata`;

  it('of a patient gets the very bytes that were sent, of nobody else’s study any, and is one row of the log', async () => {
    const token = await tokenFrom(patient, 'openid launch/patient patient/ImagingStudy.rs');
    const study = await studyBy(token, STUDIES.first);
    for (const _ of [1, 2]) {
      const frame = await frameOf(token, study);
      expect(frame.status).toBe(200);
      expect(Buffer.from(await frame.arrayBuffer())).toEqual(pixelsOf(STUDIES.first));
    }
    expect(await statusOf(token, pathOf(STUDIES.first))).toBe(200);
    expect(await opened(STUDIES.first)).toEqual([
      { actor: `application:gallery/patient:${person}`, purpose: 'own-data', role: 'application' },
    ]);
    expect(await statusOf(token, pathOf(STUDIES.child))).toBe(404);
    expect(await opened(STUDIES.child)).toEqual([]);
    // Searching by QIDO and storing are not an app's.
    expect(await statusOf(token, '/dicom-web/studies')).toBe(403);
    const results = await tokenFrom(patient, 'openid launch/patient patient/Observation.rs');
    expect(await statusOf(results, pathOf(STUDIES.first))).toBe(403);
  });

  it('of a doctor opens the studies of the patient of the launch alone', async () => {
    const token = await tokenFrom(doctor, 'openid launch/patient patient/ImagingStudy.rs', {
      patient: person,
    });
    const frame = await frameOf(token, await studyBy(token, STUDIES.first));
    expect(Buffer.from(await frame.arrayBuffer())).toEqual(pixelsOf(STUDIES.first));
    expect(await statusOf(token, pathOf(STUDIES.child))).toBe(404);
    // What the same doctor's app may see without a patient of a launch is another decision.
    const all = await tokenFrom(doctor, 'openid user/ImagingStudy.rs');
    expect(await statusOf(all, pathOf(STUDIES.child))).toBe(200);
    expect(await statusOf(token, pathOf(STUDIES.child))).toBe(404);
    expect(await opened(STUDIES.child)).toEqual([
      { actor: `application:gallery/staff:${COUNTY_DOCTOR.login}`, purpose: 'treatment', role: 'doctor' },
    ]);
  });

  it('of a hospital’s system is refused as soon as the patient has refused, and leaves no row', async () => {
    const token = await applicationToken(system, ['system/ImagingStudy.rs']);
    const [first, second] = [await studyBy(token, STUDIES.first), await studyBy(token, STUDIES.second)];
    expect((await frameOf(token, first)).status).toBe(200);
    const before = await opened(STUDIES.second);
    const refused = await consentFlows({ ...system.bench.dependencies, publicUrl: () => url }).recordOwn(
      { kind: 'patient', name: `patient:${person}`, person },
      ownConsentRequestShape.parse({ kind: 'denied' }),
      null,
      { requestId: 'r', peer: 'test', purpose: 'own-data' },
    );
    expect(refused.ok).toBe(true);
    expect(await statusOf(token, `/fhir/ImagingStudy/${second.id}`)).toBe(404);
    expect((await frameOf(token, second)).status).toBe(404);
    expect(await opened(STUDIES.second)).toEqual(before);
    // What was opened a moment ago is decided anew after some seconds.
    await expect.poll(async () => (await frameOf(token, first)).status, { timeout: 30_000 }).toBe(404);
  });
});
