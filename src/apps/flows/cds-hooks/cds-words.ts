import type { Bilingual } from '../../../kernel/bilingual.ts';
import type { OrderCheckCandidate } from '../../../web/wire/order-check-answer.ts';

/** Language of a card: Chinese, or English where the caller asks for it. */
export type CardLanguage = 'zh' | 'en';

const both = (zh: string, en: string): Bilingual => ({ zh, en });

/** Words that only the cards of CDS Hooks say; the words of the rules come with the answer. */
export const CARD_WORDS = {
  source: both('检查检验结果互认', 'Mutual recognition of results'),
  sourceDrill: both('检查检验结果互认（演练）', 'Mutual recognition of results (drill)'),
  link: both('打开互认卡片', 'Open the recognition card'),
  recognise: both('互认，撤销本次申请', 'Recognise, and cancel this order'),
  cancelOrder: both('撤销申请“{name}”', 'Cancel the order “{name}”'),
  orderAlone: both('单独申请“{name}”', 'Order “{name}” alone'),
  item: both('项目', 'Item'),
  result: both('结果', 'Result'),
  reference: both('参考区间', 'Reference'),
  findings: both('检查所见', 'Findings'),
  impression: both('诊断意见', 'Impression'),
  where: both('医疗机构', 'Institution'),
  collected: both('采样时间', 'Collected'),
  examined: both('检查时间', 'Examined'),
  notStated: both('未注明', 'not stated'),
  mark: both('互认标识', 'Mark'),
  until: both('参考时限至', 'Window to'),
  missing: both('所缺项目', 'Missing'),
  why: both('理由', 'Why'),
  decides: both('是否互认由接诊医师决定，不影响开单。', 'The doctor decides; ordering is not affected.'),
  others: both('其他结果', 'Other results'),
  unchecked: both('{n} 项本次未核查，不影响开单', '{n} not checked this time; ordering is not affected'),
  own: both('本院近期已检：{names}', 'Examined here of late: {names}'),
  toRead: both('{n} 项已有结果可供参考', 'For {n} there is a result to read'),
  notDisclosed: both(
    '未获授权，无法提供跨机构结果',
    'Not authorised: results of other institutions cannot be given',
  ),
  found: both('“{name}”{has}', '“{name}”: {has}'),
  couldNotCheck: both(
    '互认服务暂不可用，本次未核查，不影响开单',
    'Recognition is unavailable: not checked this time; ordering is not affected',
  ),
  couldNotCheckDetail: both(
    '本次未核查，不等于没有可互认结果。',
    'Not checked is not the same as nothing found.',
  ),
  dataMissing: both(
    '未能从医院系统取得所需资料，本次未核查，不影响开单',
    'The hospital’s system did not give the data needed: not checked; ordering is not affected',
  ),
} as const satisfies Record<string, Bilingual>;

/** What has been found for a line, by the best grade on it. */
export const HAS_WORDS: Readonly<Record<OrderCheckCandidate['grade'], Bilingual>> = {
  'must-consider': both('已有可互认结果', 'there is a result to recognise'),
  'may-consider': both('已有结果可供参考，由接诊医师判断', 'there is a result that may be considered'),
  'view-only': both('已有结果仅供查阅，不作互认依据', 'there is a result for reading only'),
  'not-covered': both('已有结果，不纳入互认范围', 'there is a result that is not covered'),
  excluded: both('', ''),
};

/** Flags in words: an arrow alone is not read aloud, a colour alone not seen. */
export const FLAG_WORDS: Readonly<
  Record<NonNullable<NonNullable<OrderCheckCandidate['value']>['flag']>, Bilingual>
> = {
  normal: both('', ''),
  abnormal: both('异常', 'abnormal'),
  high: both('高 ↑', 'high ↑'),
  low: both('低 ↓', 'low ↓'),
  positive: both('阳性', 'positive'),
  critical: both('危急值', 'critical'),
  'critical-high': both('危急值 ↑', 'critical ↑'),
  'critical-low': both('危急值 ↓', 'critical ↓'),
};

/** The language a caller asks for (RFC 9110, Accept-Language): English only where it comes before Chinese. */
export const cardLanguage = (acceptLanguage: string | undefined): CardLanguage => {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .flatMap((part, place) => {
      const [tag, ...parameters] = part.trim().toLowerCase().split(';');
      const primary = tag?.split('-')[0];
      if (primary !== 'zh' && primary !== 'en') return [];
      const stated = parameters.map((each) => /^\s*q=([\d.]+)\s*$/.exec(each)?.[1]).find(Boolean);
      const weight = stated === undefined ? 1 : Number(stated);
      return weight > 0 ? [{ primary, weight, place }] : [];
    })
    .sort((left, right) => right.weight - left.weight || left.place - right.place);
  return wanted[0]?.primary === 'en' ? 'en' : 'zh';
};
