import { defineFaults } from '../../kernel/fault.ts';

/** Faults of the object store. */
export const OBJECT_FAULTS = defineFaults({
  OBJECT_MISSING: {
    status: 500,
    zh: '对象存储中找不到该文件；请检查对象存储目录是否完整，或从备份恢复。',
    en: 'The object store does not hold this file; check that its folder is whole, or restore it from a backup.',
  },
  OBJECT_DAMAGED: {
    status: 500,
    zh: '对象存储中的文件不完整或被改动；请从备份恢复。',
    en: 'The file in the object store is incomplete or was altered; restore it from a backup.',
  },
  OBJECT_STORE_FULL: {
    status: 503,
    zh: '对象存储空间不足，本次操作未完成；请管理员释放空间后重试。',
    en: 'The object store has run out of space; nothing was done. Free some space and try again.',
  },
  OBJECT_STORE_UNREACHABLE: {
    status: 503,
    zh: '对象存储无法读写，本次操作未完成；请检查目录权限与磁盘。',
    en: 'The object store cannot be read or written; nothing was done. Check the permissions of its folder and the disk.',
  },
});
