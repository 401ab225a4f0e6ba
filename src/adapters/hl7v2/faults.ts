import { defineFaults } from '../../kernel/fault.ts';

/** Why an HL7 v2 message, an MLLP frame or a listener is refused. */
export const HL7_FAULTS = defineFaults({
  HL7_EMPTY: {
    status: 400,
    zh: '收到的消息是空的；请检查发送端是否在 VT 与 FS 之间写入了消息内容。',
    en: 'The message is empty; check that the sender writes content between VT and FS.',
  },
  HL7_MSH_MISSING: {
    status: 400,
    zh: '消息不是以 MSH 段开头；请按 HL7 v2 的格式发送，MSH 必须是第一段。',
    en: 'The message does not begin with an MSH segment; MSH must come first.',
  },
  HL7_DELIMITERS_INVALID: {
    status: 400,
    zh: 'MSH-1、MSH-2 声明的分隔符不可用：需要四个或五个互不相同、非字母数字的可见字符。',
    en: 'MSH-1 and MSH-2 declare unusable delimiters: four or five different printable characters are needed, no letters or digits.',
  },
  HL7_SEGMENT_UNREADABLE: {
    status: 400,
    zh: '有一行不是合法的段：应以三位段名和字段分隔符开头；如果是文本换行，请改用 \\.br\\。',
    en: 'A line is not a segment: it must begin with a three-character name and the field separator. Line breaks in text are sent as \\.br\\.',
  },
  HL7_SEVERAL_MESSAGES: {
    status: 400,
    zh: '一个 MLLP 帧里有多条消息；请每条消息单独成帧。',
    en: 'One frame holds several messages; send each message in a frame of its own.',
  },
  HL7_CONTROL_ID_MISSING: {
    status: 400,
    zh: 'MSH-10（消息控制编号）为空，无法回执和去重；请为每条消息填写唯一编号。',
    en: 'MSH-10 (message control id) is empty, so the message can be neither acknowledged nor recognised when sent again.',
  },
  HL7_VERSION_UNSUPPORTED: {
    status: 400,
    zh: 'MSH-12 声明的版本不受支持；请使用 HL7 v2.1 至 v2.9。',
    en: 'MSH-12 names a version that is not supported; use HL7 v2.1 to v2.9.',
  },
  HL7_CHARSET_UNSUPPORTED: {
    status: 400,
    zh: 'MSH-18 声明的字符集不受支持；请使用 GB 18030-2000、UNICODE UTF-8 或 8859/1。',
    en: 'MSH-18 names a character set that is not supported; use GB 18030-2000, UNICODE UTF-8 or 8859/1.',
  },
  HL7_CHARSET_CONFLICT: {
    status: 400,
    zh: 'MSH 段按其声明的字符集解码后，MSH-18 变成了另一个值；请核对发送端的字符集设置。',
    en: 'Decoded by the character set that it names, MSH-18 reads differently; check the character set of the sender.',
  },
  HL7_BYTES_UNDECODABLE: {
    status: 400,
    zh: '消息中有字节不属于声明的字符集；请核对 MSH-18 与实际编码是否一致后重发。',
    en: 'Some bytes do not belong to the declared character set; make MSH-18 and the real encoding agree and send again.',
  },
  HL7_CONTROL_CHARACTER: {
    status: 400,
    zh: '消息内容里有不允许的控制字符（NUL、VT 或 FS）；请删除或用 \\X..\\ 转义后重发。',
    en: 'The content holds a control character that is not allowed (NUL, VT or FS); remove it or escape it as \\X..\\.',
  },
  HL7_TIME_IMPOSSIBLE: {
    status: 400,
    zh: '日期时间不存在或格式不对；请按 YYYYMMDD[HHMM[SS]][±ZZZZ] 填写真实时间后重发。',
    en: 'The date or time does not exist or is badly written; send a real one as YYYYMMDD[HHMM[SS]][+/-ZZZZ].',
  },
  HL7_STATUS_UNKNOWN: {
    status: 400,
    zh: '结果状态代码不在 HL7 表 0085（OBX-11）或 0123（OBR-25）中；请改为表中的代码。',
    en: 'The result status is not in HL7 table 0085 (OBX-11) or 0123 (OBR-25); use a code of the table.',
  },
  HL7_STATUS_WITHOUT_VALUE: {
    status: 400,
    zh: 'OBX-11 为 U（转为最终报告）但没有带结果值；请连同结果值一起重发为 F。',
    en: 'OBX-11 is U (now final) but no value came with it; send the value again with status F.',
  },
  HL7_REPORT_STATUS_MIXED: {
    status: 400,
    zh: '同一报告单号下既有作废的又有有效的 OBR，无法判断整份报告的状态；请分开编号或统一状态。',
    en: 'Under one report number some OBR are cancelled and others are not; give them numbers of their own or one status.',
  },
  HL7_PATIENT_MISSING: {
    status: 400,
    zh: '消息没有 PID 段，不知道是谁的结果；请补上患者信息后重发。',
    en: 'There is no PID segment, so nobody can tell whose result this is; send it with the patient.',
  },
  HL7_PATIENT_EMPTY: {
    status: 400,
    zh: 'PID 段里既没有任何编号也没有姓名，不知道是谁的结果；请补全后重发。',
    en: 'The PID segment has neither an identifier nor a name; send it with the patient.',
  },
  HL7_TWO_PATIENTS: {
    status: 400,
    zh: '一条消息里有两个不同患者的 PID，为避免错配已整条退回；请每位患者单独发送。',
    en: 'One message holds PID segments of different patients; it was refused whole so that nothing is mixed up. Send one patient per message.',
  },
  HL7_REPORT_MISSING: {
    status: 400,
    zh: '结果消息里没有 OBR 段；请补上报告（OBR）后重发。',
    en: 'A result message without any OBR segment; send it with its report.',
  },
  HL7_ORDER_MISSING: {
    status: 400,
    zh: '申请消息里没有 ORC 或 OBR 段；请补上申请内容后重发。',
    en: 'An order message without any ORC or OBR segment; send it with its order.',
  },
  HL7_RESULT_OUTSIDE_REPORT: {
    status: 400,
    zh: '有 OBX 段不属于任何 OBR（报告）；请把它放在所属 OBR 之后。',
    en: 'An OBX segment stands before any OBR; place it after the OBR of its report.',
  },
  HL7_NOT_A_PATIENT_SPECIMEN: {
    status: 400,
    zh: 'SPM-11 说明这是质控、校准或空白标本，不是患者标本；此类结果不进入互认平台。',
    en: 'SPM-11 says that this is a control, calibrator or blank, not a patient specimen; such results are not taken.',
  },
  HL7_ATTACHMENT_UNREADABLE: {
    status: 400,
    zh: 'OBX-5 的附件（ED）无法解码；请用 ^类型^子类型^Base64^数据 的顺序并检查数据完整。',
    en: 'The attachment (ED) in OBX-5 cannot be decoded; send ^type^subtype^Base64^data and check that the data are whole.',
  },
  HL7_MERGE_INCOMPLETE: {
    status: 400,
    zh: 'A40 合并消息需要恰好一个 PID 和一个带编号的 MRG 段；请补全或拆成多条消息。',
    en: 'A merge (A40) needs exactly one PID and one MRG segment with an identifier; complete it or split it.',
  },
  HL7_TEXT_NOT_ENCODABLE: {
    status: 500,
    zh: '要写出的文字无法用所选字符集表示；请改用 GB18030 或 UTF-8。',
    en: 'The text cannot be written in the chosen character set; use GB18030 or UTF-8.',
  },
  HL7_ARCHIVE_UNREADABLE: {
    status: 400,
    zh: '压缩包损坏、加密或不是 ZIP 格式；请重新打包后再试。',
    en: 'The archive is damaged, encrypted or not a ZIP file; pack it again.',
  },
  HL7_ARCHIVE_TOO_LARGE: {
    status: 413,
    zh: '压缩包的文件数或解压后的大小超过上限；请拆成几个小的压缩包。',
    en: 'The archive holds more files or more unpacked bytes than allowed; split it.',
  },
  MLLP_NO_START_BLOCK: {
    status: 400,
    zh: '收到不在 MLLP 帧内的数据（缺少起始符 VT）；请在每条消息前加 0x0B，末尾加 0x1C 0x0D。',
    en: 'Data outside an MLLP frame (no VT before it); put 0x0B before and 0x1C 0x0D after each message.',
  },
  MLLP_FRAME_UNFINISHED: {
    status: 400,
    zh: 'MLLP 帧没有结束（缺少 FS CR）就断开、超时或开始了下一帧；该消息未受理，请重发。',
    en: 'An MLLP frame was not ended by FS CR before the connection closed, timed out or began another frame; send it again.',
  },
  MLLP_FRAME_TOO_LARGE: {
    status: 413,
    zh: '消息超过了允许的大小，未受理；请减小附件或联系平台提高上限。',
    en: 'The message is larger than allowed and was not taken; make the attachment smaller or ask for a higher limit.',
  },
  MLLP_MEMORY_FULL: {
    status: 503,
    zh: '同时接收的数据过多，该消息未受理；请稍后重发。',
    en: 'Too much is being received at once; this message was not taken. Send it again shortly.',
  },
  MLLP_TOO_MANY_CONNECTIONS: {
    status: 503,
    zh: 'MLLP 连接数已达上限；请复用已有连接，或联系平台提高上限。',
    en: 'The limit of MLLP connections is reached; reuse connections or ask for a higher limit.',
  },
  MLLP_TLS_FAILED: {
    status: 400,
    zh: 'TLS 握手失败（可能是用明文连接了加密端口，或客户端证书不受信任）；请核对端口与证书。',
    en: 'The TLS handshake failed (plain text on the TLS port, or an untrusted client certificate); check port and certificate.',
  },
  MLLP_HANDLER_FAILED: {
    status: 500,
    zh: '处理消息时出错，没有发送回执，连接已断开；发送端重发即可。',
    en: 'The message could not be processed; it was not acknowledged and the connection was closed. The sender may send again.',
  },
  MLLP_PLAIN_NOT_LOOPBACK: {
    status: 500,
    zh: '不加密的 MLLP 只能监听本机回环地址；请配置 TLS 证书，或把 HUREN_HOST 改为 127.0.0.1。',
    en: 'Plain MLLP listens on a loopback address only; configure a TLS certificate or set HUREN_HOST to 127.0.0.1.',
  },
  MLLP_PORT_IN_USE: {
    status: 500,
    zh: 'MLLP 端口已被占用；请停止占用它的程序，或用所示环境变量换一个端口（0 表示任意空闲端口）。',
    en: 'The MLLP port is in use; stop what uses it or choose another with the variable named (0 = any free one).',
  },
  MLLP_LISTEN_FAILED: {
    status: 500,
    zh: '无法监听 MLLP 地址；请检查地址、端口和权限。',
    en: 'The MLLP address cannot be listened on; check address, port and permission.',
  },
  MLLP_CONNECTION_LOST: {
    status: 503,
    zh: 'MLLP 连接在收到回执之前断开；消息是否受理未知，请重发。',
    en: 'The MLLP connection was lost before the acknowledgement; whether the message was taken is unknown: send it again.',
  },
});

/** Code of a refusal or fault of this adapter. */
export type Hl7Code = keyof typeof HL7_FAULTS;
