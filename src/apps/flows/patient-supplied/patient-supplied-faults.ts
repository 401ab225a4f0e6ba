import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of paper and film that patients bring. */
export const PATIENT_SUPPLIED_FAULTS = defineFaults({
  PATIENT_SUPPLIED_UNKNOWN: {
    status: 404,
    zh: '没有这份患者自带资料，或您无权查看；请检查编号。',
    en: 'There is no such paper or film, or it is not yours to see; check the id.',
  },
  PATIENT_SUPPLIED_ITEM_UNKNOWN: {
    status: 422,
    zh: '现行目录没有这个项目编码，未保存；请更正，或只写项目名称。',
    en: 'The catalogue in effect has no such item; nothing was kept. Correct the code, or give the name alone.',
  },
  PATIENT_SUPPLIED_IN_FUTURE: {
    status: 422,
    zh: '检查日期在今天以后，未保存；请核对纸上的日期。',
    en: 'The day of the examination lies ahead; nothing was kept. Check the day on the paper.',
  },
});
