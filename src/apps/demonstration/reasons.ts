import type { NationalReason, ReasonTable } from '../../catalogue/index.ts';

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

/**
 * An invented province's own codes for examining again, each mapped to one of the national six. Those six and the
 * sub-reasons that the checks find come with the program (`data/lists/reasons.json`).
 */
export const reasonTable = (): ReasonTable => ({
  national: [],
  local: [
    local('YX01', 'N1', '病情有变化', 'The condition changed'),
    local('YX02', 'N2', '该项目变化较快', 'The item changes fast'),
    local('YX03', 'N3', '术前、输血前', 'Before an operation or a transfusion'),
    local('YX04', 'N4', '急诊抢救', 'Emergency'),
    local('YX05', 'N5', '鉴定需要', 'Assessment'),
    local('YX06', 'N6', '患者或家属要求进一步检查', 'The patient or the family asks for it'),
    local('YX99', 'N6', '其他', 'Other'),
  ],
  subReasons: [],
});
