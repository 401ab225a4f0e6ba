import { civilDateText, civilTimeText, throughText } from '../kernel/civil-day.ts';
import { instant } from '../kernel/instant.ts';
import type {
  ImagesAnswer,
  OrderCheckCandidate,
  OrderCheckLine,
  PersonSummary,
  ReportAnswer,
} from './wire/order-check-answer.ts';

/** `2026-11-20 08:12`, or the day alone where no hour was stated; 未注明 when nothing was. */
export const timeText = (iso: string | null, precision: 'day' | 'minute' | null = 'minute'): string => {
  if (iso === null) return '未注明';
  const at = instant(Date.parse(iso));
  return precision === 'day' ? civilDateText(at) : civilTimeText(at);
};

/**
 * The end of a reference window as 参考时限至 tells it: the last day on which it is open, or the moment of that day where
 * the window is counted in hours.
 *
 * @param until first moment at which the window is no longer open, ISO 8601
 */
export const lastValidText = (until: string): string => throughText(instant(Date.parse(until)));

/** Flag of a printed value: a word with an arrow, because colour alone tells a colour-blind doctor nothing. */
export const FLAG_WORDS = {
  high: '高 ↑',
  low: '低 ↓',
  abnormal: '异常',
  positive: '阳性',
  critical: '危急值',
  'critical-high': '危急值 ↑',
  'critical-low': '危急值 ↓',
  normal: '',
} as const;

/** How far the fold went, in the rule's own words. */
export const GRADE_WORDS: Readonly<Record<OrderCheckCandidate['grade'], string>> = {
  'must-consider': '可互认',
  'may-consider': '可供参考，由接诊医师判断',
  'view-only': '仅供查阅，不作互认依据',
  'not-covered': '不纳入互认范围',
  excluded: '不予提供',
};

/** Class of an edge or badge by grade; the words say the same. */
export const GRADE_CLASS: Readonly<Record<OrderCheckCandidate['grade'], string>> = {
  'must-consider': 'yes',
  'may-consider': 'maybe',
  'view-only': 'view',
  'not-covered': 'view',
  excluded: 'view',
};

/** Best that was found for a line. */
export const OUTCOME_WORDS: Readonly<Record<OrderCheckLine['outcome'], string>> = {
  'must-consider': '有可互认结果',
  'may-consider': '有可供参考的结果',
  'view-only': '有仅供查阅的结果',
  'not-covered': '有结果，不纳入互认范围',
  'own-institution': '本院近期已检',
  silent: '动态监测医嘱，未作提醒',
  'nothing-found': '参考时限内未发现可互认结果',
  'consent-needed': '有同类结果，征得患者同意后可查看内容',
  'not-disclosed': '未获授权，无法提供跨机构结果',
  unmapped: '未核查',
  'not-checked': '未核查',
};

/** How far images have come: a sentence with the places of its numbers, which screens of two languages translate. */
export const imagesSentence = ({ state, documents, announced, closed }: ImagesAnswer): string => {
  if (closed) return '归属核实中，影像暂不打开';
  if (state === 'complete') return documents ? '未收到影像，仅收到文档或定位像' : '影像 {n} 幅';
  if (state === 'incomplete') return '影像不全：已收到 {n}/{m}';
  return announced === null ? '影像上传中：已收到 {n} 幅' : '影像上传中 {n}/{m}';
};

/** Whether anything came that can be opened: images, or what came in their place. */
export const hasOpenable = ({ received, documents = 0 }: ImagesAnswer): boolean => received + documents > 0;

/** How far images have come. Images on the way (上传中) are never said to be missing. */
export const imagesText = (images: ImagesAnswer): string =>
  imagesSentence(images).replace('{n}', String(images.received)).replace('{m}', String(images.announced));

/** Where a report stands. */
export const STANDING_WORDS: Readonly<Record<ReportAnswer['standing'], string>> = {
  preliminary: '初步',
  final: '正式',
  corrected: '已更正',
  cancelled: '已取消',
  withdrawn: '已撤回',
  'entered-in-error': '误录',
  'not-obtained': '未检出结果',
};

/** What each part of a report is called that a newer version can state otherwise. */
export const VERSION_FIELD_WORDS: Readonly<
  Record<ReportAnswer['versions'][number]['changes'][number]['field'], string>
> = {
  value: '结果',
  unit: '单位',
  reference: '参考区间',
  standing: '状态',
  line: '项目',
  findings: '检查所见',
  impression: '诊断意见',
};

