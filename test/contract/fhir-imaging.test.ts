import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { multipartBody } from '../../src/adapters/dicomweb/multipart.ts';
import { writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { foldColdSeries } from '../../src/apps/flows/imaging/fold-series.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { applicationToken } from '../system/application-token.ts';
import { instanceOf } from '../system/imaging-bench.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';

interface Study {
  readonly resourceType: string;
  readonly id: string;
  readonly [name: string]: unknown;
}

interface Bundle {
  readonly total: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry: readonly { readonly resource: Study; readonly search: { readonly mode: string } }[];
}

const CT = '2.25.990001';
const MR = '2.25.990002';
const UNKNOWN = '019a0000-0000-7000-8000-000000000000';

const PERSON = statement(
  'test.fhir-imaging-person',
  'select p.public_id, s.public_id as study from studies s join persons p on p.person_id = s.person_id where s.study_uid = $1',
);
const AUDITED = statement(
  'test.fhir-imaging-audit',
  "select action, resource, outcome from audit_events where action = 'studies.search' order by event_id",
);

const once = async function* (bytes: Uint8Array) {
  yield bytes;
};

describe('FHIR R4 ImagingStudy', () => {
  let system: RealSystem;
  let strangerKey: string;
  let person: string;
  let study: string;

  const get = (path: string, key = system.key): Promise<Response> =>
    fetch(system.url + path, { headers: { authorization: `Bearer ${key}` } });
  const bundle = async (path: string): Promise<Bundle> => {
    const answer = await get(path);
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as Bundle;
  };
  const uidsOf = ({ entry }: Bundle): readonly string[] =>
    entry
      .filter(({ resource }) => resource.resourceType === 'ImagingStudy')
      .map(
        ({ resource }) =>
          (resource['identifier'] as { value: string }[])[0]?.value.replace('urn:oid:', '') ?? '',
      );

  const store = async (attributes: Parameters<typeof instanceOf>[0]): Promise<void> => {
    const instance = instanceOf(attributes);
    const bytes = Buffer.concat([writeMeta(instance), instance.bytes]);
    const body = multipartBody(
      [{ mediaType: 'application/dicom', location: '/x', length: bytes.length, pieces: () => once(bytes) }],
      'application/dicom',
      'boundary',
    );
    const stored = await fetch(`${system.url}/dicom-web/studies`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': body.mediaType },
      body: body.pieces,
      duplex: 'half',
    } as RequestInit & { duplex: 'half' });
    expect(stored.status, await stored.text()).toBe(200);
  };

  beforeAll(async () => {
    system = await realSystem();
    const { database, newPublicId } = system.bench.dependencies;
    const act = { at: systemClock(), newId: newPublicId, by: 'test', peer: 'test' };
    const stranger = {
      code: 'stranger-his',
      name: 'HIS',
      institution: 'WX-MCH' as InstitutionCode,
      purposes: ['treatment'],
    } as const;
    strangerKey = (await createClient(database, stranger, act)).key;
    const of = { PatientID: 'M-FHIR-1' } as const;
    for (const index of [1, 2])
      await store({
        ...of,
        StudyInstanceUID: CT,
        SeriesInstanceUID: `${CT}.1`,
        SOPInstanceUID: `${CT}.1.${index}`,
        AccessionNumber: 'ACC-FHIR',
        SeriesDescription: '肺窗',
        BodyPartExamined: 'CHEST',
        InstanceNumber: index,
        ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
      });
    await store({
      ...of,
      StudyInstanceUID: MR,
      SeriesInstanceUID: `${MR}.1`,
      SOPInstanceUID: `${MR}.1.1`,
      StudyDate: '20261120',
      StudyTime: undefined,
      Modality: 'MR',
      StudyDescription: '右膝MR平扫',
    });
    const [row] = await database.run<{ public_id: string; study: string }>(PERSON, [CT]);
    ({ public_id: person, study } = row as { public_id: string; study: string });
  });
  afterAll(() => system?.stop());

  it('says what was examined, of what it consists and where its images are read', async () => {
    const answer = await get(`/fhir/ImagingStudy/${study}`);
    expect(answer.status).toBe(200);
    const found = (await answer.json()) as Study;
    expect(found).toMatchObject({
      resourceType: 'ImagingStudy',
      id: study,
      identifier: [
        { system: 'urn:dicom:uid', value: `urn:oid:${CT}` },
        { system: 'urn:huren:institution:YX-COUNTY:accession', value: 'ACC-FHIR' },
      ],
      status: 'available',
      modality: [{ system: 'http://dicom.nema.org/resources/ontology/DCM', code: 'CT' }],
      subject: { reference: `Patient/${person}` },
      started: '2026-11-18T09:15:00+08:00',
      numberOfSeries: 1,
      numberOfInstances: 2,
      description: '胸部CT平扫',
      endpoint: [{ reference: 'Endpoint/dicom-web' }],
      series: [
        {
          uid: `${CT}.1`,
          number: 1,
          modality: { code: 'CT' },
          description: '肺窗',
          numberOfInstances: 2,
          bodySite: { display: 'CHEST' },
          instance: [1, 2].map((number) => ({
            uid: `${CT}.1.${number}`,
            sopClass: { system: 'urn:ietf:rfc:3986', code: 'urn:oid:1.2.840.10008.5.1.4.1.1.2' },
            number,
          })),
        },
      ],
    });
    expect(found['contained']).toBeUndefined();
    expect(found['meta']).not.toHaveProperty('tag');
  });

  it('names an Endpoint that can be read, at which its images are', async () => {
    const [{ reference } = { reference: '' }] = (
      (await (await get(`/fhir/ImagingStudy/${study}`)).json()) as { endpoint: { reference: string }[] }
    ).endpoint;
    const endpoint = (await (await get(`/fhir/${reference}`)).json()) as Study;
    expect(endpoint).toMatchObject({
      resourceType: 'Endpoint',
      id: 'dicom-web',
      status: 'active',
      connectionType: {
        system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
        code: 'dicom-wado-rs',
      },
      payloadType: [{ text: 'DICOM' }],
      address: `${system.url}/dicom-web`,
    });
    expect((await get('/fhir/Endpoint/other')).status).toBe(404);
    const images = await fetch(`${endpoint['address'] as string}/studies/${CT}/metadata`, {
      headers: { authorization: `Bearer ${system.key}` },
    });
    expect(images.status).toBe(200);
    const { entry } = await bundle(`/fhir/ImagingStudy?patient=${person}&_include=ImagingStudy:endpoint`);
    expect(entry.at(-1)).toEqual({
      fullUrl: `${system.url}/fhir/Endpoint/dicom-web`,
      resource: endpoint,
      search: { mode: 'include' },
    });
  });

  it('lists instances where one study is read, and says in a search that it does not', async () => {
    for (const path of [`/fhir/ImagingStudy?patient=${person}`, `/fhir/Patient/${person}/$everything`]) {
      const { entry } = await bundle(path);
      const studies = entry
        .map(({ resource }) => resource)
        .filter((one) => one.resourceType === 'ImagingStudy');
      expect(studies).toHaveLength(2);
      for (const one of studies) {
        expect(one['meta']).toMatchObject({ tag: [{ code: 'SUBSETTED' }] });
        expect(JSON.stringify(one)).not.toContain('"instance"');
      }
    }
    const statement = (await (await get('/fhir/metadata')).json()) as {
      rest: { resource: { type: string; documentation?: string; interaction: { code: string }[] }[] }[];
    };
    const [{ resource } = { resource: [] }] = statement.rest;
    expect(resource.find(({ type }) => type === 'ImagingStudy')?.documentation).toMatch(/series\.instance/);
    expect(resource.find(({ type }) => type === 'Endpoint')?.interaction).toEqual([{ code: 'read' }]);
  });

  it('lists what DICOMweb shows: of a closed and folded series the same, with titles, and never what was set aside', async () => {
    const listed = async (): Promise<unknown> => {
      const found = (await (await get(`/fhir/ImagingStudy/${study}`)).json()) as {
        numberOfInstances: number;
        series: { numberOfInstances: number; instance: { uid: string; title?: string }[] }[];
      };
      const [first] = found.series;
      expect(found.numberOfInstances).toBe(first?.instance.length);
      expect(first?.numberOfInstances).toBe(first?.instance.length);
      return first?.instance.map(({ uid, title }) => [uid, title]);
    };
    const open = [1, 2].map((number) => [`${CT}.1.${number}`, undefined]);
    expect(await listed()).toEqual(open);
    // Another content under a UID that is shown already: held, and not shown.
    await store({
      PatientID: 'M-FHIR-1',
      StudyInstanceUID: CT,
      SeriesInstanceUID: `${CT}.1`,
      SOPInstanceUID: `${CT}.1.2`,
      InstanceNumber: 7,
    });
    // Another patient's image under the same study: set aside.
    await store({
      PatientID: 'M-FHIR-2',
      PatientName: 'Li^Si=李^四',
      PatientBirthDate: '19800101',
      StudyInstanceUID: CT,
      SeriesInstanceUID: `${CT}.1`,
      SOPInstanceUID: `${CT}.1.3`,
    });
    expect(await listed()).toEqual(open);
    await closeQuietSeries(system.imaging, instant(Date.now() + 3_600_000));
    const titled = [1, 2].map((number) => [`${CT}.1.${number}`, 'ORIGINAL\\PRIMARY\\AXIAL']);
    expect(await listed()).toEqual(titled);
    expect(await foldColdSeries(system.imaging, instant(Date.now() + 3_600_000_000))).toContainEqual(
      expect.objectContaining({ kind: 'folded' }),
    );
    expect(await listed()).toEqual(titled);
  });

  it.each([
    ['', [MR, CT]],
    [`&identifier=urn:dicom:uid|urn:oid:${CT}`, [CT]],
    ['&identifier=urn:huren:institution:YX-COUNTY:accession|ACC-FHIR', [CT]],
    ['&identifier=ACC-FHIR', [CT]],
    ['&identifier=urn:huren:institution:WX-CENTRAL:accession|ACC-FHIR', []],
    ['&status=available', [MR, CT]],
    ['&status=registered,cancelled', []],
    ['&started=2026-11-18', [CT]],
    ['&started=gt2026-11-18', [MR]],
    ['&started=ge2026-11-18&started=lt2026-11-20', [CT]],
    ['&modality=MR', [MR]],
    ['&_lastUpdated=gt2099-01-01', []],
    [`&_id=${UNKNOWN}`, []],
  ])('is found by patient%s', async (query, uids) => {
    const found = await bundle(`/fhir/ImagingStudy?patient=${person}${query}`);
    expect(uidsOf(found)).toEqual(uids);
    expect(found.total).toBe(uids.length);
  });

  it('is found by its UID alone, by form, by id, and with its patient', async () => {
    expect(uidsOf(await bundle(`/fhir/ImagingStudy?identifier=urn:dicom:uid|urn:oid:${MR}`))).toEqual([MR]);
    const form = await fetch(`${system.url}/fhir/ImagingStudy/_search`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}` },
      body: new URLSearchParams({ patient: `Patient/${person}`, _id: study }),
    });
    expect(uidsOf((await form.json()) as Bundle)).toEqual([CT]);
    const { entry, total } = await bundle(
      `/fhir/ImagingStudy?patient=${person}&_include=ImagingStudy:subject`,
    );
    expect(total).toBe(2);
    expect(entry.map(({ resource, search }) => `${search.mode} ${resource.resourceType}`)).toEqual([
      'match ImagingStudy',
      'match ImagingStudy',
      'include Patient',
    ]);
  });

  it('comes in pages, and in everything of a person', async () => {
    const first = await bundle(`/fhir/ImagingStudy?patient=${person}&_count=1`);
    expect([uidsOf(first), first.total]).toEqual([[MR], 2]);
    const next = first.link.find(({ relation }) => relation === 'next')?.url.replace(system.url, '') ?? '';
    expect(uidsOf(await bundle(next))).toEqual([CT]);
    const everything = await bundle(`/fhir/Patient/${person}/$everything?_count=200`);
    expect(uidsOf(everything)).toEqual([MR, CT]);
    expect(
      uidsOf(await bundle(`/fhir/Patient/${person}/$everything?_type=ImagingStudy&start=2026-11-19`)),
    ).toEqual([MR]);
  });

  it.each([
    '/fhir/ImagingStudy',
    '/fhir/ImagingStudy?started=ge2026-01-01',
    '/fhir/ImagingStudy?patient=x&status=present',
    '/fhir/ImagingStudy?patient=x&_include=ImagingStudy:basedon',
    '/fhir/ImagingStudy?patient=x&_elements=series',
    '/fhir/ImagingStudy?patient=x&bodysite=1',
  ])('refuses %s', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as Study).resourceType).toBe('OperationOutcome');
  });

  it('is not there for an institution that does not treat the patient', async () => {
    const text = async (path: string) => (await get(path, strangerKey)).text();
    expect(await text(`/fhir/ImagingStudy/${study}`)).toBe(await text(`/fhir/ImagingStudy/${UNKNOWN}`));
    expect((await get(`/fhir/ImagingStudy?patient=${person}`, strangerKey)).status).toBe(404);
    const hidden = await text(`/fhir/ImagingStudy?identifier=urn:dicom:uid|urn:oid:${CT}`);
    expect(JSON.parse(hidden)).toMatchObject({ total: 0, entry: [] });
  });

  it('needs its scope from an app, which is not told where images are that it may only search for', async () => {
    const allowed = await applicationToken(system, ['system/ImagingStudy.s']);
    const found = (await (
      await get(`/fhir/ImagingStudy?patient=${person}&_include=ImagingStudy:endpoint`, allowed)
    ).json()) as Bundle;
    expect(uidsOf(found)).toEqual([MR, CT]);
    expect(found.entry).toHaveLength(2);
    for (const { resource } of found.entry) expect(resource['endpoint']).toBeUndefined();
    expect((await get('/fhir/Endpoint/dicom-web', allowed)).status).toBe(403);
    expect((await get(`/dicom-web/studies/${CT}/metadata`, allowed)).status).toBe(403);
    const other = await applicationToken(system, ['system/Observation.rs']);
    expect((await get(`/fhir/ImagingStudy?patient=${person}`, other)).status).toBe(403);
    expect((await get(`/dicom-web/studies/${CT}/metadata`, other)).status).toBe(403);
  });

  it('leaves a row in the access log', async () => {
    const rows = await system.bench.dependencies.database.run(AUDITED);
    expect(rows).toContainEqual({
      action: 'studies.search',
      resource: `study/${study}`,
      outcome: 'disclosed',
    });
    expect(rows).toContainEqual({
      action: 'studies.search',
      resource: `person/${person}/studies`,
      outcome: 'disclosed',
    });
  });
});
