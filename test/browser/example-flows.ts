import type {
  Actor,
  CallOrigin,
  OrderCheckAnswer,
  OrderCheckRequest,
} from '../../src/apps/server/flows-port.ts';
import type { ServerFlows } from '../../src/apps/server/routes/table.ts';
import { defineFaults, raiser } from '../../src/kernel/fault.ts';
import { fail, ok } from '../../src/kernel/result.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { exampleCard } from './example-card.ts';
import { exampleHistory } from './example-history.ts';
import { EXAMPLE_ORDERABLES } from './example-orderables.ts';

const raise = raiser(
  defineFaults({
    EXAMPLE_UNKNOWN: { status: 404, zh: '没有这个编号。', en: 'No such id.' },
    EXAMPLE_REASON_MISSING: { status: 422, zh: '请选择不互认理由。', en: 'State a reason.' },
    EXAMPLE_TEXT_SHORT: {
      status: 422,
      zh: 'N6 其他情形需填写至少 10 个字。',
      en: 'N6 needs ten characters.',
    },
  }),
);

/** A person whose name needs a plane beyond the first, as about sixty million people's names need a rare character. */
export const EXAMPLE_PERSON = '01930000-0000-7000-8000-000000000001' as PublicId;
export const EXAMPLE_NAME = '张䶮𠮷';
export const EXAMPLE_ID_NUMBER = '11010519491231002X';
/** The report of the example, which has a document. */
export const EXAMPLE_REPORT = '01930000-0000-7000-8000-00000000000a';
const REPORT = EXAMPLE_REPORT;

const both = (zh: string, en: string) => ({ zh, en });
const city = {
  code: 'CITY-1',
  nameZh: '示例市第一人民医院',
  shortNameZh: '市一院',
  nameEn: 'City First',
  tierZh: '三级甲等',
};
const county = {
  code: 'COUNTY',
  nameZh: '示例县人民医院',
  shortNameZh: '县医院',
  nameEn: 'County',
  tierZh: '二级甲等',
};
const disclosure = {
  basis: 'assumed-by-policy',
  text: both('授权：按当地政策推定', 'Consent assumed by policy'),
};
const zone = { code: 'Z', nameZh: '示例市', nameEn: 'City' };

type Line = OrderCheckAnswer['lines'][number];
type Candidate = Line['candidates'][number];

const candidate = (over: Partial<Candidate> & Pick<Candidate, 'item'>): Candidate => ({
  report: REPORT,
  ordinal: 1,
  reportVersion: 1,
  grade: 'must-consider',
  zone,
  own: false,
  recognisable: true,
  standing: 'final',
  value: null,
  examination: null,
  images: null,
  institution: city,
  performer: null,
  collectedAt: '2026-11-18T00:12:00Z',
  collectedPrecision: 'minute',
  reportedAt: '2026-11-18T02:00:00Z',
  method: null,
  mark: '示例HR',
  until: '2026-11-25T16:00:00Z',
  reasons: [
    both(
      '同一患者、同一项目，采样在参考时限内，机构具有互认标识。',
      'Same patient, same item, in the window.',
    ),
  ],
  disclosure,
  ...over,
});

const NATIONAL = [
  ['N1', '病情变化，既往结果与临床表现、疾病诊断不符，难以满足临床诊疗需求'],
  ['N2', '检查检验结果在疾病发展演变过程中变化较快'],
  ['N3', '检查检验项目对于疾病诊疗意义重大（手术、输血等）'],
  ['N4', '患者处于急诊、急救等紧急状态'],
  ['N5', '涉及司法、伤残及病退等鉴定'],
  ['N6', '其他情形确需复查'],
] as const;

