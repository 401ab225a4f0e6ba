import { DAY_MS, HOUR_MS, type Instant, instant } from '../../kernel/instant.ts';
import { type CastMember, demonstrationCast } from './cast.ts';
import type { EncounterClass, ExaminationReport, PersonRecord, PlannedMessage } from './events.ts';
import {
  type Chronicle,
  chronicleOf,
  encounterOf,
  examinationReport,
  laboratoryReport,
  type LaboratoryWish,
  recordAt,
  reportMessage,
} from './history.ts';
import type { Episode } from './physiology.ts';
import { randomStream } from './random.ts';
import type { DemonstrationInstitution } from './region.ts';
import { type DemonstrationMessage, sendAll } from './sending.ts';
import { momentOfDay, type Visit } from './visits.ts';

/** The hand that writes one member's past. */
interface Scene {
  readonly chronicle: Chronicle;
  /** A visit so many days ago; of it reports are asked. */
  visit(
    days: number,
    institution: DemonstrationInstitution,
    department: string,
    episode?: Episode,
    encounterClass?: EncounterClass,
  ): SceneVisit;
}

interface SceneVisit {
  laboratory(wish: LaboratoryWish, copy?: number): PlannedMessage;
  examination(item: string, side?: 'left' | 'right', abnormal?: number): PlannedMessage;
  readonly at: Instant;
}

const sceneOf = (chronicle: Chronicle, member: CastMember): Scene => ({
  chronicle,
  visit(days, institution, department, episode = {}, encounterClass = 'outpatient') {
    const at = momentOfDay(chronicle.now, days, chronicle.random.fork(`moment-${days}-${institution}`));
    const visit: Visit = {
      institution,
      at,
      reason: {
        code: 'story',
        diagnosis: { code: member.order.diagnoses[0] ?? 'Z00.000', text: '' },
        department,
        services: [],
        examinations: [],
        encounterClass,
      },
      episode,
      services: [],
      examinations: [],
    };
    const encounter = encounterOf(chronicle, visit);
    return {
      at,
      laboratory: (wish, copy = 0) =>
        reportMessage(chronicle, laboratoryReport(chronicle, visit, encounter, wish), 3, copy),
      examination: (item, side, abnormal) =>
        reportMessage(
          chronicle,
          examinationReport(chronicle, visit, encounter, {
            item,
            side: side ?? null,
            ...(abnormal === undefined ? {} : { abnormal }),
          }),
        ),
    };
  },
});

/** The same report a day later with another status. */
const followed = (
  message: PlannedMessage,
  status: 'corrected' | 'withdrawn',
  change: (value: string) => string = (value) => value,
): PlannedMessage => {
  if (message.type !== 'report') return message;
  const { report } = message;
  const reportedAt = instant(report.reportedAt + 20 * HOUR_MS);
  const renewed =
    report.kind === 'laboratory'
      ? {
          ...report,
          status,
          reportedAt,
          results: report.results.map((line) =>
            line.item === 'LC-CREA' ? { ...line, value: change(line.value) } : line,
          ),
        }
      : { ...report, status, reportedAt };
  return { ...message, sentAt: instant(message.sentAt + 20 * HOUR_MS), report: renewed };
};

const sick: Episode = { infection: true };

