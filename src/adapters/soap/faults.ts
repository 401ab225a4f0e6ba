import { defineFaults, raiser } from '../../kernel/fault.ts';

/** Why a SOAP call could not be read. `place` names the element by its path. */
export const SOAP_FAULTS = defineFaults({
  SOAP_CHARSET_UNSUPPORTED: {
    status: 415,
    zh: '不支持该字符集；请用 UTF-8、GBK、GB2312 或 GB18030。',
    en: 'This character set is not supported; use UTF-8, GBK, GB2312 or GB18030.',
  },
  SOAP_CHARSET_CONFLICT: {
    status: 400,
    zh: 'Content-Type 与 XML 声明的字符集不一致，无法确定按哪一个读取；请改为一致。',
    en: 'Content-Type and the XML declaration name different character sets; make them agree.',
  },
  SOAP_BYTES_UNDECODABLE: {
    status: 400,
    zh: '报文字节与所声明的字符集不符；请检查实际编码。',
    en: 'The bytes do not belong to the declared character set; check the real encoding.',
  },
  SOAP_XML_MALFORMED: {
    status: 400,
    zh: 'XML 不合规范（标签未闭合、字符非法等），位置见 place。',
    en: 'The XML is not well-formed (unclosed tag, illegal character …); place says where.',
  },
  SOAP_XML_FORBIDDEN: {
    status: 400,
    zh: '不接受 DOCTYPE、实体声明与处理指令；请删除。',
    en: 'DOCTYPE, entity declarations and processing instructions are not taken; remove them.',
  },
  SOAP_XML_TOO_LARGE: {
    status: 400,
    zh: 'XML 嵌套过深或元素过多；请检查报文。',
    en: 'The XML is nested too deeply or has too many elements; check the message.',
  },
  SOAP_VERSION_MISMATCH: {
    status: 400,
    zh: '信封的命名空间不是 SOAP 1.1；请用 http://schemas.xmlsoap.org/soap/envelope/。',
    en: 'The envelope is not in the namespace of SOAP 1.1 (http://schemas.xmlsoap.org/soap/envelope/).',
  },
  SOAP_MUST_UNDERSTAND: {
    status: 400,
    zh: '信封头中有要求必须处理（mustUnderstand）而本服务不认识的条目；请删除该条目。',
    en: 'The envelope has a header entry that must be understood and is not; remove it.',
  },
  SOAP_ENVELOPE_INVALID: {
    status: 400,
    zh: '信封应为 Envelope，内有一个 Body，Body 内恰有一个操作元素。',
    en: 'The message has to be an Envelope with one Body that holds exactly one operation element.',
  },
  SOAP_OPERATION_UNKNOWN: {
    status: 400,
    zh: '没有这个操作；可用的操作见 ?wsdl。',
    en: 'There is no such operation; ?wsdl lists them.',
  },
  SOAP_ACTION_DIFFERS: {
    status: 400,
    zh: 'SOAPAction 与 Body 中的操作不一致，未作处理；请改为一致或留空。',
    en: 'SOAPAction and the operation in the Body differ and nothing was done; make them agree or leave it empty.',
  },
  SOAP_NAMESPACE_WRONG: {
    status: 400,
    zh: '元素的命名空间不对；本服务的命名空间见 ?wsdl。',
    en: 'The element is in the wrong namespace; ?wsdl tells ours.',
  },
  SOAP_ELEMENT_UNKNOWN: {
    status: 400,
    zh: '此处没有这个元素；请对照 ?wsdl 检查拼写与位置。',
    en: 'There is no such element here; compare spelling and place with ?wsdl.',
  },
  SOAP_ELEMENT_REPEATED: {
    status: 400,
    zh: '该元素只能出现一次；请检查是否合并了两份内容（如两名患者）。',
    en: 'The element may stand here once only; check whether two things (two patients) were put into one call.',
  },
  SOAP_ELEMENT_MISSING: {
    status: 400,
    zh: '缺少必填元素，或其内容为空。',
    en: 'A required element is missing or empty.',
  },
  SOAP_VALUE_INVALID: {
    status: 400,
    zh: '元素内容不合要求；请按 ?wsdl 中的类型填写。',
    en: 'The content of the element is not valid; see its type in ?wsdl.',
  },
});

/** Raises a fault of this folder. */
export const soapFault = raiser(SOAP_FAULTS);
