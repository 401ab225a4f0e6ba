import { defineFaults } from '../../kernel/fault.ts';

/** Faults of accounts and clients. */
export const ACCOUNT_FAULTS = defineFaults({
  ACCOUNT_EXISTS: {
    status: 409,
    zh: '登录名或本机构工号已被使用；请换一个。',
    en: 'The login, or the staff number in this institution, is taken; choose another.',
  },
  ACCOUNT_IDENTITY_INVALID: {
    status: 422,
    zh: '不是有效的身份证号；请检查文件首行。',
    en: 'This is no valid national id; check the first line of the file.',
  },
  ACCOUNT_UNKNOWN: {
    status: 404,
    zh: '没有这个登录名；可用 huren account list 查看。',
    en: 'There is no such login; `huren account list` shows those there are.',
  },
  ACCOUNT_LOGIN_INVALID: {
    status: 400,
    zh: '登录名须为 3 到 64 个小写字母、数字、点、下划线或连字符。',
    en: 'A login has 3 to 64 lower-case letters, digits, dots, underscores or hyphens.',
  },
  ACCOUNT_INSTITUTION_MISSING: {
    status: 400,
    zh: '该角色须属于一个机构；请写明机构代码。',
    en: 'This role belongs to an institution; name the institution code.',
  },
  ACCOUNT_PERSON_MISSING: {
    status: 400,
    zh: '患者账号须写明本人的患者编号；其他角色不得写。',
    en: "A patient's account names the person it belongs to; no other account may.",
  },
  PASSWORD_WEAK: {
    status: 400,
    zh: '密码不合要求，原因见 detail；长度、字符种类与历史密码的规定见登录设置，默认至少 10 个字符、三类以上字符，不含登录名，不与近期密码相同。',
    en: 'The password does not meet the rules; detail says why. Length, kinds of characters and history are settings of the sign-in: by default at least 10 characters of three kinds, not containing the login, none of the last passwords.',
  },
  CLIENT_EXISTS: {
    status: 409,
    zh: '系统客户端代码已被使用；请换一个。',
    en: 'The client code is taken; choose another.',
  },
  CLIENT_CODE_INVALID: {
    status: 400,
    zh: '系统客户端代码须为 1 到 64 个字母、数字或连字符。',
    en: 'A client code has 1 to 64 letters, digits or hyphens.',
  },
  FRAME_ORIGIN_INVALID: {
    status: 400,
    zh: '页面来源须写成浏览器所用的形式：协议、主机和端口，后面不带任何内容，如 https://his.example。',
    en: 'An origin is scheme, host and port as browsers write it, nothing behind, e.g. https://his.example.',
  },
  ANSWER_ADDRESS_INVALID: {
    status: 400,
    zh: '回传地址须为 https 地址，或本机的 http 地址；其中含检查结果，不得明文传输。',
    en: 'Answers go to an https address, or to http on this machine: they hold results and must not travel in the clear.',
  },
  CLIENT_UNKNOWN: {
    status: 404,
    zh: '没有这个系统客户端；可用 huren client list 查看。',
    en: 'There is no such client; `huren client list` shows those there are.',
  },
  CDS_ISSUER_TAKEN: {
    status: 409,
    zh: '该签发者（iss）已由另一个系统客户端登记；每个系统须有自己的签发者。',
    en: 'Another client is registered with this issuer (iss); each system needs one of its own.',
  },
  APPLICATION_EXISTS: {
    status: 409,
    zh: '应用代码（client_id）已被使用；请换一个。',
    en: 'The code of the application (client_id) is taken; choose another.',
  },
  APPLICATION_UNKNOWN: {
    status: 404,
    zh: '没有这个应用；可用 huren application list 查看。',
    en: 'There is no such application; `huren application list` shows those there are.',
  },
});
