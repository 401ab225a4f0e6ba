import { defineFaults } from '../../kernel/fault.ts';

/** Faults of CDS Hooks. */
export const CDS_FAULTS = defineFaults({
  CDS_REGISTRATION_INVALID: {
    status: 400,
    zh: 'CDS Hooks 登记内容有误；请按所示位置更正（公钥须为 ES384 的 P-384 或 RS384 的 2048 位以上 RSA，不得含私钥）。',
    en: 'The CDS Hooks registration is not valid; correct the place named (public keys only: P-384 for ES384, RSA of 2048 bits or more for RS384).',
  },
  CDS_SERVICE_UNKNOWN: {
    status: 404,
    zh: '没有这个 CDS 服务；可用的服务见 GET /cds-services。',
    en: 'There is no such CDS service; GET /cds-services lists those there are.',
  },
  CDS_HOOK_MISMATCHED: {
    status: 400,
    zh: '请求的 hook 与所调用的服务不符；每个服务只应答一种 hook。',
    en: 'The hook of the request is not that of the service called; each service answers one hook.',
  },
  CDS_CONTEXT_INVALID: {
    status: 400,
    zh: 'context 缺少本 hook 所需内容或内容有误；请按所示位置更正。',
    en: 'The context lacks what this hook needs, or holds it wrongly; correct the place named.',
  },
  CDS_ORDERS_TOO_MANY: {
    status: 413,
    zh: '一次核查的检查检验申请过多，本次未核查；请分批提交。',
    en: 'There are too many examination orders in one call; none was checked. Send them in parts.',
  },
  CDS_PATIENT_CONTRADICTED: {
    status: 422,
    zh: '请求中出现了另一位患者的资料，本次未核查；请核对 context.patientId、prefetch 与申请中的患者是否为同一人。',
    en: 'The request holds data of another patient; nothing was checked. context.patientId, prefetch and orders must be of one person.',
  },
  CDS_PREFETCH_MISSING: {
    status: 412,
    zh: '缺少所需的 prefetch 数据，也无法从已登记的 FHIR 服务器取得，本次未核查；请随请求提供。',
    en: 'Prefetch data that is needed is missing and cannot be had from the registered FHIR server; nothing was checked. Send it with the request.',
  },
  CDS_CARD_UNKNOWN: {
    status: 404,
    zh: '没有这张卡片，或不是由该服务发给贵系统的；其余反馈已记录，请检查所示位置的卡片编号。',
    en: 'There is no such card, or this service did not give it to your system; the other feedback was kept. Check the card at the place named.',
  },
  CDS_SUGGESTION_UNKNOWN: {
    status: 422,
    zh: '所接受的建议不属于该卡片；其余反馈已记录，请检查所示位置的建议编号。',
    en: 'The accepted suggestion is not one of that card; the other feedback was kept. Check the suggestion at the place named.',
  },
});
