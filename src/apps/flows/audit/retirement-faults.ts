import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of the retirement of what is past its retention in the access log. */
export const RETIREMENT_FAULTS = defineFaults({
  AUDIT_RETENTION_UNSET: {
    status: 409,
    zh: '未设定访问日志的保存年限，日志一律保留；需要归档时先设置 HUREN_AUDIT_RETENTION_YEARS。',
    en: 'No retention of the access log is set, so all of it is kept; set HUREN_AUDIT_RETENTION_YEARS first.',
  },
  AUDIT_RETENTION_NOT_OVER: {
    status: 422,
    zh: '该日期之后的日志尚未满保存年限，不能归档；请选更早的日期。',
    en: 'Rows of that day are still within their retention; name an earlier day.',
  },
  AUDIT_RETIREMENT_NOTHING: {
    status: 409,
    zh: '没有早于该日期且已封存的整批日志，无需归档。',
    en: 'There is no whole sealed batch older than that day; nothing is to be retired.',
  },
  AUDIT_RETIREMENT_ROLE: {
    status: 403,
    zh: '归档由平台运维人员申请，由卫生健康主管部门批准；该账号不能办理这一步。',
    en: 'An operator asks for a retirement and the authority decides; this account may not take this step.',
  },
  AUDIT_RETIREMENT_SECOND_PERSON: {
    status: 403,
    zh: '归档须由另一人批准，申请人不能批准自己的申请。',
    en: 'Somebody else has to decide; nobody decides on a retirement of their own.',
  },
  AUDIT_RETIREMENT_OPEN: {
    status: 409,
    zh: '另一次归档尚未办结；请先执行或否决它。',
    en: 'Another retirement is not at its end; carry it out or refuse it first.',
  },
  AUDIT_RETIREMENT_UNKNOWN: {
    status: 404,
    zh: '没有这次归档；用 huren audit retire list 查看编号。',
    en: 'There is no such retirement; see huren audit retire list.',
  },
  AUDIT_RETIREMENT_DECIDED: {
    status: 409,
    zh: '这次归档已有决定，未作改动。',
    en: 'This retirement is decided already; nothing was changed.',
  },
  AUDIT_RETIREMENT_NOT_APPROVED: {
    status: 409,
    zh: '这次归档尚未获批或已被否决，未删除任何日志。',
    en: 'This retirement is not approved; nothing was removed.',
  },
  AUDIT_RETIREMENT_ALTERED: {
    status: 409,
    zh: '待归档部分与封存时不符，已停止，未删除任何日志；用 huren audit verify 查看是哪些。',
    en: 'What was to be retired is not what was sealed; nothing was removed. See huren audit verify.',
  },
  AUDIT_RETIREMENT_UNWITNESSED: {
    status: 409,
    zh: '待归档部分之后还没有与链相符的已签检查点，未删除任何日志；请在程序运行一分钟后再试。',
    en: 'No signed checkpoint that fits the chain stands at its end or behind it; nothing was removed. Try again after the program ran for a minute.',
  },
  AUDIT_ARCHIVE_EXISTS: {
    status: 409,
    zh: '该位置已有另一个文件，未覆盖；请换一个文件名，或指定这次归档已写好的文件。',
    en: 'Another file lies there and was not overwritten; choose another name, or name the archive this retirement wrote.',
  },
  AUDIT_ARCHIVE_WRONG: {
    status: 409,
    zh: '归档文件与已签记录不符或无法核验，未删除任何日志。',
    en: 'The archive is not the one that was signed for, or does not verify; nothing was removed.',
  },
  AUDIT_MARK_NOT_KEPT: {
    status: 500,
    zh: '归档记录未能写入检查点文件，未删除任何日志；请检查该文件夹。',
    en: 'The line about the retirement was not kept in the checkpoint file; nothing was removed. Check its folder.',
  },
});
