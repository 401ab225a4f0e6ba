import { defineFaults } from '../../kernel/fault.ts';

/** Faults of the registry of senders. */
export const SENDER_FAULTS = defineFaults({
  SENDER_INSTITUTION_UNKNOWN: {
    status: 422,
    zh: '发送系统所属的机构不在已发布的机构目录中；请先发布该机构再登记发送系统。',
    en: 'The institution of this sender is in no published directory; publish the institution first.',
  },
  SENDER_ADDRESS_TAKEN: {
    status: 409,
    zh: '该 MSH-3 与 MSH-4 已登记给另一个发送系统；请更换或先停用原登记。',
    en: 'Another sender is already registered under this MSH-3 and MSH-4; choose others or change that registration.',
  },
});
