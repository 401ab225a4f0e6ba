/** One element of the DICOM JSON model (PS3.18 Annex F). */
export interface DicomElement {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  /** Bytes in base64, least significant first. */
  readonly InlineBinary?: string;
}

/** A data set of the DICOM JSON model: tag in eight hexadecimal digits, capital letters, to element. */
export type DicomJson = Readonly<Record<string, DicomElement | undefined>>;

/** Numbers of an element. IS and DS may come as text; what is no number is left out, so count before trusting a place. */
export const numbersAt = (json: DicomJson, tag: string): number[] =>
  (json[tag]?.Value ?? [])
    .map((value) => (typeof value === 'number' ? value : Number.parseFloat(String(value))))
    .filter((value) => Number.isFinite(value));

/** First number of an element; null when there is none. */
export const numberAt = (json: DicomJson, tag: string): number | null => numbersAt(json, tag)[0] ?? null;

/** First text of an element, without padding; null when there is none. */
export const textAt = (json: DicomJson, tag: string): string | null => {
  const [value] = json[tag]?.Value ?? [];
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return text === '' ? null : text;
};

/** Texts of an element, without padding; what is no text is left out. */
export const textsAt = (json: DicomJson, tag: string): string[] =>
  (json[tag]?.Value ?? []).filter((value) => typeof value === 'string').map((value) => value.trim());

/** Items of a sequence. */
export const itemsAt = (json: DicomJson, tag: string): readonly DicomJson[] =>
  (json[tag]?.Value ?? []).filter((value): value is DicomJson => typeof value === 'object' && value !== null);

/** Tags that the viewer reads, by their names in PS3.6. */
export const TAG = {
  sopClassUid: '00080016',
  sopInstanceUid: '00080018',
  availableSyntax: '00083002',
  modality: '00080060',
  seriesUid: '0020000E',
  seriesDescription: '0008103E',
  convolutionKernel: '00181210',
  imageType: '00080008',
  bodyPart: '00180015',
  viewPosition: '00185101',
  imageLaterality: '00200062',
  laterality: '00200060',
  instanceNumber: '00200013',
  frameOfReference: '00200052',
  position: '00200032',
  orientation: '00200037',
  patientOrientation: '00200020',
  pixelSpacing: '00280030',
  imagerPixelSpacing: '00181164',
  sliceThickness: '00180050',
  frameTime: '00181063',
  cineRate: '00180040',
  displayRate: '00082144',
  rows: '00280010',
  columns: '00280011',
  frames: '00280008',
  samples: '00280002',
  windowCenter: '00281050',
  windowWidth: '00281051',
  lossy: '00282110',
  photometric: '00280004',
  bitsAllocated: '00280100',
  bitsStored: '00280101',
  highBit: '00280102',
  representation: '00280103',
  aspectRatio: '00280034',
  calibration: '00280A02',
  magnification: '00181114',
  ultrasoundRegions: '00186011',
  sharedGroups: '52009229',
  frameGroups: '52009230',
  planePosition: '00209113',
  planeOrientation: '00209116',
  pixelMeasures: '00289110',
  referencedSop: '00081155',
  referencedFrames: '00081160',
  evidence: '0040A375',
  content: '0040A730',
  referencedSopSequence: '00081199',
} as const;

/** Functional groups that hold for a frame: its own, then those of all. Not all frames are looked through for one of them. */
const groupsFor = (instance: DicomJson, frame: number): readonly DicomJson[] =>
  [instance[TAG.frameGroups]?.Value?.[frame - 1], instance[TAG.sharedGroups]?.Value?.[0]].filter(
    (value): value is DicomJson => typeof value === 'object' && value !== null,
  );

/** The item of a functional group that holds for a frame: its own, else the one of all; undefined where there is none (PS3.3 C.7.6.16). */
export const groupItem = (instance: DicomJson, frame: number, group: string): DicomJson | undefined =>
  groupsFor(instance, frame).flatMap((groups) => itemsAt(groups, group))[0];

/** Numbers of a frame: of its functional group, else of the header itself. */
export const groupNumbers = (
  instance: DicomJson,
  frame: number,
  group: string,
  tag: string,
): readonly number[] => {
  for (const groups of groupsFor(instance, frame)) {
    const item = itemsAt(groups, group)[0];
    const numbers = item ? numbersAt(item, tag) : [];
    if (numbers.length > 0) return numbers;
  }
  return numbersAt(instance, tag);
};
