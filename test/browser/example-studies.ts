import dicomParser, { type DataSet } from 'dicom-parser';
import type { Page, Route } from 'playwright-core';
import { copyFrame } from '../../src/adapters/dicom/copy-frame.ts';
import { TRANSFER_SYNTAXES } from '../../src/adapters/dicom/write-part10.ts';
import { chestCt } from '../../src/apps/demonstration/studies/chest-ct.ts';
import { chestDr } from '../../src/apps/demonstration/studies/chest-dr.ts';
import { kneeMr } from '../../src/apps/demonstration/studies/knee-mr.ts';
import { restingEcg } from '../../src/apps/demonstration/studies/resting-ecg.ts';
import { ultrasoundClip } from '../../src/apps/demonstration/studies/ultrasound-clip.ts';
import {
  part10Of,
  type StudyContext,
  type SyntheticStudy,
} from '../../src/apps/demonstration/studies/synthetic-study.ts';
import type { StudyViewing } from '../../src/apps/server/routes/study-view-port.ts';
import { type HeaderPixels, VIEW_COPY_SYNTAX } from '../../src/imaging/index.ts';
import { defineFaults, raiser } from '../../src/kernel/fault.ts';
import { fail, ok } from '../../src/kernel/result.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { ReportAnswer } from '../../src/web/wire/order-check-answer.ts';
import type { KeyImage } from '../../src/web/wire/key-image.ts';
import type { ViewedStudy } from '../../src/web/wire/viewed-study.ts';
import { plates } from './example-plates.ts';
import { EXAMPLE_PERSON, EXAMPLE_REPORT } from './example-flows.ts';

const raise = raiser(
  defineFaults({ EXAMPLE_STUDY: { status: 404, zh: '没有这次检查。', en: 'No such study.' } }),
);

/** Ids of the studies that a doctor may open here. */
export const STUDIES = {
  today: '01930000-0000-7000-8000-0000000000c1',
  prior: '01930000-0000-7000-8000-0000000000c2',
  ecg: '01930000-0000-7000-8000-0000000000c3',
  clip: '01930000-0000-7000-8000-0000000000c4',
  coming: '01930000-0000-7000-8000-0000000000c5',
  knee: '01930000-0000-7000-8000-0000000000c6',
  frontal: '01930000-0000-7000-8000-0000000000c7',
  breasts: '01930000-0000-7000-8000-0000000000c8',
  far: '01930000-0000-7000-8000-0000000000c9',
  plates: '01930000-0000-7000-8000-0000000000ca',
} as const;

const context = (seed: string, date: string, institutionName: string): StudyContext => ({
  seed,
  patient: {
    alphabetic: 'Example',
    ideographic: '示例',
    patientId: 'P1',
    birthDate: '19620308',
    sex: 'M',
  },
  accessionNumber: `A-${seed}`,
  date,
  time: '081500',
  institutionName,
  stationName: 'EX01',
  charset: 'GB18030',
  transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
});

const chest = (seed: string, date: string, institution: string, spacingMm: number, kernel: string) =>
  chestCt({
    context: context(seed, date, institution),
    variant: { seed, nodules: [{ at: [-78, -14, 48], diameterMm: 9, core: -80, halo: -560 }], build: 1 },
    modelName: 'EX',
    protocolName: 'EX',
    studyDescription: '胸部CT平扫',
    bodyPartExamined: 'CHEST',
    ctdiVolMGy: 6,
    matrix: 96,
    series: [{ description: `${spacingMm} mm`, thicknessMm: spacingMm, spacingMm, kernel, noise: 8 }],
  });

/** One instance as DICOMweb gives it, of the study and series that it is served under. */
interface Held {
  readonly file: Buffer;
  readonly header: DataSet;
  readonly json: Readonly<Record<string, unknown>>;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly modality: string;
  readonly description: string | null;
}

