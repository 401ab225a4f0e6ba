import {
  BOOLEAN,
  DATE,
  DATE_TIME,
  INT,
  list,
  may,
  must,
  record,
  type RecordShape,
  STRING,
  wordOf,
} from './shape.ts';
import { PERSON_IDENTIFIER_TYPES } from '../../person/index.ts';

/** Namespace of every element of the service. A change that old callers cannot bear gets a new one. */
export const SERVICE_NAMESPACE = 'urn:huren:order-check:1';

/** One operation: the element sent, the element answered. */
export interface Operation {
  readonly name: string;
  readonly note: string;
  readonly request: RecordShape;
  readonly answer: RecordShape;
}

const ENCOUNTER_CLASSES = [
  '门诊',
  '急诊',
  '住院',
  '体检',
  'outpatient',
  'emergency',
  'inpatient',
  'health-check',
];
const PURPOSES = [
  '诊疗',
  '术前',
  '输血前',
  '司法鉴定',
  '伤残病退鉴定',
  '动态监测',
  '筛查',
  'diagnosis',
  'pre-operative',
  'pre-transfusion',
  'forensic',
  'disability-assessment',
  'serial-monitoring',
  'screening',
];
const INTERVENTIONS = [
  'transfusion',
  'infusion',
  'antibiotic',
  'surgery',
  'chemotherapy',
  'contrast',
  'any-treatment',
];

const PATIENT = record(
  'Patient',
  may('person', STRING, '平台患者标识，已知时可只填此项 / the platform’s id of the person, where known'),
  may(
    'identifiers',
    list(
      'identifier',
      record(
        'PatientIdentifier',
        must('type', wordOf(PERSON_IDENTIFIER_TYPES)),
        may(
          'issuer',
          STRING,
          '签发方；身份证可不填，病案号不填即本机构 / absent: CN, or the caller’s institution',
        ),
        must('number', STRING),
      ),
    ),
  ),
  may('name', STRING, '姓名'),
  may('sex', wordOf(['male', 'female', 'unknown', 'not-stated'])),
  may('birthDate', DATE, '出生日期'),
);

const CHECK_ORDER = record(
  'CheckOrderRequest',
  must('patient', PATIENT),
  must(
    'encounter',
    record(
      'Encounter',
      must('class', wordOf(ENCOUNTER_CLASSES)),
      may('number', STRING, '就诊流水号'),
      may('outpatientNumber', STRING, '门诊号'),
      may('inpatientNumber', STRING, '住院号'),
      may('insuranceNumber', STRING, '医保就诊编号'),
    ),
  ),
  may('request', record('OrderRequest', may('number', STRING, '申请单号'))),
  may('doctor', record('Doctor', must('staffNumber', STRING, '工号'), may('name', STRING))),
  may('department', record('Department', may('code', STRING), may('name', STRING, '科室'))),
  may('campus', STRING, '院区'),
  may('diagnoses', list('diagnosis', record('Diagnosis', must('code', STRING), may('text', STRING)))),
  may('purpose', wordOf(PURPOSES)),
  may('serialMonitoring', BOOLEAN),
  may(
    'noInterventions',
    BOOLEAN,
    'true：已知采集后无输血、手术等医学干预；不填即未知 / known that there were none; absent: unknown',
  ),
  may(
    'interventions',
    list('intervention', record('Intervention', must('kind', wordOf(INTERVENTIONS)), must('at', DATE_TIME))),
    '为空等同未填（未知）/ empty counts as absent: unknown',
  ),
  must(
    'items',
    list(
      'item',
      record(
        'OrderItem',
        must('line', INT, '行号'),
        must('code', STRING, '本院项目或组套代码'),
        may('name', STRING),
        may('insuranceCode', STRING, '医保服务项目编码'),
        may('side', wordOf(['left', 'right', 'both'])),
        may('specimen', STRING),
        may('replacesOf', STRING),
      ),
    ),
  ),
);

