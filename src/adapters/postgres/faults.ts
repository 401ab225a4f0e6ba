import { defineFaults } from '../../kernel/fault.ts';

/** Faults of the database adapter. */
export const POSTGRES_FAULTS = defineFaults({
  DATABASE_UNREACHABLE: {
    status: 503,
    zh: '数据库暂时无法连接，本次操作未完成；系统会自动重连，请稍后重试。',
    en: 'The database cannot be reached; nothing was done. The program reconnects by itself: try again shortly.',
  },
  DATABASE_FULL: {
    status: 503,
    zh: '数据库存储空间或内存不足，本次操作未完成；请管理员释放空间后重试。',
    en: 'The database has run out of disk or memory; nothing was done. Free some space and try again.',
  },
});