const line = (over: Partial<Line> & Pick<Line, 'line' | 'code' | 'name' | 'outcome'>): Line => ({
  item: null,
  interrupts: over.outcome === 'must-consider',
  quiet: null,
  notice: null,
  panel: null,
  candidates: [],
  existing: [],
  offeredReasons: NATIONAL.map(([code, zh]) => ({
    code,
    text: both(zh, code),
    textMinimum: code === 'N6' ? 10 : 0,
    suggested: false,
  })),
  offeredSubReasons: [],
  reasonRequired: true,
  recordText: null,
  response: null,
  ...over,
});

const chest = { code: 'XR-CHEST', nameZh: '胸部正位 DR', nameEn: 'Chest DR' };
const potassium = { code: 'LC-K', nameZh: '钾', nameEn: 'Potassium' };
const alt = { code: 'LC-ALT', nameZh: '丙氨酸氨基转移酶', nameEn: 'ALT' };
const albumin = { code: 'LC-ALB', nameZh: '白蛋白', nameEn: 'Albumin' };
const glucose = { code: 'LC-GLU', nameZh: '葡萄糖', nameEn: 'Glucose' };

const lineOf = (wanted: OrderCheckRequest['items'][number]): Line => {
  const base = { line: wanted.line, code: wanted.code, name: wanted.name ?? wanted.code };
  switch (wanted.code) {
    case 'DR01':
      return line({
        ...base,
        outcome: 'must-consider',
        item: chest,
        candidates: [
          candidate({
            item: chest,
            examination: {
              findings: '双肺纹理清晰，未见明确实变影。\n心影不大，膈面光整。',
              impression: '胸部正位片未见明显异常。',
            },
          }),
        ],
      });
    case 'K01':
      return line({
        ...base,
        outcome: 'may-consider',
        item: potassium,
        candidates: [
          candidate({
            item: potassium,
            grade: 'may-consider',
            standing: 'corrected',
            until: null,
            value: { text: '6.10', unit: 'mmol/L', referenceText: '3.50-5.30', flag: 'critical-high' },
            reasons: [both('已超参考时限，可供参考，由接诊医师判断', 'The window has passed')],
          }),
        ],
        offeredSubReasons: [{ code: 'O1', text: both('超出参考时限', 'Window passed'), opensTicket: false }],
      });
    case 'LFT12':
      return line({
        ...base,
        outcome: 'must-consider',
        panel: {
          nameZh: '肝功能十二项',
          covered: 2,
          mayConsider: 0,
          total: 3,
          missing: [{ item: glucose, single: 'GLU', grade: null }],
          advice: 'order-missing-alone',
        },
        candidates: [
          candidate({
            item: alt,
            ordinal: 1,
            value: { text: '11.0', unit: 'U/L', referenceText: '9-50', flag: 'normal' },
          }),
          candidate({
            item: albumin,
            ordinal: 2,
            value: { text: '31.2', unit: 'g/L', referenceText: '40.0-55.0', flag: 'low' },
          }),
        ],
      });
    case 'GLU':
      return line({
        ...base,
        outcome: 'own-institution',
        item: glucose,
        candidates: [
          candidate({
            item: glucose,
            own: true,
            recognisable: false,
            grade: 'not-covered',
            institution: county,
            mark: null,
            until: null,
            value: { text: '11.2', unit: 'mmol/L', referenceText: '3.9-6.1', flag: 'high' },
            reasons: [],
          }),
        ],
      });
    case 'NEW01':
      return line({
        ...base,
        outcome: 'unmapped',
        notice: both('院内编码未对照，本次未核查', 'Not mapped yet'),
      });
    default:
      return line({ ...base, outcome: 'nothing-found' });
  }
};

/** The flows of the example with what they were asked, for tests of the server and the pages without a database. */
export interface ExampleFlows extends ServerFlows {
  readonly requests: OrderCheckRequest[];
  /** From where each of them came. */
  readonly origins: CallOrigin[];
  /** Makes every call fail as a lost database does. */
  failWith: Error | null;
  latestCheck(): PublicId;
  /** Marks every recognition as resting on a corrected report. */
  correctEverything(): void;
}