const NUMBERS = new Set(['IS', 'DS']);
/** What the viewer reads, with the representation of each. */
const READ: Readonly<Record<string, string>> = {
  '00080016': 'UI',
  '00080018': 'UI',
  '00080060': 'CS',
  '0020000D': 'UI',
  '0020000E': 'UI',
  '0008103E': 'LO',
  '00181210': 'SH',
  '00180015': 'CS',
  '00200013': 'IS',
  '00200052': 'UI',
  '00200032': 'DS',
  '00200037': 'DS',
  '00280030': 'DS',
  '00180050': 'DS',
  '00181063': 'DS',
  '00280008': 'IS',
  '00281050': 'DS',
  '00281051': 'DS',
  '00281052': 'DS',
  '00281053': 'DS',
  '00280004': 'CS',
  '00280002': 'US',
  '00280006': 'US',
  '00280010': 'US',
  '00280011': 'US',
  '00280100': 'US',
  '00280101': 'US',
  '00280102': 'US',
  '00280103': 'US',
};

const jsonOf = (header: DataSet): Record<string, unknown> => {
  const json: Record<string, unknown> = {};
  for (const [tag, vr] of Object.entries(READ)) {
    const name = `x${tag.toLowerCase()}`;
    if (!header.elements[name]) continue;
    const texts = vr === 'US' ? [] : (header.string(name) ?? '').split('\\');
    const Value = vr === 'US' ? [header.uint16(name)] : NUMBERS.has(vr) ? texts.map(Number) : texts;
    json[tag] = { vr, Value };
  }
  return json;
};

const held = (study: SyntheticStudy): Held[] =>
  [...study.instances()].map((instance) => {
    const file = part10Of(instance);
    const header = dicomParser.parseDicom(file);
    return {
      file,
      header,
      json: jsonOf(header),
      studyUid: header.string('x0020000d') ?? '',
      seriesUid: header.string('x0020000e') ?? '',
      modality: header.string('x00080060') ?? 'CT',
      description: chineseAt(header, 'x0008103e'),
    };
  });

const chineseAt = (header: DataSet, tag: string): string | null => {
  const element = header.elements[tag];
  if (!element) return null;
  const bytes = header.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  return new TextDecoder('gb18030').decode(bytes).trim();
};

const value = (vr: string, text: string) => ({ vr, Value: [text] });

/** Projections of one study, a series each, that show nothing: what matters is where they hang. */
const projections = (seed: string, modality: string, views: readonly string[]): Held[] =>
  views.flatMap((description, place) => {
    const [one] = held(
      chestDr({
        context: { ...context(`${seed}-${place}`, '20261122', '示例县人民医院'), isBlank: true },
        variant: { seed, nodules: [], build: 1 },
        modelName: 'EX',
        studyDescription: description,
        bodyPartExamined: 'CHEST',
      }),
    ) as [Held];
    const studyUid = `2.25.88${seed.length}`;
    const seriesUid = `${studyUid}.${place + 1}`;
    const json = {
      ...one.json,
      '0020000D': value('UI', studyUid),
      '0020000E': value('UI', seriesUid),
      '00080060': value('CS', modality),
      '0008103E': value('LO', description),
    };
    return [{ ...one, json, studyUid, seriesUid, modality, description }];
  });

const report = (title: string): ReportAnswer => ({
  id: EXAMPLE_REPORT,
  person: EXAMPLE_PERSON,
  kind: 'imaging',
  title,
  standing: 'final',
  version: 1,
  disputed: false,
  reportNumber: 'R-1',
  institution: {
    code: 'X',
    nameZh: '示例县人民医院',
    shortNameZh: '县医院',
    nameEn: 'County',
    tierZh: '二级甲等',
  },
  specimen: null,
  collectedAt: '2026-11-24T00:15:00Z',
  receivedAt: null,
  reportedAt: '2026-11-24T02:00:00Z',
  reporter: '示例医师',
  verifier: null,
  observations: [],
  findings: '右肺上叶见结节影。',
  impression: '右肺上叶结节，建议复查。',
  opinions: [],
  takesOpinion: false,
  images: null,
  orderedAt: null,
  verifiedAt: null,
  marks: [],
  notes: [],
  attachments: [],
  versions: [],
  disclosure: { basis: 'own', text: { zh: '示例', en: 'example' } },
});