/** What such a part said in one version: a state in words, anything else as it was printed; a dash where there was nothing. */
export const versionFieldText = (field: keyof typeof VERSION_FIELD_WORDS, text: string | null): string => {
  if (text === null) return '—';
  return field === 'standing' ? (STANDING_WORDS[text as ReportAnswer['standing']] ?? text) : text;
};

/** Sex as GB/T 2261.1 names it. */
export const SEX_WORDS: Readonly<Record<PersonSummary['sex'], string>> = {
  male: '男',
  female: '女',
  unknown: '性别未知',
  'not-stated': '性别未说明',
};

/** Outcome of one check, with a sign before the word. */
export const CHECK_WORDS = {
  pass: '✓ 符合',
  fail: '✕ 不符合',
  unknown: '？ 未知',
  'assumed-by-policy': '○ 按政策推定',
} as const;

/** Names of the data that checks use. */
export const DATA_WORDS: Readonly<Record<string, string>> = {
  accepted: '应有标本',
  anchoredAt: '起算时间',
  basis: '起算依据',
  bodyPart: '部位',
  class: '可比性类别',
  count: '个数',
  examined: '已检侧别或部位',
  expected: '目录单位',
  failures: '不符合的要求',
  from: '自',
  institution: '机构',
  intervenedAt: '干预时间',
  intervention: '医学干预',
  item: '项目',
  kind: '清单类别',
  list: '清单',
  mark: '互认标识',
  method: '方法',
  missing: '所缺影像（幅）',
  national: '国家情形',
  notStated: '影像文件未写明的要求',
  ordered: '申请的项目或侧别',
  asked: '申请的方法',
  performedAt: '检查检验时间',
  precision: '时间精度',
  preconditions: '前提条件',
  progress: '影像到达（幅）',
  reason: '原因',
  received: '已收到影像（幅）',
  receivedAt: '接收时间',
  resulted: '已有结果的项目',
  revokedFrom: '撤销自',
  rule: '级别方向规定',
  situation: '情形',
  studies: '报告所含检查（次）',
  suitable: '符合本项目的检查',
  situationEn: '情形（英文）',
  source: '来源方',
  specimen: '标本',
  standard: '质量标准',
  states: '标本状态',
  target: '申请方',
  timePoint: '采集时点',
  unit: '单位',
  until: '有效至',
  validFrom: '有效期自',
  validTo: '有效期至',
  version: '版本',
  window: '参考时限',
  zone: '互认区域',
  zones: '互认区域',
};

/** Words that more than one page says. */
export const WORDS = {
  product: '检查检验结果互认',
  couldNotCheck: '互认服务暂不可用，本次未核查，不影响开单',
  recognise: '互认，撤销本次申请',
  reExamine: '不互认，继续检查（请选择原因）',
  keys: '键盘：R 互认　V 看原报告　1–6 不互认理由　A 全部认可　↑ ↓ 换行　Esc 关闭（不作答，不影响开单）',
  correctedSince: '您曾互认的报告已更正，请复核',
  withdrawnSince: '您曾互认的报告已撤回，请复核',
  reinstatedSince: '您曾互认的报告撤回后已重新发布，请复核',
  disputedSince: '您曾互认的报告被反映可能不属于该患者，正在核实，请复核',
  upheldSince: '您曾互认的报告经出具机构核实确属该患者，疑义已解除',
  otherItemSince: '您曾互认的结果经更正编码对照，实为另一项目，请复核',
  otherImagesSince: '您曾互认的报告所附影像已被判定不是该患者的，请复核',
  otherPersonSince: '您曾互认的报告已确认不属于该患者，请立即复核',
} as const;

/** What happened to a report that a decision relied on. */
export const MARK_WORDS = {
  corrected: WORDS.correctedSince,
  withdrawn: WORDS.withdrawnSince,
  reinstated: WORDS.reinstatedSince,
  'other-person': WORDS.otherPersonSince,
  'other-item': WORDS.otherItemSince,
  'other-images': WORDS.otherImagesSince,
  disputed: WORDS.disputedSince,
  upheld: WORDS.upheldSince,
} as const;

/** Groups of the order page, by category of the catalogue. */
export const CATEGORY_WORDS: Readonly<Record<string, string>> = {
  'lab-chem': '生化',
  'lab-haem': '血液',
  'lab-coag': '凝血',
  'lab-immuno': '免疫',
  'lab-urine': '尿液与体液',
  'lab-micro': '微生物',
  'lab-molecular': '分子',
  'img-xray': 'X 线',
  'img-ct': 'CT',
  'img-mr': '磁共振',
  'img-us': '超声',
  'img-nm': '核医学',
  ecg: '心电',
  function: '功能检查',
  endoscopy: '内镜',
  pathology: '病理',
  panel: '组套',
};
