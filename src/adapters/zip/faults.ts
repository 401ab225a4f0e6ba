import { defineFaults } from '../../kernel/fault.ts';

/** Faults of archives that are read from the disk. */
export const ARCHIVE_FAULTS = defineFaults({
  ARCHIVE_UNREADABLE: {
    status: 400,
    zh: '压缩包不完整或不是 ZIP 格式，其中未列出的文件未接收；请重新拷贝，或解压后按文件夹接收。',
    en: 'The archive is incomplete or no ZIP; what could not be listed was not taken. Copy it again, or unpack it and name the folder.',
  },
  ARCHIVE_TOO_LARGE: {
    status: 413,
    zh: '压缩包解压后超出允许的大小或文件数，其余文件未接收；如确为影像，请解压后按文件夹接收。',
    en: 'The archive unpacks to more than is allowed; the rest of it was not taken. If it really holds images, unpack it and name the folder.',
  },
  ARCHIVE_ENTRY_DAMAGED: {
    status: 400,
    zh: '压缩包中的这个文件已损坏、加密或压缩方式不支持，未接收；其余文件照常接收。',
    en: 'This file of the archive is damaged, encrypted, or compressed in a way that is not known; it was not taken. The others were.',
  },
  ARCHIVE_WITHIN_ARCHIVE: {
    status: 400,
    zh: '压缩包里还有压缩包，里层未打开；请先解压外层，再接收里层。',
    en: 'An archive within an archive was not opened; unpack the outer one and name the inner.',
  },
});
