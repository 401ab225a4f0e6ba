import { civilTimeText } from '../../kernel/civil-day.ts';
import { type Instant, instant } from '../../kernel/instant.ts';
import type {
  Encounter,
  EncounterClass,
  LaboratoryReport,
  PersonRecord,
  PlannedMessage,
  PlannedReport,
  SentStatus,
} from './events.ts';
import { abnormalChance, EXAMINATION_BY_ITEM } from './examinations.ts';
import { DIALECTS } from './dialects.ts';
import { printPanel } from './laboratory.ts';
import { localCatalogueOf } from './local-codes.ts';
import type { DemonstrationPerson } from './person.ts';
import { type Body, bodyOf } from './physiology.ts';
import type { PrintedResult } from './printed-result.ts';
import type { Random } from './random.ts';
import { recordOf } from './records.ts';
import type { DemonstrationInstitution } from './region.ts';
import { LABORATORIES, type LaboratoryService, specimenOf } from './laboratory-services.ts';
import { staffOf } from './staff.ts';
import { courseOf, type Visit } from './visits.ts';

/** `261118` in China. */
const compactDay = (at: Instant): string => civilTimeText(at).slice(2, 10).replaceAll('-', '');

/** Gives the running numbers of one person; no two reports of an institution get the same. */
interface Numbers {
  next(): string;
}

const numbersOf = (person: DemonstrationPerson): Numbers => {
  let serial = 0;
  return { next: () => `${String(person.number).padStart(5, '0')}${String(++serial).padStart(2, '0')}` };
};

/** Everything the writer of one person's history needs at hand. */
export interface Chronicle {
  readonly person: DemonstrationPerson;
  readonly body: Body;
  readonly random: Random;
  readonly exact: boolean;
  readonly numbers: Numbers;
  readonly now: Instant;
}

/** Opens the chronicle of a person. `exact` people are written down everywhere as they are. */
export const chronicleOf = (
  person: DemonstrationPerson,
  random: Random,
  now: Instant,
  exact: boolean,
): Chronicle => ({
  person,
  body: bodyOf(person, random.fork('body')),
  random,
  exact,
  numbers: numbersOf(person),
  now,
});

/** The record of the person at an institution. */
export const recordAt = (
  chronicle: Chronicle,
  institution: DemonstrationInstitution,
  copy = 0,
): PersonRecord => recordOf(institution, chronicle.person, chronicle.random, chronicle.exact, copy);

const CLASS_LETTERS: Readonly<Record<EncounterClass, string>> = {
  outpatient: 'M',
  emergency: 'J',
  inpatient: 'Z',
  'health-check': 'T',
};

/** The encounter of a visit, with a doctor of the department. */
export const encounterOf = (chronicle: Chronicle, visit: Visit): Encounter => {
  const encounterClass =
    visit.reason.encounterClass ?? (chronicle.random.chance(0.04) ? 'emergency' : 'outpatient');
  return {
    institution: visit.institution,
    at: visit.at,
    encounterClass,
    number: `${CLASS_LETTERS[encounterClass]}${compactDay(visit.at)}${chronicle.numbers.next()}`,
    department: visit.reason.department,
    doctor: staffOf(visit.institution, visit.reason.department, chronicle.random.whole(0, 3)),
    diagnosis: visit.reason.diagnosis,
  };
};

/** A moment, but never after `now`. */
const upTo = (now: Instant, at: number): Instant => instant(Math.min(at, now - 60_000));

/** What a caller may fix about a laboratory report; the rest follows from the visit. */
export interface LaboratoryWish {
  readonly service: LaboratoryService;
  readonly status?: SentStatus;
  readonly specimenState?: string;
  readonly performer?: DemonstrationInstitution;
  /** Values to print instead of measured ones, by item. */
  readonly values?: Readonly<Record<string, { readonly value: string; readonly flag: string }>>;
}

/** Services whose blood is drawn in the morning, before breakfast. */
const FASTING: readonly LaboratoryService[] = ['LIVER', 'LIPID', 'GLUCOSE', 'CHEMISTRY'];

