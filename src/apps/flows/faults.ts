import { defineFaults } from '../../kernel/fault.ts';

/** Faults of checking orders and answering for them. */
export const FLOW_FAULTS = defineFaults({
  ORDERING_INSTITUTION_MISSING: {
    status: 403,
    zh: '当前身份不属于任何医疗机构，不能核对开单；请用医疗机构的账号或系统密钥。',
    en: 'This identity belongs to no institution and cannot check orders; use an account or key of an institution.',
  },
  ORDER_CHECK_UNKNOWN: {
    status: 404,
    zh: '没有这次核对，或您无权查看；请检查编号。',
    en: 'There is no such order check, or it is not yours to see; check the id.',
  },
  REPORT_UNKNOWN: {
    status: 404,
    zh: '没有这份报告，或您无权查看；请检查编号。',
    en: 'There is no such report, or it is not yours to see; check the id.',
  },
  OPINION_NOT_HERE: {
    status: 409,
    zh: '会诊意见只用于外院的检查报告；本院报告请由出具科室更正，检验结果不加会诊意见。',
    en: 'A consultation opinion goes beside an examination report of another institution; own reports are corrected by their department, and laboratory results take none.',
  },
  OPINION_UNKNOWN: {
    status: 404,
    zh: '没有这条会诊意见，或不是您写的；会诊意见由署名医师本人撤回。',
    en: 'There is no such consultation opinion, or it is not yours; an opinion is withdrawn by the doctor who gave it.',
  },
  PERSON_NOT_FOUND: {
    status: 404,
    zh: '没有这位患者，或本机构未登记其就诊；请用证件号或病历号重新查找，按姓名查找时填写就诊号。',
    en: 'There is no such person, or no visit of theirs to your institution is known; search again by a number of the person, or by name with the number of the visit.',
  },
  WORK_PERIOD_REFUSED: {
    status: 400,
    zh: '起止日期应先后有序，且不超过 31 天；请修改日期。',
    en: 'The last day must not be before the first, and the period at most 31 days; change the days.',
  },
  LINE_UNKNOWN: {
    status: 422,
    zh: '这次核对没有这一行；请检查行号。',
    en: 'This order check has no such line; check the line number.',
  },
  RESULT_CHANGED_SINCE: {
    status: 409,
    zh: '该结果在核对之后已更正、撤回或被反映有误，未记录互认；请重新核对。',
    en: 'That result was corrected, withdrawn or disputed after the check; nothing was recorded. Check the order again.',
  },
  VERDICT_OUTDATED: {
    status: 409,
    zh: '核对之后参考时限已过或规定已变，未记录互认；请重新核对。',
    en: 'Since the check the reference window has passed or the rules have changed; nothing was recorded. Check the order again.',
  },
  ANSWER_STANDING: {
    status: 409,
    zh: '该行已有应答；如要改变，请先撤销。',
    en: 'This line has an answer already; undo it before giving another.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    zh: '这个 Idempotency-Key 已用于另一份应答，未作记录；不同的应答请换新的键。',
    en: 'This Idempotency-Key was used for another answer; nothing was recorded. Give each answer a key of its own.',
  },
  NOTHING_TO_UNDO: {
    status: 409,
    zh: '该行没有可撤销的应答。',
    en: 'This line has no answer to undo.',
  },
  NOTHING_TO_FULFIL: {
    status: 409,
    zh: '该行没有有效的互认，不能确认撤单；请先记录互认。',
    en: 'This line has no standing recognition, so a cancellation cannot fulfil it; record the recognition first.',
  },
  ORDER_NUMBER_DIFFERS: {
    status: 422,
    zh: '确认撤销的申请单号与核对时的不一致，未作记录；请核对申请单号。',
    en: 'The order number confirmed as cancelled is not the one that was checked; nothing was recorded.',
  },
  CARD_LINK_INVALID: {
    status: 401,
    zh: '链接无效或已被改动；请从开单系统重新打开。',
    en: 'This link is not valid or was altered; open it again from the ordering system.',
  },
  CARD_LINK_EXPIRED: {
    status: 401,
    zh: '链接已过期，未作任何记录；请从开单系统重新打开。',
    en: 'This link has expired and nothing was recorded; open it again from the ordering system.',
  },
  LAUNCH_INVALID: {
    status: 401,
    zh: '启动地址无效：签名不符、内容被改动或客户端未登记；请从开单系统重新打开。',
    en: 'The launch address is not valid: wrong signature, altered content or a client that is not registered. Open it again from the ordering system.',
  },
  LAUNCH_EXPIRED: {
    status: 401,
    zh: '启动地址已过期；请从开单系统重新打开，并核对开单系统的时钟。',
    en: 'The launch address has expired; open it again from the ordering system, and check that system’s clock.',
  },
  LAUNCH_REPLAYED: {
    status: 401,
    zh: '启动地址已用过一次；请从开单系统重新打开。',
    en: 'The launch address was used before; open it again from the ordering system.',
  },
  LAUNCH_NOTHING_ORDERED: {
    status: 404,
    zh: '没有收到这张申请单，本次未核查，不影响开单；请核对申请单号或就诊流水号。',
    en: 'No order of that number has come in, so nothing was checked; ordering is not affected. Check the order or encounter number.',
  },
  LAUNCH_NOT_CHECKED: {
    status: 409,
    zh: '申请单不能确认属于同一位患者，本次未核查，不影响开单。',
    en: 'The orders of that number cannot be established to be one patient’s, so nothing was checked; ordering is not affected.',
  },
  CONSENT_NEEDED: {
    status: 403,
    zh: '征得患者同意后可查看内容；请先登记患者（监护人）的同意。',
    en: 'The content can be read once the patient has agreed; record the consent of the patient or guardian first.',
  },
  DECISION_FACTS_ERASED: {
    status: 410,
    zh: '这次核对所依据的事实已依法删除，无法再显示其内容。',
    en: 'The facts of this order check were lawfully erased; its content can no longer be shown.',
  },
  APPLICATION_REQUEST_OVER: {
    status: 404,
    zh: '该应用的授权请求已结束或已过期；请从应用重新打开。',
    en: 'The request of the app is over or has expired; open it again from the app.',
  },
  APPLICATION_NOT_FOR_YOU: {
    status: 403,
    zh: '该应用不面向您的岗位或机构；如有需要请联系本机构管理员。',
    en: 'The app is not for your role or institution; ask the administrator of your institution.',
  },
  APPLICATION_LAUNCH_INVALID: {
    status: 403,
    zh: '启动凭证无效、已用过或不是为您签发的；请从开单系统重新打开该应用。',
    en: 'The launch is not valid, was used before, or was made for somebody else; open the app again from the ordering system.',
  },
  APPLICATION_PATIENT_MISSING: {
    status: 400,
    zh: '请先选择该应用涉及的患者。',
    en: 'Choose the patient whom the app is to see first.',
  },
  APPLICATION_UNKNOWN_HERE: {
    status: 404,
    zh: '没有这个应用，或它不能由本机构启动；请联系平台管理员登记启动地址。',
    en: 'There is no such app, or your institution cannot launch it; have its launch address registered.',
  },
  ISSUER_UNKNOWN: {
    status: 404,
    zh: '没有这个统一身份认证；请返回登录页重新选择。',
    en: 'There is no such identity provider; go back to the sign-in page and choose again.',
  },
  ISSUER_ANSWER_REFUSED: {
    status: 401,
    zh: '统一身份认证的答复未被接受，原因见 detail；请返回登录页重新登录。',
    en: 'The answer of the identity provider was refused; detail says why. Go back to the sign-in page and begin again.',
  },
  ISSUER_STRANGER: {
    status: 403,
    zh: '统一身份认证已确认您的身份，但您在本平台没有账号；请联系本机构管理员开通或关联。',
    en: 'The identity provider vouches for you, but you have no account here; ask the administrator of your institution.',
  },
});
