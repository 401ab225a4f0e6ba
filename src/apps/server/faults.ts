import { defineFaults } from '../../kernel/fault.ts';

/** Faults of the HTTP edge. */
export const SERVER_FAULTS = defineFaults({
  SIGN_IN_REQUIRED: {
    status: 401,
    zh: '请先登录；系统调用须带有效的客户端密钥（Bearer，或 Basic 方式的客户端代码与密钥）。',
    en: 'Sign in first; a system must present a valid client key (Authorization: Bearer with the key, or Basic with client code and key).',
  },
  TOKEN_REFUSED: {
    status: 401,
    zh: '签名令牌（JWT）未被接受，原因见 detail；须由已登记的系统以登记的密钥签发、未过期、未用过、aud 为所调用的地址。',
    en: 'The signed token (JWT) was refused; detail says why. It must come from a registered system, be signed by its registered key, be fresh and unused, and name the address called as aud.',
  },
  NOT_PERMITTED: {
    status: 403,
    zh: '您的身份无权进行此操作；如确有需要请联系本机构管理员。',
    en: 'This identity may not do this; ask the administrator of your institution.',
  },
  FORM_EXPIRED: {
    status: 403,
    zh: '页面已过期，内容未提交；请返回上一页刷新后重试。',
    en: 'The form has expired and nothing was submitted; go back, reload and try again.',
  },
  ORIGIN_FOREIGN: {
    status: 403,
    zh: '请求来自其他网站，已拒绝；请从本系统页面操作。',
    en: 'The request comes from another site and was refused; act from the pages of this system.',
  },
  INPUT_INVALID: {
    status: 400,
    zh: '提交的内容有误；请按所列位置更正后重试。',
    en: 'The input is not valid; correct the places listed and try again.',
  },
  NOT_FOUND: {
    status: 404,
    zh: '没有这个地址；请检查链接。',
    en: 'There is nothing at this address; check the link.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    zh: '该地址不支持此方法；支持的方法见 Allow 头。',
    en: 'This address does not take that method; the Allow header names those it takes.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    zh: '提交的内容过大；请分批提交。',
    en: 'The body is too large; send it in parts.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    zh: '不支持该内容类型；接口用 application/json，页面表单用 application/x-www-form-urlencoded，SOAP 1.1 用 text/xml。',
    en: 'The content type is not taken: use application/json for the API, application/x-www-form-urlencoded for forms, text/xml for SOAP 1.1.',
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    zh: '请求过于频繁；请按 Retry-After 所示秒数后重试。',
    en: 'Too many requests; try again after the seconds in Retry-After.',
  },
  ORDER_NOT_CHECKED: {
    status: 503,
    zh: '互认服务暂不可用，本次未核查，不影响开单',
    en: 'Recognition is unavailable: this order was not checked. Ordering is not affected.',
  },
  NOT_READY: {
    status: 503,
    zh: '服务尚未就绪；原因见 parts。',
    en: 'The service is not ready; parts says why.',
  },
  WEB_APP_NOT_BUILT: {
    status: 503,
    zh: '页面程序尚未构建；请用 npm start 启动，或先运行 node tools/build-web.mjs。',
    en: 'The browser apps are not built; start with npm start, or run node tools/build-web.mjs first.',
  },
  ANSWER_LATE: {
    status: 503,
    zh: '系统此刻不能及时应答，本页未能显示；这不表示没有结果。请稍后刷新。',
    en: 'The system cannot answer in time just now and the page could not be shown; this does not mean that there are no results. Reload in a while.',
  },
  INTERNAL: {
    status: 500,
    zh: '系统内部错误，本次操作可能未完成；请凭请求编号联系管理员。',
    en: 'An internal error; the operation may not have completed. Quote the request id to the administrator.',
  },
  PORT_IN_USE: {
    status: 500,
    zh: '端口已被占用；请停止占用该端口的程序，或用 HUREN_HTTP_PORT 换一个端口。',
    en: 'The port is in use; stop the program that holds it, or choose another with HUREN_HTTP_PORT.',
  },
  PORT_FORBIDDEN: {
    status: 500,
    zh: '无权监听该地址或端口；请用 HUREN_HOST 或 HUREN_HTTP_PORT 更换。',
    en: 'The address or port cannot be listened on; change HUREN_HOST or HUREN_HTTP_PORT.',
  },
});
