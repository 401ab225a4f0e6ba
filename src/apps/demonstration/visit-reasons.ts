import type { EncounterClass } from './events.ts';
import type { Condition } from './person.ts';
import type { LaboratoryService } from './laboratory-services.ts';

/** Why somebody comes, and what doctors order for it with which probability. */
export interface VisitReason {
  readonly code: string;
  readonly diagnosis: { readonly code: string; readonly text: string };
  readonly department: string;
  readonly services: readonly (readonly [LaboratoryService, number])[];
  readonly examinations: readonly (readonly [string, number])[];
  readonly infection?: true;
  readonly encounterClass?: EncounterClass;
}

const reason = (
  code: string,
  diagnosis: readonly [string, string],
  department: string,
  services: VisitReason['services'],
  examinations: VisitReason['examinations'] = [],
  rest: Pick<VisitReason, 'infection' | 'encounterClass'> = {},
): VisitReason => ({
  code,
  diagnosis: { code: diagnosis[0], text: diagnosis[1] },
  department,
  services,
  examinations,
  ...rest,
});

/** Reasons that come from a lasting condition. */
export const CHRONIC_REASONS: Readonly<Record<Condition, VisitReason>> = {
  diabetes: reason('diabetes', ['E11.900', '2型糖尿病'], '内分泌科', [
    ['GLUCOSE', 1],
    ['HBA1C', 0.6],
    ['RENAL', 0.4],
    ['LIPID', 0.4],
    ['ACR', 0.25],
    ['URINE', 0.3],
  ]),
  hypertension: reason(
    'hypertension',
    ['I10.x00', '原发性高血压'],
    '心血管内科',
    [
      ['RENAL', 0.45],
      ['LIPID', 0.45],
      ['ELECTROLYTES', 0.35],
    ],
    [
      ['EC-12', 0.45],
      ['US-CAR', 0.12],
      ['US-TTE', 0.12],
    ],
  ),
  ckd: reason(
    'ckd',
    ['N18.903', '慢性肾脏病'],
    '肾内科',
    [
      ['RENAL', 1],
      ['ELECTROLYTES', 0.7],
      ['CBC', 0.5],
      ['URINE', 0.6],
      ['ACR', 0.4],
    ],
    [['US-URO', 0.2]],
  ),
  'hepatitis-b': reason(
    'hepatitis-b',
    ['B18.100', '慢性乙型病毒性肝炎'],
    '感染性疾病科',
    [
      ['LIVER', 1],
      ['HBVDNA', 0.5],
      ['HBV', 0.4],
      ['TUMOUR', 0.4],
    ],
    [['US-ABD', 0.55]],
  ),
  hyperthyroid: reason(
    'hyperthyroid',
    ['E05.900', '甲状腺功能亢进症'],
    '内分泌科',
    [
      ['THYROID', 1],
      ['CBC', 0.5],
      ['LIVER', 0.4],
    ],
    [['US-THY', 0.3]],
  ),
  hypothyroid: reason(
    'hypothyroid',
    ['E03.900', '甲状腺功能减退症'],
    '内分泌科',
    [
      ['THYROID', 1],
      ['LIPID', 0.3],
    ],
    [['US-THY', 0.3]],
  ),
  'thyroid-nodule': reason(
    'thyroid-nodule',
    ['E04.101', '甲状腺结节'],
    '普外科',
    [['THYROID', 0.5]],
    [['US-THY', 1]],
  ),
  tumour: reason(
    'tumour',
    ['Z08.900', '恶性肿瘤治疗后随访'],
    '肿瘤科',
    [
      ['TUMOUR', 1],
      ['CBC', 0.7],
      ['LIVER', 0.6],
      ['RENAL', 0.4],
    ],
    [
      ['CT-CHEST-P', 0.45],
      ['CT-ABD-PC', 0.3],
    ],
  ),
  coronary: reason(
    'coronary',
    ['I25.103', '冠状动脉粥样硬化性心脏病'],
    '心血管内科',
    [
      ['CARDIAC', 0.5],
      ['LIPID', 0.5],
      ['ELECTROLYTES', 0.4],
      ['COAGULATION', 0.25],
      ['DDIMER', 0.2],
    ],
    [
      ['EC-12', 0.85],
      ['US-TTE', 0.35],
      ['EC-HOLT24', 0.15],
    ],
  ),
  gout: reason('gout', ['M10.900', '痛风'], '风湿免疫科', [
    ['RENAL', 1],
    ['CBC', 0.4],
    ['INFLAMMATION', 0.4],
    ['ESR', 0.4],
  ]),
  hyperlipidaemia: reason('hyperlipidaemia', ['E78.500', '高脂血症'], '内科', [
    ['LIPID', 1],
    ['LIVER', 0.5],
  ]),
  anaemia: reason('anaemia', ['D50.900', '缺铁性贫血'], '血液内科', [
    ['CBC', 1],
    ['IRON', 0.4],
  ]),
  knee: reason(
    'knee',
    ['M17.900', '膝关节病'],
    '骨科',
    [],
    [
      ['XR-KNEE', 0.75],
      ['MR-KNEE-P', 0.35],
    ],
  ),
  spine: reason(
    'spine',
    ['M51.202', '腰椎间盘突出'],
    '骨科',
    [],
    [
      ['XR-LS', 0.3],
      ['CT-LS-P', 0.35],
      ['MR-LS-P', 0.4],
      ['XR-CS', 0.2],
      ['MR-CS-P', 0.12],
    ],
  ),
  pregnancy: reason(
    'pregnancy',
    ['Z34.900', '孕期检查'],
    '产科',
    [
      ['CBC', 0.7],
      ['URINE', 0.75],
      ['GLUCOSE', 0.25],
      ['THYROID', 0.25],
      ['INFECTION', 0.25],
      ['COAGULATION', 0.1],
      ['HCG', 0.2],
    ],
    [['US-OB', 0.7]],
  ),
};