/** Writes a laboratory report of an encounter. */
export const laboratoryReport = (
  chronicle: Chronicle,
  visit: Visit,
  encounter: Encounter,
  wish: LaboratoryWish,
): LaboratoryReport => {
  const { institution } = visit;
  const number = chronicle.numbers.next();
  const random = chronicle.random.fork(`laboratory-${number}`);
  const course = courseOf('laboratory', random);
  const own = LABORATORIES[institution].services.includes(wish.service);
  const performer = wish.performer ?? (own ? institution : 'WX-LAB');
  const specimenState =
    wish.specimenState ??
    (DIALECTS[institution].specimenIn === 'SPM' && random.chance(0.012)
      ? random.pick(['溶血', '脂血', '黄疸'])
      : null);
  const panel = localCatalogueOf(institution).panels.get(wish.service);
  if (!panel) throw new RangeError(`${institution} cannot order ${wish.service}`);
  const collectedAt = upTo(chronicle.now, visit.at + course.collected);
  const printed = printPanel(
    {
      person: chronicle.person,
      body: chronicle.body,
      episode: visit.episode,
      at: collectedAt,
      performer,
      reporter: institution,
      noise: random.fork('noise'),
      haemolysed: specimenState === '溶血',
    },
    panel.members,
  );
  return {
    kind: 'laboratory',
    encounter,
    service: wish.service,
    performer,
    reportNumber: `L${compactDay(visit.at)}${number}`,
    orderNumber: `A${compactDay(visit.at)}${number}`,
    status: wish.status ?? 'final',
    orderedAt: visit.at,
    collectedAt: DIALECTS[institution].statesCollection ? collectedAt : null,
    receivedAt: upTo(chronicle.now, visit.at + course.received),
    reportedAt: upTo(chronicle.now, visit.at + course.reported),
    reporter: staffOf(institution, '检验科', random.whole(0, 3)).name,
    verifier: staffOf(institution, '检验科', random.whole(4, 5)).name,
    specimen: specimenOf(wish.service),
    barcode: `${compactDay(visit.at)}${number}`.slice(-12),
    fasting: FASTING.includes(wish.service) && DIALECTS[institution].version >= '2.4' ? true : null,
    specimenState,
    results: printed.map((line): PrintedResult => ({ ...line, ...wish.values?.[line.item] })),
  };
};

/** Writes an examination report of an encounter. */
export const examinationReport = (
  chronicle: Chronicle,
  visit: Visit,
  encounter: Encounter,
  wish: {
    readonly item: string;
    readonly side: 'left' | 'right' | null;
    readonly status?: SentStatus;
    readonly abnormal?: number;
  },
): PlannedReport => {
  const examination = EXAMINATION_BY_ITEM.get(wish.item);
  if (!examination) throw new RangeError(`no examination ${wish.item}`);
  const number = chronicle.numbers.next();
  const random = chronicle.random.fork(`examination-${number}`);
  const course = courseOf('examination', random);
  const conditions = visit.episode.infection
    ? [...chronicle.person.conditions, 'infection' as const]
    : chronicle.person.conditions;
  const abnormal = wish.abnormal !== undefined || random.chance(abnormalChance(wish.item, conditions));
  const wording =
    wish.abnormal === undefined
      ? random.pick(abnormal ? examination.abnormal : examination.normal)
      : (examination.abnormal[wish.abnormal] ?? random.pick(examination.abnormal));
  const side = wish.side === null ? '' : wish.side === 'left' ? '左' : '右';
  const department =
    examination.modality === 'US' ? '超声科' : examination.modality === 'ECG' ? '心电图室' : '放射科';
  return {
    kind: 'examination',
    encounter,
    item: wish.item,
    side: wish.side,
    reportNumber: `R${compactDay(visit.at)}${number}`,
    orderNumber: `A${compactDay(visit.at)}${number}`,
    status: wish.status ?? 'final',
    orderedAt: visit.at,
    collectedAt: upTo(chronicle.now, visit.at + course.collected),
    receivedAt: upTo(chronicle.now, visit.at + course.received),
    reportedAt: upTo(chronicle.now, visit.at + course.reported),
    reporter: staffOf(visit.institution, department, random.whole(0, 3)).name,
    verifier: staffOf(visit.institution, department, random.whole(4, 5)).name,
    findings: wording.findings.replaceAll('{side}', side),
    impression: wording.impression.replaceAll('{side}', side),
    studyUid: `1.2.156.480000.${chronicle.person.number}.${number}.${visit.at}`,
  };
};

/** The message by which a report leaves its house, some minutes after it was signed. */
export const reportMessage = (
  chronicle: Chronicle,
  report: PlannedReport,
  delayMinutes = 3,
  copy = 0,
): PlannedMessage => ({
  type: 'report',
  record: recordAt(chronicle, report.encounter.institution, copy),
  sentAt: instant(Math.min(report.reportedAt + delayMinutes * 60_000, chronicle.now)),
  report,
});