const RESPONSE = record(
  'LineResponse',
  must('id', STRING),
  must('line', INT),
  must('kind', STRING, 'recognise 互认；re-examine 不互认；undo 撤销'),
  may('report', STRING),
  may('ordinal', INT),
  may('reason', STRING, '国家六种情形 N1-N6'),
  may('localReason', STRING),
  may('subReasons', list('subReason', STRING)),
  may('text', STRING),
  may('doctor', STRING, '工号'),
  must('respondedAt', DATE_TIME),
  must('state', STRING, 'recorded 已记录；fulfilled 已确认撤单；undone 已撤销'),
  may('recordText', STRING, '可写入病历的文字 / ready sentence for the record'),
);

const CANDIDATE = record(
  'EarlierResult',
  must('report', STRING),
  must('ordinal', INT),
  must('itemCode', STRING),
  must('itemName', STRING),
  must('grade', STRING, 'must-consider, may-consider, view-only, not-covered'),
  must('gradeText', STRING),
  must('recognisable', BOOLEAN),
  must('own', BOOLEAN, '本院结果'),
  must('institutionCode', STRING),
  must('institutionName', STRING),
  must('institutionTier', STRING),
  may('performerName', STRING, '外送检测机构'),
  may('value', STRING),
  may('unit', STRING),
  may('referenceInterval', STRING),
  may('flag', STRING),
  may('flagText', STRING),
  may('findings', STRING, '检查所见'),
  may('impression', STRING, '诊断意见'),
  must('standing', STRING),
  may('collectedAt', DATE_TIME),
  may('reportedAt', DATE_TIME),
  may('mark', STRING, '互认标识'),
  may('until', DATE_TIME, '参考时限终点，不含该时刻 / first moment after the window'),
  must('result', STRING, '一行文字：结果 / the value or conclusion in a line'),
  must('source', STRING, '一行文字：机构│时间│标识│参考时限 / where, when, mark and window in a line'),
  may('reasons', list('reason', STRING)),
);

const LINE = record(
  'CheckedLine',
  must('line', INT),
  must('code', STRING),
  must('name', STRING),
  must(
    'outcome',
    STRING,
    'must-consider, may-consider, view-only, not-covered, own-institution, silent, nothing-found, consent-needed, not-disclosed, unmapped, not-checked',
  ),
  must('outcomeText', STRING),
  may('notice', STRING),
  may(
    'panel',
    record(
      'PanelCover',
      must('name', STRING),
      must('covered', INT),
      must('total', INT),
      must('advice', STRING),
      may('missing', list('item', record('MissingItem', must('name', STRING), may('orderCode', STRING)))),
      must('mayConsider', INT, '所含项目中仅可供参考的项数 / of the covered ones'),
    ),
  ),
  may('candidates', list('candidate', CANDIDATE)),
  must('reasonRequired', BOOLEAN),
  may(
    'offeredReasons',
    list(
      'reason',
      record(
        'OfferedReason',
        must('code', STRING),
        must('text', STRING),
        must('textMinimum', INT, '说明文字的最少字数'),
        must('suggested', BOOLEAN),
      ),
    ),
  ),
  may(
    'offeredSubReasons',
    list('subReason', record('OfferedSubReason', must('code', STRING), must('text', STRING))),
  ),
  may('response', RESPONSE),
);

/** An order check as it is answered. */
const CHECK = record(
  'OrderCheck',
  may('id', STRING, '核查编号；not-checked 时可能没有 / absent where nothing could be kept'),
  must('status', STRING, 'checked；not-checked 即本次未核查，绝不等于“未发现” / never "nothing found"'),
  must('title', STRING, '给医师看的一句话'),
  may('notice', STRING),
  must('interrupt', BOOLEAN, 'true：请弹出；false：安静显示'),
  may('cardUrl', STRING, '互认卡片地址，可在嵌入浏览器中打开'),
  may('encounterClass', STRING),
  must('checkedAt', DATE_TIME),
  must('drill', BOOLEAN, 'true：演练数据'),
  must('lines', list('line', LINE)),
  may(
    'marks',
    list(
      'mark',
      record(
        'CheckMark',
        must('report', STRING),
        must('reportVersion', INT),
        must('kind', STRING),
        must('text', STRING),
        must('relied', BOOLEAN),
        must('markedAt', DATE_TIME),
      ),
    ),
    '核查之后报告的更正、撤回 / corrections and withdrawals since',
  ),
);

