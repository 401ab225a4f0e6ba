import type { ClientPurpose, StaffRole } from '../../organisation/index.ts';
import type { DemonstrationInstitution } from './region.ts';

/** A sign-in of the demonstration; its password is made by whoever creates it. */
export interface DemonstrationAccount {
  readonly login: string;
  readonly role: StaffRole;
  readonly institution: DemonstrationInstitution | null;
  /** 工号. */
  readonly staffNumber: string;
  readonly department: string;
  readonly displayName: string;
}

/** A hospital system that calls the interface; its key is made by whoever creates it. */
export interface DemonstrationClient {
  readonly code: string;
  readonly institution: DemonstrationInstitution;
  readonly name: string;
  readonly purposes: readonly ClientPurpose[];
}

/** One sign-in per role, the county hospital's doctor first. */
export const demonstrationAccounts = (): readonly DemonstrationAccount[] => [
  {
    login: 'doctor',
    role: 'doctor',
    institution: 'YX-COUNTY',
    staffNumber: '100118',
    department: '儿科',
    displayName: '顾清和',
  },
  {
    login: 'doctor-city',
    role: 'doctor',
    institution: 'WX-CENTRAL',
    staffNumber: '140233',
    department: '普外科',
    displayName: '陶远舟',
  },
  {
    login: 'doctor-qinglan',
    role: 'doctor',
    institution: 'QL-DONGHU',
    staffNumber: '210377',
    department: '全科',
    displayName: '黎思远',
  },
  {
    login: 'information',
    role: 'institution-it',
    institution: 'YX-COUNTY',
    staffNumber: '101902',
    department: '信息科',
    displayName: '毛若谷',
  },
  {
    login: 'information-city',
    role: 'institution-it',
    institution: 'WX-CENTRAL',
    staffNumber: '149017',
    department: '信息中心',
    displayName: '纪怀瑾',
  },
  {
    login: 'hospital',
    role: 'medical-affairs',
    institution: 'YX-COUNTY',
    staffNumber: '100001',
    department: '医务科',
    displayName: '段知秋',
  },
  {
    login: 'desk',
    role: 'registrar',
    institution: 'YX-COUNTY',
    staffNumber: '100406',
    department: '门诊服务台',
    displayName: '纪小满',
  },
  {
    login: 'desk-qinglan',
    role: 'registrar',
    institution: 'QL-DONGHU',
    staffNumber: '219014',
    department: '门诊服务台',
    displayName: '安若溪',
  },
  {
    login: 'privacy',
    role: 'privacy-officer',
    institution: 'YX-COUNTY',
    staffNumber: '100015',
    department: '隐私保护办公室',
    displayName: '万静之',
  },
  {
    login: 'authority',
    role: 'regulator',
    institution: null,
    staffNumber: 'WJW018',
    department: '医政科',
    displayName: '贺云舒',
  },
  {
    login: 'authority-2',
    role: 'regulator',
    institution: null,
    staffNumber: 'WJW031',
    department: '监督科',
    displayName: '苏望山',
  },
  {
    login: 'admin',
    role: 'operator',
    institution: null,
    staffNumber: 'SYS001',
    department: '信息中心',
    displayName: '系统管理员',
  },
  {
    login: 'desk-maternal',
    role: 'registrar',
    institution: 'WX-MCH',
    staffNumber: '150208',
    department: '门诊服务台',
    displayName: '乔念安',
  },
];

/** One system client: the county hospital's HIS. */
export const demonstrationClients = (): readonly DemonstrationClient[] => [
  { code: 'yx-county-his', institution: 'YX-COUNTY', name: '晏溪县人民医院 HIS', purposes: ['treatment'] },
];