/** In-memory flows for tests only: they answer like the real ones, from a few fixed results. */
export const exampleFlows = (): ExampleFlows => {
  const checks = new Map<string, OrderCheckAnswer>();
  const responsesByKey = new Map<string, unknown>();
  const requests: OrderCheckRequest[] = [];
  const origins: CallOrigin[] = [];
  let corrected = false;
  let serial = 0;
  const nextId = () => `01930000-0000-7000-9000-${String(++serial).padStart(12, '0')}` as PublicId;

  const found = (id: string) => {
    const check = checks.get(id);
    if (!check) return undefined;
    const relied = check.lines.some(({ response }) => response?.kind === 'recognise');
    const marks =
      corrected && relied
        ? [
            {
              report: REPORT,
              reportVersion: 2,
              kind: 'corrected' as const,
              relied: true,
              markedAt: '2026-11-23T01:00:00Z',
            },
          ]
        : [];
    return { ...check, marks };
  };
  const unknown = () => fail(raise('EXAMPLE_UNKNOWN'));
  const stopIfFailing = () => {
    if (flows.failWith) throw flows.failWith;
  };

  const flows: ExampleFlows = {
    requests,
    origins,
    failWith: null,
    latestCheck: () => ([...checks.keys()].at(-1) ?? '') as PublicId,
    correctEverything() {
      corrected = true;
    },
    checkAgain: async () => ok(undefined),
    async check(_actor: Actor, request, origin, keepBeside) {
      stopIfFailing();
      requests.push(request);
      origins.push(origin);
      const id = nextId();
      const lines = request.items.map(lineOf);
      const offered = lines.filter(({ outcome }) => outcome === 'must-consider').length;
      const emergency = request.encounter.class === 'emergency';
      const answer: OrderCheckAnswer = {
        id,
        checkedAt: '2026-11-23T00:05:00Z',
        snapshot: 'f'.repeat(64),
        status: 'checked',
        notice: emergency
          ? both('急诊抢救，未作提醒；已有结果可随时查阅', 'Emergency: not interrupted')
          : null,
        person: EXAMPLE_PERSON,
        encounterClass: request.encounter.class,
        interrupt: !emergency && offered > 0,
        title:
          offered > 0
            ? both(`拟开项目中有 ${offered} 项已有可互认结果，请确认`, `${offered} items`)
            : both('参考时限内未发现可互认结果', 'None'),
        drill: true,
        lines,
        marks: [],
      };
      await keepBeside?.(answer);
      checks.set(id, answer);
      return ok(answer);
    },
    async read(_actor, id) {
      stopIfFailing();
      const check = found(id);
      return check ? ok(check) : unknown();
    },
    async respond(_actor, id, request, key) {
      stopIfFailing();
      const check = checks.get(id);
      if (!check) return unknown();
      const named = key === null ? null : `${request.line}:${request.kind}:${key}`;
      const before = named === null ? undefined : responsesByKey.get(named);
      if (before) return ok({ check: id, response: before as never, repeated: true, notice: null });
      if (request.kind === 're-examine' && !request.reason) return fail(raise('EXAMPLE_REASON_MISSING'));
      if (request.reason === 'N6' && (request.text ?? '').length < 10)
        return fail(raise('EXAMPLE_TEXT_SHORT'));
      const response: NonNullable<Line['response']> = {
        id: nextId(),
        line: request.line,
        kind: request.kind,
        report: request.report ?? null,
        ordinal: request.ordinal ?? null,
        reason: request.reason ?? null,
        localReason: null,
        subReasons: [...request.subReasons],
        text: request.text ?? null,
        doctor: '示例医师',
        respondedAt: '2026-11-23T00:06:00Z',
        state: request.kind === 'undo' ? 'undone' : 'recorded',
        recordText:
          request.kind === 'recognise'
            ? both('互认示例市第一人民医院 2026-11-18 检查结果（报告第 1 版）。', 'Recognised.')
            : null,
      };
      if (named !== null) responsesByKey.set(named, response);
      const lines = check.lines.map((one) => (one.line === request.line ? { ...one, response } : one));
      checks.set(id, { ...check, lines });
      return ok({ check: id, response, repeated: false, notice: null });
    },
    async responses(_actor, id) {
      stopIfFailing();
      const check = found(id);
      if (!check) return unknown();
      const lines = check.lines.map(({ line, code, response, offeredReasons }) => ({
        line,
        code,
        awaited: offeredReasons.length > 0,
        response: response && { ...response, recordText: null },
      }));
      return ok({
        check: id,
        complete: lines.every(({ awaited, response }) => !awaited || response !== null),
        lines,
      });
    },
    async answers(_actor, id) {
      const check = checks.get(id);
      if (!check) return unknown();
      const given = check.lines.filter(({ response }) => response !== null);
      return ok({
        check: id,
        answers: given.map(({ line: number, code, name, response }, index) => ({
          id: response?.id ?? nextId(),
          check: id,
          sequence: index + 1,
          requestNumber: null,
          encounterNumber: null,
          line: number,
          code,
          name,
          decision: response?.kind ?? 'undo',
          undoes: null,
          stands: response?.state === 'recorded',
          reason: response?.reason ?? null,
          reasonText: null,
          localReason: null,
          subReasons: response?.subReasons ?? [],
          text: response?.text ?? null,
          results: [],
          recordText: response?.recordText ?? null,
          doctor: response?.doctor ?? null,
          answeredAt: response?.respondedAt ?? check.checkedAt,
        })),
      });
    },
    readCard: (actor, origin) => exampleCard(flows, person, actor, origin),
    async shownReport(_actor, id, report) {
      const candidates = checks.get(id)?.lines.flatMap((one) => one.candidates) ?? [];
      return candidates.find((one) => one.report === report) ?? null;
    },
    async explain(_actor, id) {
      stopIfFailing();
      const check = checks.get(id);
      if (!check) return unknown();
      const checksOf = (['pass', 'fail', 'unknown', 'assumed-by-policy'] as const).map((outcome, index) => ({
        check: `check-${index}`,
        name: both(['身份', '参考时限', '采集条件', '授权'][index] as string, outcome),
        outcome,
        finding: outcome,
        text: both('采样时间 2026-11-18 08:12，参考时限 7 天，核查时间 2026-11-23 08:05。', 'Text'),
        data: [{ name: 'anchoredAt', text: '2026-11-18 08:12', words: both('2026-11-18 08:12', '') }],
        citation: index === 1 ? both('示例市互认项目清单 2026-1 第 12 行', 'List row') : null,
        sources: index === 1 ? [{ text: both('示例市互认项目清单 2026-1', 'List'), row: '12' }] : [],
      }));
      return ok({
        id,
        checkedAt: check.checkedAt,
        evaluator: 1,
        snapshot: check.snapshot,
        lines: check.lines.map((one) => ({
          line: one.line,
          name: one.name,
          outcomeText: both('已有可互认结果', 'Found'),
          panelText: null,
          quietText: null,
          parts: one.candidates.map(({ item }) => ({ item, outcomeText: both('已有可互认结果', 'Found') })),
          candidates: one.candidates.map((each, part) => ({
            part,
            report: each.report,
            ordinal: each.ordinal,
            reportVersion: each.reportVersion,
            item: each.item,
            chosen: part === 0 || one.panel !== null,
            shown: true,
            value: each.value,
            impression: each.examination?.impression ?? null,
            institution: each.institution,
            collectedAt: each.collectedAt,
            collectedPrecision: each.collectedPrecision,
            grade: each.grade,
            gradeText: both('可互认', 'Must consider'),
            row: 'all-pass',
            rowText: both('全部核查符合', 'All pass'),
            zoneText: null,
            until: null,
            untilText: null,
            missing: null,
            checks: checksOf,
          })),
        })),
      });
    },
    async replay(_actor, id) {
      const check = checks.get(id);
      if (!check) return unknown();
      return ok({
        id,
        outcome: 'same',
        evaluator: 1,
        snapshot: check.snapshot,
        storedHash: 'a'.repeat(64),
        replayedHash: 'a'.repeat(64),
      });
    },
    async fulfil(_actor, id, request) {
      if (!checks.has(id)) return unknown();
      return ok({ check: id, line: request.line, state: 'fulfilled', fulfilledAt: request.cancelledAt });
    },
    async report(_actor, id) {
      stopIfFailing();
      if (id !== REPORT) return unknown();
      return ok({
        id: REPORT,
        person: EXAMPLE_PERSON,
        kind: 'laboratory',
        title: '生化检验报告单',
        standing: 'final',
        version: 1,
        disputed: false,
        reportNumber: 'R20261118001',
        institution: city,
        specimen: '血清',
        collectedAt: '2026-11-18T00:12:00Z',
        receivedAt: '2026-11-18T00:40:00Z',
        reportedAt: '2026-11-18T02:00:00Z',
        reporter: '检验者甲',
        verifier: '审核者乙',
        observations: [
          {
            ordinal: 1,
            code: 'ALT',
            name: '丙氨酸氨基转移酶',
            value: { text: '11.0', unit: 'U/L', referenceText: '9-50', flag: 'normal' },
            method: '速率法',
            standing: 'final',
          },
          {
            ordinal: 2,
            code: 'ALB',
            name: '白蛋白',
            value: { text: '31.2', unit: 'g/L', referenceText: '40.0-55.0', flag: 'low' },
            method: null,
            standing: 'corrected',
          },
        ],
        findings: null,
        opinions: [],
        takesOpinion: false,
        images: null,
        impression: null,
        orderedAt: null,
        verifiedAt: null,
        marks: [],
        notes: [],
        attachments: [],
        versions: [],
        disclosure,
      });
    },
    async attachment(_actor, id) {
      stopIfFailing();
      return id === REPORT ? ok({ mediaType: 'application/pdf', bytes: Buffer.from('%PDF-1.4') }) : unknown();
    },
    async searchPersons(_actor, request) {
      stopIfFailing();
      const hit = request.text === EXAMPLE_ID_NUMBER || request.text === EXAMPLE_NAME;
      return ok({ persons: hit ? [person] : [], truncated: false });
    },
    async person(_actor, id) {
      stopIfFailing();
      return id === EXAMPLE_PERSON ? ok(person) : unknown();
    },
    async orderables() {
      stopIfFailing();
      return ok({ institution: county, orderables: EXAMPLE_ORDERABLES });
    },
    async session({ displayName, staffNumber, role, department }) {
      stopIfFailing();
      const { tierZh: _tierZh, ...institution } = county;
      return ok({ displayName, staffNumber, role, department, institution, drill: true });
    },
    async resultHistory(_actor, id) {
      stopIfFailing();
      return id === EXAMPLE_PERSON ? ok(exampleHistory(id)) : unknown();
    },
    async markedChecks() {
      stopIfFailing();
      const marked = [...checks.keys()]
        .flatMap((id) => found(id) ?? [])
        .filter(({ marks }) => marks.length > 0);
      return ok({
        checks: marked.map(({ id, checkedAt, marks }) => ({
          id,
          checkedAt,
          itemNamesZh: ['胸部正位 DR'],
          marks,
          reviewed: true,
        })),
      });
    },
  };
  const person = {
    person: EXAMPLE_PERSON,
    name: EXAMPLE_NAME,
    sex: 'male' as const,
    birthDate: '1949-12-31',
    maskedIdentifiers: [{ typeZh: '身份证', text: '110105********002X' }],
  };
  return flows;
};
