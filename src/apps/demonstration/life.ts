import { DAY_MS, HOUR_MS, type Instant, instant } from '../../kernel/instant.ts';
import type { Encounter, OrderLine, PlannedMessage, PlannedReport } from './events.ts';
import {
  type Chronicle,
  encounterOf,
  examinationReport,
  laboratoryReport,
  recordAt,
  reportMessage,
} from './history.ts';
import { localCatalogueOf } from './local-codes.ts';
import type { Random } from './random.ts';
import type { DemonstrationInstitution } from './region.ts';
import { type Visit, visitsOf } from './visits.ts';

/** Institutions whose HIS sends its orders and registrations beside the reports. */
const ORDERING: readonly DemonstrationInstitution[] = ['YX-COUNTY', 'WX-CENTRAL', 'QL-FIRST'];

/** How often reports take another course than preliminary-less, final and kept. */
const COURSES = {
  corrected: 0.014,
  silentlyCorrected: 0.003,
  withdrawn: 0.004,
  renumbered: 0.002,
  late: 0.003,
} as const;

/** Adds some time to a moment, but never past `now`. */
const later = (chronicle: Chronicle, at: Instant, ms: number): Instant =>
  instant(Math.min(at + ms, chronicle.now - 30_000));

/** The same report with one of its values (or its wording) put right. */
const corrected = (
  report: PlannedReport,
  at: Instant,
  random: Random,
  status: 'corrected' | 'final',
): PlannedReport => {
  if (report.kind === 'examination')
    return {
      ...report,
      status,
      reportedAt: at,
      impression: `${report.impression}（更正：报告部位描述已核对。）`,
    };
  const numeric = report.results.filter(({ valueType }) => valueType === 'NM');
  const chosen = numeric.length > 0 ? random.pick(numeric) : undefined;
  const results = report.results.map((line) => {
    if (line !== chosen) return line;
    const digits = line.value.split('.')[1]?.length ?? 0;
    return { ...line, value: (Number(line.value) * 1.12 + 10 ** -digits).toFixed(digits) };
  });
  return { ...report, status, reportedAt: at, results };
};

/** The messages of one report over its life: usually one, now and then a correction, a withdrawal or a late copy. */
const courseOfReport = (
  chronicle: Chronicle,
  report: PlannedReport,
  random: Random,
  copy: number,
): readonly PlannedMessage[] => {
  const send = (one: PlannedReport): PlannedMessage =>
    reportMessage(chronicle, one, random.whole(1, 9), copy);
  const first = send(report);
  const slow = report.kind === 'laboratory' && report.service === 'CULTURE';
  if (slow || (report.kind === 'examination' && random.chance(0.03))) {
    const final = later(chronicle, report.reportedAt, slow ? 2 * DAY_MS : 4 * HOUR_MS);
    return [send({ ...report, status: 'preliminary' }), send({ ...report, reportedAt: final })];
  }
  const course = random.weighted([
    ...(Object.entries(COURSES) as [keyof typeof COURSES, number][]),
    ['usual', 1 - Object.values(COURSES).reduce((sum, chance) => sum + chance, 0)] as const,
  ]);
  const afterwards = later(chronicle, report.reportedAt, random.whole(2, 30) * HOUR_MS);
  switch (course) {
    case 'corrected':
      return [first, send(corrected(report, afterwards, random, 'corrected'))];
    case 'silentlyCorrected':
      return [first, send(corrected(report, afterwards, random, 'final'))];
    case 'withdrawn':
      return [first, send({ ...report, status: 'withdrawn', reportedAt: afterwards })];
    case 'renumbered': {
      const renewed = {
        ...corrected(report, later(chronicle, afterwards, 60_000), random, 'final'),
        reportNumber: `${report.reportNumber}X`,
        replaces: report.reportNumber,
      };
      return [first, send({ ...report, status: 'withdrawn', reportedAt: afterwards }), send(renewed)];
    }
    case 'late': {
      // The preliminary report was held up and arrives after the final one.
      return [
        first,
        { ...send({ ...report, status: 'preliminary' }), sentAt: later(chronicle, first.sentAt, HOUR_MS) },
      ];
    }
    default:
      return [first];
  }
};

