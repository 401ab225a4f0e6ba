import { givenName, surname } from './names.ts';
import { randomStream } from './random.ts';
import { type DemonstrationInstitution, INSTITUTION_CODES } from './region.ts';

/** A member of staff: number inside the institution and name. */
export interface StaffMember {
  readonly staffNumber: string;
  readonly name: string;
}

const DEPARTMENTS = [
  '内科',
  '呼吸内科',
  '心血管内科',
  '内分泌科',
  '肾内科',
  '消化内科',
  '神经内科',
  '血液内科',
  '风湿免疫科',
  '感染性疾病科',
  '肿瘤科',
  '普外科',
  '骨科',
  '妇科',
  '产科',
  '儿科',
  '急诊科',
  '健康管理中心',
  '检验科',
  '放射科',
  '超声科',
  '心电图室',
] as const;

/** Staff do not depend on the seed: the same department of the same hospital always has the same people. */
export const staffOf = (
  institution: DemonstrationInstitution,
  department: string,
  place: number,
): StaffMember => {
  const index = DEPARTMENTS.findIndex((name) => name === department);
  const stream = randomStream(`staff/${institution}/${department}/${place}`);
  return {
    staffNumber: `${INSTITUTION_CODES.indexOf(institution) + 10}${String(index < 0 ? 99 : index + 1).padStart(2, '0')}${String(place + 1).padStart(2, '0')}`,
    // Rare characters are left out: a hospital that knows only GBK could not write its own doctors' names.
    name:
      surname(stream) +
      [...givenName(stream, stream.chance(0.5) ? 'male' : 'female', 1982)]
        .filter((character) => /[一-龥]/.test(character))
        .join('')
        .padEnd(1, '平'),
  };
};
