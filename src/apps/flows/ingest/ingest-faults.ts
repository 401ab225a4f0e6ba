import { defineFaults } from '../../../kernel/fault.ts';

/** Why a message that could be read is not taken, and faults of taking messages. */
export const INGEST_FAULTS = defineFaults({
  SENDER_UNKNOWN: {
    status: 403,
    zh: '发送系统（MSH-3、MSH-4）未登记，消息已整条隔离；请管理员登记该发送系统后重放。',
    en: 'The sender (MSH-3 and MSH-4) is not registered; the message is kept whole in quarantine. Register the sender and replay it.',
  },
  SENDER_DIALECT_INVALID: {
    status: 422,
    zh: '发送系统的字符集、时区或方言设置有误；请按所示位置改正。',
    en: 'The character set, time zone or dialect of the sender is not valid; correct the place shown.',
  },
  MESSAGE_TYPE_UNSUPPORTED: {
    status: 422,
    zh: '平台不处理这种消息类型（MSH-9），消息已整条隔离；请只发送结果、申请与患者信息消息。',
    en: 'This message type (MSH-9) is not processed; the message is kept whole in quarantine. Send results, orders and patient administration only.',
  },
  CONTROL_ID_REUSED: {
    status: 409,
    zh: '同一消息编号（MSH-10）此前带过不同内容，消息已整条隔离；请使用新编号，或把该系统登记为会重复使用编号。',
    en: 'This message control id (MSH-10) came before with other content; the message is kept whole in quarantine. Use a new id, or register the sender as one that reuses ids.',
  },
  REPORT_NUMBER_MISSING: {
    status: 422,
    zh: '报告没有报告单号（OBR-3），以后无法更正或撤回，消息已整条隔离；请补上报告单号后重发。',
    en: 'The report has no report number (OBR-3), so it could never be corrected or withdrawn; the message is kept whole in quarantine. Send it with a number.',
  },
  REPORT_OF_ANOTHER_PERSON: {
    status: 409,
    zh: '该报告单号已属于另一位患者，为避免错配已整条隔离；请核对患者身份与报告单号。',
    en: 'This report number belongs to another person; the message is kept whole in quarantine so that nothing is mixed up. Verify the patient and the report number.',
  },
  ORDER_NUMBER_MISSING: {
    status: 422,
    zh: '申请没有申请单号（ORC-2/OBR-2），以后无法对应取消，消息已整条隔离；请补上后重发。',
    en: 'The order has no placer number (ORC-2, OBR-2), so no cancellation could ever meet it; the message is kept whole in quarantine. Send it with a number.',
  },
  ORDER_CODE_MISSING: {
    status: 422,
    zh: '申请没有写明项目（OBR-4），消息已整条隔离；请补上项目代码后重发。',
    en: 'The order does not say what is ordered (OBR-4); the message is kept whole in quarantine. Send it with a code.',
  },
  FIELD_TOO_LONG: {
    status: 422,
    zh: '编号或代码超过允许的长度，消息已整条隔离；请检查该字段是否放错了内容。',
    en: 'A number or code is longer than allowed; the message is kept whole in quarantine. Check whether the field holds something else.',
  },
  INGEST_FAILED: {
    status: 500,
    zh: '处理消息时发生内部错误，消息已整条隔离；请把隔离编号告知平台维护人员。',
    en: 'An internal error occurred while taking the message; it is kept whole in quarantine. Tell the maintainers its quarantine id.',
  },
  LARGE_MESSAGE_NOT_KEPT: {
    status: 503,
    zh: '大报文未能处理到可以保存的程度，什么都没有保存；请重发，多次失败请告知平台维护人员。',
    en: 'A large message could not be worked on until it was kept; nothing was kept. Send it again; tell the maintainers when it fails repeatedly.',
  },
  QUARANTINE_UNKNOWN: {
    status: 404,
    zh: '没有这条隔离消息；请用 huren quarantine list 查看现有编号。',
    en: 'There is no such quarantined message; see huren quarantine list.',
  },
  QUARANTINE_SELECTION_MISSING: {
    status: 400,
    zh: '重放必须说明范围：给出隔离编号，或原因、发送系统、时间等条件。',
    en: 'A replay needs a selection: quarantine ids, or a reason, a sender or a time.',
  },
});

/** Code of a refusal by the flows that take messages. */
export type IngestCode = keyof typeof INGEST_FAULTS;