/** Reasons that come to anybody, with their weight in childhood, in working age and after. */
export const ACUTE_REASONS: readonly (readonly [VisitReason, readonly [number, number, number]])[] = [
  [
    reason(
      'cold',
      ['J06.900', '急性上呼吸道感染'],
      '呼吸内科',
      [
        ['CBC', 1],
        ['INFLAMMATION', 0.5],
      ],
      [['XR-CHEST-PA', 0.25]],
      { infection: true },
    ),
    [60, 18, 12],
  ],
  [
    reason(
      'pneumonia',
      ['J18.900', '肺炎'],
      '呼吸内科',
      [
        ['CBC', 1],
        ['INFLAMMATION', 0.9],
        ['LIVER', 0.4],
        ['RENAL', 0.35],
        ['ELECTROLYTES', 0.35],
        ['CULTURE', 0.2],
      ],
      [
        ['CT-CHEST-P', 0.5],
        ['XR-CHEST-PA', 0.4],
      ],
      { infection: true, encounterClass: 'inpatient' },
    ),
    [14, 6, 14],
  ],
  [
    reason(
      'check-up',
      ['Z00.000', '健康体检'],
      '健康管理中心',
      [
        ['CBC', 1],
        ['URINE', 0.8],
        ['LIVER', 0.9],
        ['RENAL', 0.9],
        ['LIPID', 0.9],
        ['GLUCOSE', 0.9],
        ['TUMOUR', 0.4],
      ],
      [
        ['XR-CHEST-PA', 0.4],
        ['CT-CHEST-LD', 0.25],
        ['US-ABD', 0.7],
        ['EC-12', 0.7],
        ['US-THY', 0.3],
      ],
      { encounterClass: 'health-check' },
    ),
    [3, 26, 16],
  ],
  [
    reason(
      'abdominal-pain',
      ['R10.400', '腹痛'],
      '消化内科',
      [
        ['CBC', 0.8],
        ['LIVER', 0.4],
        ['CHEMISTRY', 0.25],
        ['URINE', 0.4],
      ],
      [
        ['US-ABD', 0.6],
        ['CT-ABD-P', 0.25],
      ],
    ),
    [12, 18, 16],
  ],
  [
    reason(
      'headache',
      ['R51.x00', '头痛'],
      '神经内科',
      [
        ['CBC', 0.3],
        ['ELECTROLYTES', 0.2],
      ],
      [
        ['CT-HEAD-P', 0.55],
        ['MR-BRAIN-P', 0.3],
      ],
    ),
    [3, 10, 20],
  ],
  [
    reason(
      'injury',
      ['S93.400', '踝关节扭伤'],
      '急诊科',
      [],
      [
        ['XR-ANK', 0.6],
        ['XR-HAND', 0.4],
      ],
      { encounterClass: 'emergency' },
    ),
    [8, 8, 5],
  ],
  [
    reason(
      'surgery',
      ['K40.900', '单侧腹股沟疝'],
      '普外科',
      [
        ['CBC', 1],
        ['CHEMISTRY', 0.9],
        ['COAGULATION', 1],
        ['INFECTION', 1],
      ],
      [
        ['EC-12', 0.9],
        ['XR-CHEST-PA', 0.8],
      ],
      { encounterClass: 'inpatient' },
    ),
    [2, 6, 10],
  ],
];

/** Reasons of women of working age. */
export const WOMEN_REASON: VisitReason = reason(
  'women',
  ['N76.000', '阴道炎'],
  '妇科',
  [
    ['CBC', 0.25],
    ['TUMOUR', 0.15],
  ],
  [
    ['US-PEL', 0.6],
    ['US-BRE', 0.45],
    ['XR-MG', 0.12],
  ],
);
