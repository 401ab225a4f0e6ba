import type { NationalReason, ReasonTable } from '../../catalogue/index.ts';

const national = (
  code: NationalReason,
  zh: string,
  en: string,
  textMinimum = 0,
): ReasonTable['national'][number] => ({
  code,
  text: { zh, en },
  textMinimum,
});

const local = (
  code: string,
  mapped: NationalReason,
  zh: string,
  en: string,
): ReasonTable['local'][number] => ({
  code,
  jurisdiction: '480000',
  national: mapped,
  text: { zh, en },
});

const found = (
  code: string,
  zh: string,
  en: string,
  opensTicket: boolean,
  findings?: readonly string[],
): ReasonTable['subReasons'][number] => ({
  code,
  text: { zh, en },
  opensTicket,
  ...(findings ? { findings } : {}),
});

/**
 * Reasons for examining again: the national six (管理办法), an invented province's own codes mapped to them, and the
 * sub-reasons that the checks find by themselves.
 */
export const reasonTable = (): ReasonTable => ({
  national: [
    national(
      'N1',
      '因病情变化，结果与临床表现、疾病诊断不符，难以满足临床诊疗需求',
      'The condition changed, or the result does not fit it',
    ),
    national(
      'N2',
      '结果在疾病发展演变过程中变化较快',
      'The result changes fast in the course of the disease',
    ),
    national(
      'N3',
      '对疾病诊疗意义重大（如手术、输血等重大医疗措施前）',
      'Weighty for treatment, such as before an operation or a transfusion',
    ),
    national('N4', '患者处于急诊、急救等紧急状态', 'Emergency or rescue'),
    national('N5', '涉及司法、伤残及病退等鉴定', 'Forensic, disability or sick-retirement assessment'),
    national('N6', '其他情形确需复查', 'Another situation that needs a repeat', 10),
  ],
  local: [
    local('YX01', 'N1', '病情有变化', 'The condition changed'),
    local('YX02', 'N2', '该项目变化较快', 'The item changes fast'),
    local('YX03', 'N3', '术前、输血前', 'Before an operation or a transfusion'),
    local('YX04', 'N4', '急诊抢救', 'Emergency'),
    local('YX05', 'N5', '鉴定需要', 'Assessment'),
    local('YX06', 'N6', '患者或家属要求进一步检查', 'The patient or the family asks for it'),
    local('YX99', 'N6', '其他', 'Other'),
  ],
  subReasons: [
    found('O1', '已超参考时限', 'Past the reference window', false, ['window-passed']),
    found('O2', '部位、体位或侧别不同', 'Another body part, projection or side', false, [
      'other-side',
      'other-body-part',
    ]),
    found('O3', '图像质量不满足诊断', 'The image quality does not do', true, ['images-unfit']),
    found('O4', '影像缺失或序列不全', 'Images or series are missing', true, [
      'images-absent',
      'images-incomplete',
    ]),
    found('O5', '方法或单位不可比', 'Method or unit not comparable', false, [
      'class-c-methods-differ',
      'unit-differs-in-kind',
    ]),
    found('O6', '来源机构当时无有效互认标识', 'The source had no valid mark at the time', false, [
      'grant-expired',
      'grant-revoked',
      'no-quality-basis',
    ]),
    found('O7', '怀疑不是同一患者', 'Perhaps another patient’s', true),
    found('O8', '标本不合格', 'The specimen does not do', true, ['specimen-spoilt', 'not-fasting']),
    found('O9', '报告未终审或已更正', 'Not final, or amended', true, ['not-final']),
    found('O10', '患者要求', 'The patient asks for it', false),
    found('O11', '调阅系统不可用或过慢', 'The viewer is unavailable or too slow', true),
  ],
});
