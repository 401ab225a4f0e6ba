import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of the institution console. */
export const CONSOLE_FAULTS = defineFaults({
  CONSOLE_INSTITUTION_MISSING: {
    status: 422,
    zh: '请先选择要查看的医疗机构。',
    en: 'Choose the institution whose messages to look at.',
  },
  CONSOLE_INSTITUTION_FOREIGN: {
    status: 403,
    zh: '只能查看本机构的消息与对码。',
    en: 'Only the messages and the code map of your own institution can be looked at.',
  },
  CONSOLE_MESSAGE_UNKNOWN: {
    status: 404,
    zh: '没有这条消息，或不属于本机构；请检查编号。',
    en: 'There is no such message, or it is not of your institution; check the id.',
  },
  QUARANTINE_NOT_OPEN: {
    status: 409,
    zh: '该消息已不在待处理状态，未作任何改动；请刷新后查看。',
    en: 'This message no longer waits and nothing was changed; reload to see where it stands.',
  },
  EDITED_COPY_UNREADABLE: {
    status: 422,
    zh: '修改后的内容仍有无法解码的字节（⟪十六进制⟫），未重放；请改成正确的文字。',
    en: 'The edited copy still holds bytes that nobody can decode (⟪hex⟫) and was not replayed; put the right characters in their place.',
  },
  EDITED_COPY_UNENCODABLE: {
    status: 422,
    zh: '修改后的文字无法用 MSH-18 声明的字符集写出，未重放；请改用该字符集中的文字，或修改 MSH-18。',
    en: 'The edited text cannot be written in the character set that MSH-18 names and was not replayed; use its characters, or change MSH-18.',
  },
  CONSOLE_CONTENT_FOREIGN: {
    status: 403,
    zh: '平台运维不查看、不修改消息内容，未重放；请由发送机构修改，或原样重放。',
    en: 'Whoever operates the platform neither reads nor changes what a message says and nothing was replayed; the sending institution mends it, or it is replayed as it was sent.',
  },
  CODE_MAP_CHANGED: {
    status: 409,
    zh: '对码表在此期间已发布新版本，未保存；请刷新后重新确认。',
    en: 'Another version of the code map was published meanwhile and nothing was saved; reload and confirm again.',
  },
  CODE_MAP_ITEM_UNKNOWN: {
    status: 422,
    zh: '目录中没有该项目，未保存；请从检索结果中选择。',
    en: 'The catalogue has no such item and nothing was saved; choose one of those found.',
  },
  CODE_MAP_PREVIOUS_MISSING: {
    status: 409,
    zh: '没有更早的对码版本可以恢复。',
    en: 'There is no earlier version of the code map to go back to.',
  },
});
