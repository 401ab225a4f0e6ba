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
  EMBEDDED_PLATFORM_UNSUPPORTED: {
    status: 500,
    zh: '本机平台没有内置数据库程序；请用 DATABASE_URL 指定一个 PostgreSQL 18 数据库。',
    en: 'There is no embedded database for this platform; name a PostgreSQL 18 database in DATABASE_URL.',
  },
  EMBEDDED_FOLDER_UNREACHABLE: {
    status: 500,
    zh: '以 root 运行时数据库使用另一个系统用户，该用户无法进入数据目录；请把 HUREN_DATA_DIR 设到它能进入的位置。',
    en: 'Under root the database runs as another system user, who cannot enter the data folder; set HUREN_DATA_DIR to a place that user can enter.',
  },
  EMBEDDED_FOLDER_FOREIGN: {
    status: 500,
    zh: '数据目录由另一个系统用户建立；请以该用户运行，或把 HUREN_DATA_DIR 设到别处。',
    en: 'The data folder was made by another system user; run as that user, or set HUREN_DATA_DIR to another place.',
  },
  EMBEDDED_FOLDER_UNSAFE: {
    status: 500,
    zh: '数据库套接字目录属于其他用户或权限过宽，拒绝使用；请删除该目录或改用更短的 HUREN_DATA_DIR。',
    en: 'The folder for the database socket belongs to another user or is open to others; remove it or choose a shorter HUREN_DATA_DIR.',
  },
  EMBEDDED_NO_ORDINARY_USER: {
    status: 500,
    zh: '以 root 运行时需要一个普通系统用户（postgres 或 nobody）来运行数据库，但本机没有，或不允许切换用户。',
    en: 'Under root the database needs an ordinary system user (postgres or nobody); there is none here, or switching to it is not permitted.',
  },
  EMBEDDED_DATA_VERSION: {
    status: 500,
    zh: '数据目录由另一个主版本的 PostgreSQL 建立；请用与之相同主版本的程序打开，或先导出再导入。',
    en: 'The data folder was made by another major version of PostgreSQL; open it with a program of that version, or export and import.',
  },
  EMBEDDED_START_FAILED: {
    status: 500,
    zh: '内置数据库未能启动；原因见数据目录中的 start.log。',
    en: 'The embedded database did not start; start.log in the data folder says why.',
  },
  EMBEDDED_BUSY: {
    status: 500,
    zh: '另一个进程正在启动或停止同一数据目录的数据库，等待超时；请稍后重试。',
    en: 'Another process is starting or stopping the database of this data folder and did not finish in time; try again shortly.',
  },
  MIGRATION_INVALID: {
    status: 500,
    zh: '数据库迁移文件的名称、编号或内容不合规，未执行任何迁移。',
    en: 'A migration file has a bad name, number or content; no migration was run.',
  },
  MIGRATION_ALTERED: {
    status: 500,
    zh: '已执行过的数据库迁移文件被改动；请恢复原文件，改动须另写新的迁移。',
    en: 'A migration that has already run was altered; restore the file and write the change as a new migration.',
  },
  MIGRATION_OUT_OF_ORDER: {
    status: 500,
    zh: '数据库已执行更新的迁移，却缺少一个更早的迁移；请使用完整的程序版本。',
    en: 'The database has run a later migration but lacks an earlier one; use a complete release of the program.',
  },
  MIGRATION_FAILED: {
    status: 500,
    zh: '数据库迁移执行失败，该迁移已整体撤销；原因见日志。',
    en: 'A migration failed and was rolled back as a whole; the log says why.',
  },
  SCHEMA_TOO_NEW: {
    status: 500,
    zh: '数据库结构由更新的程序版本改动且与本版本不兼容；请升级本程序。',
    en: 'The schema was changed by a newer release in a way this release cannot work with; upgrade this program.',
  },
});