/** The operations whose messages are typed. */
export const OPERATIONS = {
  CheckOrder: {
    name: 'CheckOrder',
    note: '开单核查：拟开项目有无可互认结果 / checks what is about to be ordered',
    request: CHECK_ORDER,
    answer: record('CheckOrderAnswer', must('check', CHECK)),
  },
  ReadCheck: {
    name: 'ReadCheck',
    note: '查看一次核查的全部内容 / reads a check with all it disclosed',
    request: record('ReadCheckRequest', must('check', STRING)),
    answer: record('ReadCheckAnswer', must('check', CHECK)),
  },
  ReadResponses: {
    name: 'ReadResponses',
    note: '轮询医师的应答，不含结果内容 / polls the doctor’s answers; discloses no result',
    request: record('ReadResponsesRequest', must('check', STRING)),
    answer: record(
      'ReadResponsesAnswer',
      must('check', STRING),
      must('complete', BOOLEAN, '可互认的各行均已应答 / every line that asked for an answer has one'),
      must(
        'lines',
        list(
          'line',
          record(
            'AnsweredLine',
            must('line', INT),
            must('code', STRING),
            must('awaited', BOOLEAN, '该行需要应答 / the line asks for an answer'),
            may('response', RESPONSE),
          ),
        ),
      ),
    ),
  },
  RespondToCheck: {
    name: 'RespondToCheck',
    note: '医师应答：互认、不互认（理由）或撤销 / the doctor’s answer to one line',
    request: record(
      'RespondToCheckRequest',
      must('check', STRING),
      must('line', INT),
      must('kind', wordOf(['recognise', 're-examine', 'undo'])),
      may('report', STRING),
      may('ordinal', INT),
      may('reason', wordOf(['N1', 'N2', 'N3', 'N4', 'N5', 'N6'])),
      may('localReason', STRING),
      may('subReasons', list('subReason', STRING)),
      may('text', STRING, 'N6 至少十个字'),
      may('informed', BOOLEAN, '已向患者说明复检目的与必要性'),
      may('idempotencyKey', STRING, '同一键再次发送只记录一次 / the same key again is the same answer'),
    ),
    answer: record(
      'RespondToCheckAnswer',
      must('check', STRING),
      must('repeated', BOOLEAN),
      must('response', RESPONSE),
    ),
  },
  ConfirmCancellation: {
    name: 'ConfirmCancellation',
    note: '开单系统确认已撤销申请，互认才算完成 / only this fulfils a recognition',
    request: record(
      'ConfirmCancellationRequest',
      must('check', STRING),
      must('line', INT),
      may('orderNumber', STRING, '申请单号'),
      must('cancelledAt', DATE_TIME),
    ),
    answer: record(
      'ConfirmCancellationAnswer',
      must('check', STRING),
      must('line', INT),
      must('state', STRING),
      must('fulfilledAt', DATE_TIME),
    ),
  },
} as const satisfies Readonly<Record<string, Operation>>;

/** Name of an operation with typed messages. */
export type OperationName = keyof typeof OPERATIONS;

/** True for the name of an operation with typed messages. */
export const isOperationName = (name: string): name is OperationName => Object.hasOwn(OPERATIONS, name);

/**
 * The one operation that integration engines can call which pass strings only: one string in, one string out, each an
 * XML document. The document's root is the element of any operation above; its answer is that operation's answer.
 */
export const STRING_OPERATION = {
  name: 'ExchangeDocument',
  note: '字符串方式：参数与返回值均为一个字符串，内容为 XML 文档 / one string in, one string out',
  request: record('ExchangeDocumentRequest', must('document', STRING)),
  answer: record('ExchangeDocumentAnswer', must('document', STRING)),
} as const satisfies Operation;

/** How a refusal is told: in the detail of a soap:Fault, and as the document of the string form. */
export const REFUSAL = {
  name: 'Refusal',
  shape: record(
    'RefusalDetail',
    must('code', STRING, 'docs/errors.md'),
    must('zh', STRING),
    must('en', STRING),
    may('place', STRING),
    may('detail', STRING),
    must('requestId', STRING),
  ),
} as const;

/** Name of the element that answers an operation. */
export const answerElement = (operation: string): string => `${operation}Response`;

/** Value of SOAPAction for an operation. */
export const actionOf = (operation: string): string => `${SERVICE_NAMESPACE}#${operation}`;