/** The studies of the example, drawn once. */
export interface ExampleStudies {
  readonly viewing: StudyViewing;
  /** How many images the study has that is coming. */
  readonly coming: number;
  /** So many of them have come by now. */
  arrive(count: number): void;
  /** So many images of the study that is far are near by now; all of them: it opens. */
  recall(count: number): void;
  /** How many images the far study has. */
  readonly far: number;
  /** Study by study, how often it was opened. */
  readonly opened: ReadonlyMap<string, number>;
  /**
   * Answers the DICOMweb addresses of a page. `broken` frames are refused; with `copies`, frames that are asked for as HTJ2K
   * come so, each counted there.
   */
  serve(
    page: Page,
    options?: { readonly broken?: () => boolean; readonly copies?: { readonly served: Set<string> } },
  ): Promise<void>;
  /** Address, for the loader of the viewer, and pixels of every frame of a study, as stored. */
  frames(study: keyof typeof STUDIES): readonly { readonly imageId: string; readonly bytes: Buffer }[];
}

/** What the server says of a study in the far tier. */
const RECALLED = {
  type: 'about:blank',
  status: 503,
  code: 'IMAGES_BEING_RECALLED',
  zh: '影像正在从远端调回。',
  en: 'Images are being recalled.',
};

const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAFElEQVR4nGNgYGBg+I8EGUYFkAAA0KkH+WlkAmcAAAAASUVORK5CYII=',
  'base64',
);

const multipart = (type: string, bytes: Buffer) => ({
  contentType: `multipart/related; type="${type}"; boundary=example`,
  body: Buffer.concat([
    Buffer.from(
      `--example\r\nContent-Type: ${type}; transfer-syntax=${TRANSFER_SYNTAXES.explicitLittleEndian}\r\n\r\n`,
    ),
    bytes,
    Buffer.from('\r\n--example--'),
  ]),
});

const frameOf = ({ file, header }: Held, frame: number): Buffer => {
  const pixels = header.elements['x7fe00010'];
  if (!pixels) throw new RangeError('no pixels');
  const length = pixels.length / Number(header.string('x00280008') ?? 1);
  const from = pixels.dataOffset + (frame - 1) * length;
  return file.subarray(from, from + length);
};

/** A frame as its view copy holds it. */
const copyOf = async (held: Held, frame: number): Promise<Buffer> => {
  const { header } = held;
  const copy = await copyFrame({
    frame: frameOf(held, frame),
    transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
    pixels: {
      rows: header.uint16('x00280010') ?? 0,
      columns: header.uint16('x00280011') ?? 0,
      bitsAllocated: header.uint16('x00280100') ?? 0,
      pixelRepresentation: header.uint16('x00280103') ?? 0,
      samplesPerPixel: header.uint16('x00280002') ?? 1,
    } as HeaderPixels,
  });
  if (!copy.ok) throw new Error(copy.reason);
  return Buffer.from(copy.value);
};