/** What happened to each member, by key. Those without an entry have no past here. */
const PASTS: Readonly<Record<string, (scene: Scene) => readonly PlannedMessage[]>> = {
  child: ({ visit }) => {
    const fever = visit(5, 'WX-MCH', '儿内科', sick);
    return [fever.examination('XR-CHEST-PA', undefined, 1), fever.laboratory({ service: 'CBC' })];
  },
  'pre-operative': ({ visit }) => [visit(20, 'WX-CENTRAL', '普外科').laboratory({ service: 'INFECTION' })],
  'liver-panel': ({ visit }) => [visit(4, 'YX-TCM', '肝病科').laboratory({ service: 'LIVER' })],
  'potassium-five': ({ visit }) => [
    visit(5, 'WX-CENTRAL', '心血管内科').laboratory({ service: 'ELECTROLYTES' }),
  ],
  'potassium-eight': ({ visit }) => [
    visit(8, 'WX-CENTRAL', '心血管内科').laboratory({ service: 'ELECTROLYTES' }),
  ],
  'cross-province': ({ visit }) => {
    const away = visit(9, 'HQ-PROVINCIAL', '呼吸内科');
    return [away.examination('CT-CHEST-P', undefined, 0), away.examination('US-THY', undefined, 0)];
  },
  suspended: ({ visit }) => [visit(6, 'WX-IMAGING', '放射科').examination('CT-CHEST-P', undefined, 0)],
  revoked: ({ visit }) => [visit(10, 'WX-SECOND', '神经内科').examination('CT-HEAD-P')],
  expired: ({ visit }) => [visit(8, 'WX-SECOND', '内分泌科').laboratory({ service: 'THYROID' })],
  withdrawn: ({ visit }) => {
    const first = visit(3, 'WX-CENTRAL', '呼吸内科', sick).examination('CT-CHEST-P', undefined, 1);
    return [first, followed(first, 'withdrawn')];
  },
  corrected: ({ visit }) => {
    const first = visit(4, 'QL-FIRST', '肾内科').laboratory({ service: 'RENAL' });
    return [first, followed(first, 'corrected', (value) => String(Math.round(Number(value) * 1.3)))];
  },
  preliminary: ({ visit }) => [
    visit(1, 'WX-SECOND', '呼吸内科', sick, 'inpatient').laboratory({
      service: 'CULTURE',
      status: 'preliminary',
    }),
  ],
  'other-side': ({ visit }) => [visit(12, 'WX-CENTRAL', '骨科').examination('MR-KNEE-P', 'left', 0)],
  'namesake-one': ({ visit }) => [visit(6, 'WX-CENTRAL', '内科').laboratory({ service: 'LIPID' })],
  'namesake-two': ({ visit }) => [visit(40, 'WX-CENTRAL', '内科').laboratory({ service: 'CBC' })],
  'mother-of-twins': ({ visit }) => [
    visit(13, 'WX-MCH', '产科', { pregnancyWeek: 38 }, 'inpatient').laboratory({ service: 'CBC' }),
  ],
  'twin-one': ({ visit }) => [visit(2, 'WX-MCH', '新生儿科', {}, 'inpatient').laboratory({ service: 'CBC' })],
  'twin-two': ({ visit }) => [
    visit(2, 'WX-MCH', '新生儿科', {}, 'inpatient').laboratory({ service: 'LIVER' }),
  ],
  'serial-hcg': ({ visit }) => [
    visit(3, 'QL-FIRST', '产科', { pregnancyWeek: 6 }).laboratory({ service: 'HCG' }),
    visit(1, 'WX-MCH', '产科', { pregnancyWeek: 6 }).laboratory({ service: 'HCG' }),
  ],
  'own-institution': ({ visit }) => [visit(10, 'YX-COUNTY', '内科').laboratory({ service: 'LIPID' })],
  haemolysed: ({ visit }) => [
    visit(2, 'WX-CENTRAL', '肾内科').laboratory({ service: 'ELECTROLYTES', specimenState: '溶血' }),
  ],
  'sent-out': ({ visit }) => [visit(9, 'YX-QINGSHI', '全科').laboratory({ service: 'HBA1C' })],
  'lower-tier': ({ visit }) => [visit(7, 'QL-DONGHU', '全科').examination('US-ABD', undefined, 0)],
  'rare-name': ({ visit }) => [
    visit(30, 'YX-COUNTY', '内科').laboratory({ service: 'GLUCOSE' }),
    visit(12, 'YX-QINGSHI', '全科').laboratory({ service: 'URINE' }),
    visit(4, 'WX-CENTRAL', '内分泌科').laboratory({ service: 'GLUCOSE' }),
  ],
  emergency: ({ visit }) => {
    const ward = visit(1, 'WX-CENTRAL', '心血管内科');
    return [ward.examination('EC-12', undefined, 0), ward.laboratory({ service: 'CBC' })];
  },
  unmapped: ({ visit }) => [visit(5, 'QL-TCM', '消化内科').laboratory({ service: 'LIVER' })],
  'three-orders': ({ visit }) => {
    const clinic = visit(5, 'WX-CENTRAL', '呼吸内科');
    return [
      visit(8, 'WX-CENTRAL', '呼吸内科').examination('CT-CHEST-P', undefined, 0),
      clinic.laboratory({ service: 'LIVER' }),
      clinic.laboratory({ service: 'CBC' }),
    ];
  },
  'nodule-thick': ({ visit }) => [visit(9, 'YX-QINGSHI', '全科').examination('CT-CHEST-P', undefined, 0)],
  'nodule-thin': ({ visit }) => [
    visit(62, 'YX-QINGSHI', '全科').examination('CT-CHEST-P', undefined, 0),
    visit(7, 'WX-CENTRAL', '呼吸内科').examination('CT-CHEST-P', undefined, 0),
  ],
  'right-knee': ({ visit }) => [visit(6, 'WX-SECOND', '骨科').examination('MR-KNEE-P', 'right', 0)],
  merged: ({ visit, chronicle }) => [
    visit(25, 'YX-COUNTY', '肾内科').laboratory({ service: 'RENAL' }, 1),
    visit(6, 'YX-COUNTY', '肾内科').laboratory({ service: 'RENAL' }),
    {
      type: 'merge',
      record: recordAt(chronicle, 'YX-COUNTY'),
      retired: recordAt(chronicle, 'YX-COUNTY', 1),
      sentAt: instant(chronicle.now - DAY_MS),
    },
  ],
  daughter: ({ visit }) => [visit(41, 'YX-COUNTY', '体检中心').laboratory({ service: 'CBC' })],
  'three-hospitals': ({ visit }) => {
    const kidney = (days: number, institution: DemonstrationInstitution) =>
      visit(days, institution, '肾内科').laboratory({ service: 'RENAL' });
    const tumour = (days: number, institution: DemonstrationInstitution) =>
      visit(days, institution, '体检中心').laboratory({ service: 'TUMOUR' });
    return [
      kidney(712, 'WX-CENTRAL'),
      tumour(640, 'WX-CENTRAL'),
      kidney(601, 'YX-COUNTY'),
      kidney(488, 'QL-MILITARY'),
      kidney(371, 'YX-COUNTY'),
      tumour(330, 'QL-FIRST'),
      visit(258, 'WX-CENTRAL', '肾内科').laboratory({ service: 'CBC' }),
      kidney(257, 'WX-CENTRAL'),
      kidney(140, 'QL-MILITARY'),
      tumour(97, 'WX-CENTRAL'),
      visit(96, 'WX-CENTRAL', '肾内科').examination('US-ABD', undefined, 1),
      kidney(62, 'YX-COUNTY'),
      visit(61, 'YX-COUNTY', '肾内科').examination('EC-12', undefined, 0),
      kidney(6, 'WX-CENTRAL'),
    ];
  },
};

/** What happened to one member, in the order in which it was sent. */
const pastOf = (member: CastMember, now: Instant): readonly PlannedMessage[] => {
  const chronicle = chronicleOf(member.person, randomStream(`cast/${member.key}`), now, true);
  const past = PASTS[member.key]?.(sceneOf(chronicle, member)) ?? [];
  return past.toSorted((left, right) => left.sentAt - right.sentAt);
};

/** The messages of the cast, in the order of the stories; they are the same for every seed. */
export const castMessages = function* (now: Instant): Iterable<DemonstrationMessage> {
  for (const member of demonstrationCast(now)) yield* sendAll(member.person.number, pastOf(member, now));
};

/** An examination report of a member, with the record under which the hospital knows the patient. */
export interface CastExamination {
  readonly member: CastMember;
  readonly record: PersonRecord;
  readonly report: ExaminationReport;
}

/** The first versions of all examination reports of the cast: what images can belong to. */
export const castExaminations = (now: Instant): readonly CastExamination[] =>
  demonstrationCast(now).flatMap((member) =>
    pastOf(member, now).flatMap((message) =>
      message.type === 'report' && message.report.kind === 'examination' && message.report.status === 'final'
        ? [{ member, record: message.record, report: message.report }]
        : [],
    ),
  );
