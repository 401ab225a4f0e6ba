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
  LIST_VERSION_TAKEN: {
    status: 409,
    zh: '该清单的这个版本号已发布过不同内容；请换用新的版本号。已发布的版本永不改写。',
    en: 'This version of the list was published with other content; use a new version. A published version never changes.',
  },
  LIST_EMPTY_PUBLICATION: {
    status: 422,
    zh: '没有可发布的清单；请至少提供一份清单。',
    en: 'There is no list to publish; give at least one list document.',
  },
  SNAPSHOT_MISSING: {
    status: 503,
    zh: '尚未发布任何清单，无法核对；请先发布清单（huren catalogue publish）。',
    en: 'No list has been published yet, so nothing can be checked; publish lists first (huren catalogue publish).',
  },
  SNAPSHOT_UNKNOWN: {
    status: 404,
    zh: '找不到该决策所依据的清单快照；请从备份恢复清单版本后再重放。',
    en: 'The snapshot that this decision rests on is not here; restore the list versions from a backup, then replay.',
  },
});