/** Draws them. */
export const exampleStudies = (): ExampleStudies => {
  const drawn: Readonly<Record<keyof typeof STUDIES, readonly Held[]>> = {
    today: held(chest('ex-today', '20261124', '示例县人民医院', 2.5, 'B60f')),
    prior: held(chest('ex-prior', '20260812', '示例市第一人民医院', 5, 'B31f')),
    ecg: held(
      restingEcg({
        context: context('ex-ecg', '20261120', '示例镇卫生院'),
        modelName: 'EX',
        studyDescription: '常规心电图',
        beatsPerMinute: 72,
        stElevation: 0,
      }),
    ),
    clip: held(
      ultrasoundClip({
        context: context('ex-clip', '20261118', '示例县人民医院'),
        modelName: 'EX',
        studyDescription: '肝胆超声',
        bodyPartExamined: 'ABDOMEN',
        frames: 12,
        stones: true,
      }),
    ),
    coming: held(chest('ex-coming', '20261124', '示例县人民医院', 5, 'B31f')),
    knee: held(
      kneeMr({
        context: { ...context('ex-knee', '20261121', '示例县人民医院'), isBlank: true },
        side: 'right',
        tear: false,
        effusion: false,
        modelName: 'EX',
        bodyPartExamined: 'KNEE',
        statesLaterality: true,
      }),
    ),
    frontal: projections('ex-dx', 'DX', ['胸部正位', '胸部侧位']),
    breasts: projections('ex-mammo', 'MG', ['L MLO', 'R MLO', 'L CC', 'R CC']),
    far: held(chest('ex-far', '20260101', '示例县人民医院', 10, 'B31f')),
    plates: plates().map(({ file, description, modality, json }) => {
      const header = dicomParser.parseDicom(file);
      const [studyUid, seriesUid] = ['x0020000d', 'x0020000e'].map((tag) => header.string(tag) ?? '') as [
        string,
        string,
      ];
      const said = { ...jsonOf(header), ...json };
      return { file, header, json: said, studyUid, seriesUid, modality, description };
    }),
  };
  const opened = new Map<string, number>();
  let arrived = 0;
  let near = 0;
  const marks = new Map<string, KeyImage[]>();
  /** What came of a study so far; of the one that is coming the lowest slices came first. */
  const cameOf = (name: keyof typeof STUDIES): readonly Held[] =>
    name === 'coming' ? drawn.coming.slice(0, arrived) : drawn[name];
  const uidOf = (name: keyof typeof STUDIES): string => drawn[name][0]?.studyUid ?? '1.2.3';
  const isFar = (name: keyof typeof STUDIES): boolean => name === 'far' && near < drawn.far.length;
  const viewed = (name: keyof typeof STUDIES): ViewedStudy => {
    const came = cameOf(name);
    const [first] = came;
    const modality = first?.modality ?? 'CT';
    const series = [...Map.groupBy(came, ({ seriesUid }) => seriesUid).values()] as [Held, ...Held[]][];
    return {
      id: STUDIES[name],
      studyUid: uidOf(name),
      root: '/dicom-web',
      audience: 'staff',
      patient: {
        person: EXAMPLE_PERSON,
        name: '示例',
        sex: 'male',
        birthDate: '1962-03-08',
        maskedIdentifiers: [],
      },
      institution: { nameZh: '示例县人民医院', nameEn: 'County', own: name !== 'prior' },
      studiedAt: name === 'prior' ? '2026-08-12 08:15' : '2026-11-24 08:15',
      description: name === 'ecg' ? '常规心电图' : '检查',
      modalities: [modality],
      state: name === 'coming' && came.length < drawn.coming.length ? 'receiving' : 'complete',
      received: came.length,
      announced: name === 'coming' ? drawn.coming.length : null,
      recall: isFar(name)
        ? { done: near, total: drawn.far.length, lastSeriesUid: drawn.far[0]?.seriesUid ?? '' }
        : null,
      series: series.map((of, place) => ({
        seriesUid: of[0].seriesUid,
        number: place + 1,
        modality: of[0].modality,
        description: /^(CT|MR|DX|MG)$/.test(modality) ? of[0].description : '序列',
        bodyPart: of[0].header.string('x00180015') ?? null,
        laterality: null,
        instances: of.length,
        version: 'example-1',
      })),
      opening: null,
      keyImages: marks.get(STUDIES[name]) ?? [],
      report: name === 'coming' ? null : report('检查'),
      downloadHref: `/studies/${STUDIES[name]}/download`,
      reportHref: name === 'coming' ? null : `/reports/${EXAMPLE_REPORT}`,
      priors:
        name === 'today'
          ? [
              {
                id: STUDIES.prior,
                institution: { nameZh: '示例市第一人民医院', nameEn: 'City', own: false },
                studiedAt: '2026-08-12 08:15',
                modalities: ['CT'],
                description: '胸部CT平扫',
                comparable: true,
              },
            ]
          : [],
      watermark: { viewer: '示例医师（1001）', purpose: '诊疗', at: '2026-11-25T02:00:00Z' },
      drill: true,
    };
  };
  const nameOf = (id: string) =>
    (Object.keys(STUDIES) as (keyof typeof STUDIES)[]).find((name) => STUDIES[name] === id);
  const answer = async (
    route: Route,
    path: string,
    isBroken: boolean,
    copies: { readonly served: Set<string> } | undefined,
  ): Promise<void> => {
    const [, study, series, rest = ''] =
      /^\/dicom-web\/studies\/([\d.]+)\/series\/([\d.]+)\/(.*)$/.exec(path) ?? [];
    const name = (Object.keys(drawn) as (keyof typeof STUDIES)[]).find((each) => uidOf(each) === study);
    const instances = name ? cameOf(name).filter(({ seriesUid }) => seriesUid === series) : [];
    if (rest === 'metadata')
      return route.fulfill({
        json: instances.map(({ json }) => json),
        contentType: 'application/dicom+json',
      });
    if (name && isFar(name) && /^rendered|frames/.test(rest))
      return route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        json: { ...RECALLED, detail: `${near}/${drawn.far.length}` },
      });
    if (/^(thumbnail|rendered)/.test(rest)) return route.fulfill({ contentType: 'image/png', body: PICTURE });
    const [, uid, frame] = /^instances\/([\d.]+)(?:\/frames\/(\d+))?$/.exec(rest) ?? [];
    const instance = instances.find(({ header }) => header.string('x00080018') === uid);
    if (!instance || (frame !== undefined && isBroken)) return route.fulfill({ status: 503, body: '' });
    if (copies && frame !== undefined && route.request().headers()['accept']?.startsWith('image/jphc')) {
      copies.served.add(path);
      return route.fulfill({
        contentType: `image/jphc; transfer-syntax=${VIEW_COPY_SYNTAX}`,
        body: await copyOf(instance, Number(frame)),
      });
    }
    return route.fulfill(
      frame === undefined
        ? multipart('application/dicom', instance.file)
        : multipart('application/octet-stream', frameOf(instance, Number(frame))),
    );
  };
  return {
    opened,
    coming: drawn.coming.length,
    arrive(count) {
      arrived = count;
    },
    far: drawn.far.length,
    recall(count) {
      near = count;
    },
    viewing: {
      unreported: async () => ({ studies: [] }),
      ofReport: async () => ok(STUDIES.today as PublicId),
      async open(_viewer, study) {
        const name = nameOf(study);
        if (!name) return fail(raise('EXAMPLE_STUDY'));
        opened.set(study, (opened.get(study) ?? 0) + 1);
        return ok(viewed(name));
      },
      async mark(_viewer, study, { images }) {
        marks.set(study, images);
        return ok({ images });
      },
    },
    async serve(page, { broken = () => false, copies } = {}) {
      await page.route('**/dicom-web/**', (route) =>
        answer(route, new URL(route.request().url()).pathname, broken(), copies),
      );
    },
    frames: (name) =>
      drawn[name].flatMap((held) => {
        const series = `/dicom-web/studies/${uidOf(name)}/series/${held.seriesUid}`;
        const instance = `${series}/instances/${held.header.string('x00080018')}`;
        return Array.from({ length: Number(held.header.string('x00280008') ?? 1) }, (_, at) => ({
          imageId: `wadors:${instance}/frames/${at + 1}`,
          bytes: frameOf(held, at + 1),
        }));
      }),
  };
};