/** The order message of a visit. */
export const orderMessage = (
  chronicle: Chronicle,
  visit: Visit,
  encounter: Encounter,
  lines: readonly OrderLine[],
): PlannedMessage => ({
  type: 'order',
  record: recordAt(chronicle, visit.institution),
  sentAt: instant(Math.min(visit.at + 60_000, chronicle.now)),
  encounter,
  lines,
});

const orderLines = (visit: Visit, reports: readonly PlannedReport[]): readonly OrderLine[] => {
  const catalogue = localCatalogueOf(visit.institution);
  return reports.flatMap((report): OrderLine[] => {
    const code =
      report.kind === 'laboratory'
        ? catalogue.panels.get(report.service)
        : catalogue.examinations.get(report.side === null ? report.item : `${report.item}|${report.side}`);
    return code
      ? [{ orderNumber: report.orderNumber, code: code.code, nameZh: code.nameZh, control: 'NW' }]
      : [];
  });
};

/** The messages about one visit: registration and order where the hospital sends them, then the reports. */
const messagesOfVisit = (
  chronicle: Chronicle,
  visit: Visit,
  isFirstThere: boolean,
  copy: number,
): readonly PlannedMessage[] => {
  const random = chronicle.random.fork(`visit-${visit.at}-${visit.institution}`);
  const encounter = encounterOf(chronicle, visit);
  const reports: PlannedReport[] = [
    ...visit.services.map((service) => laboratoryReport(chronicle, visit, encounter, { service })),
    ...visit.examinations.map((examination) => examinationReport(chronicle, visit, encounter, examination)),
  ];
  const messages: PlannedMessage[] = [];
  if (ORDERING.includes(visit.institution)) {
    if (isFirstThere && random.chance(0.4))
      messages.push({
        type: 'registration',
        record: recordAt(chronicle, visit.institution, copy),
        sentAt: instant(visit.at - 600_000),
        event: 'A04',
      });
    if (copy === 0 && random.chance(0.2))
      messages.push(orderMessage(chronicle, visit, encounter, orderLines(visit, reports)));
  }
  return [
    ...messages,
    ...reports.flatMap((report) => courseOfReport(chronicle, report, random.fork(report.reportNumber), copy)),
  ];
};

/**
 * All messages about one person, in the order in which they are sent. One person in two hundred was registered twice
 * at the same hospital; the second record is merged into the first after the last visit.
 */
export const messagesOfLife = (chronicle: Chronicle): readonly PlannedMessage[] => {
  const visits = visitsOf(chronicle.person, chronicle.now, chronicle.random);
  const twice = chronicle.random.fork('twice');
  const doubled =
    twice.chance(0.01) && chronicle.person.nationalId !== null
      ? visits.filter(({ institution }) => institution === 'YX-COUNTY')
      : [];
  const seen = new Set<DemonstrationInstitution>();
  const messages = visits.flatMap((visit) => {
    const isFirstThere = !seen.has(visit.institution);
    seen.add(visit.institution);
    const copy = doubled.length > 1 && visit === doubled[0] ? 1 : 0;
    return messagesOfVisit(chronicle, visit, isFirstThere, copy);
  });
  const last = doubled.at(-1);
  if (doubled.length > 1 && last)
    messages.push({
      type: 'merge',
      record: recordAt(chronicle, 'YX-COUNTY'),
      retired: recordAt(chronicle, 'YX-COUNTY', 1),
      sentAt: later(chronicle, last.at, 9 * HOUR_MS),
    });
  return messages.toSorted((left, right) => left.sentAt - right.sentAt);
};
