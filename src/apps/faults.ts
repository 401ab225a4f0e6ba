import { defineFaults } from '../kernel/fault.ts';

/** Faults of starting and wiring the program. */
export const APP_FAULTS = defineFaults({
  CONFIGURATION_INVALID: {
    status: 500,
    zh: '配置有误，程序未启动；请按所列位置逐项更正环境变量。',
    en: 'The configuration is wrong and the program did not start; correct the environment variables listed.',
  },
  LIST_DOCUMENT_INVALID: {
    status: 422,
    zh: '清单文件内容有误，未发布任何内容；请按所列位置更正。',
    en: 'The list document is not valid and nothing was published; correct the places listed.',
  },
});
