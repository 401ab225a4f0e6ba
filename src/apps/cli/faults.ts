import { defineFaults } from '../../kernel/fault.ts';

/** Faults of the command line. */
export const CLI_FAULTS = defineFaults({
  USAGE: {
    status: 400,
    zh: '命令用法有误；请按所示用法重试，或用 --help 查看说明。',
    en: 'The command was not understood; see the usage shown, or call it with --help.',
  },
  INSTITUTION_UNKNOWN: {
    status: 422,
    zh: '该机构代码不在已发布的机构目录中；请核对代码。',
    en: 'No published directory has an institution of this code; check the code.',
  },
  FILE_UNREADABLE: {
    status: 400,
    zh: '文件无法读取或不是合法的 JSON；请检查路径、权限与内容。',
    en: 'The file cannot be read or is not valid JSON; check its path, permissions and content.',
  },
  REQUEST_INVALID: {
    status: 422,
    zh: '请求内容有误，未进行核对；请按所列位置更正。',
    en: 'The request is not valid and nothing was checked; correct the places listed.',
  },
  NOT_SIGNED_IN: {
    status: 401,
    zh: '账号、密码或动态口令不对，或账号已锁定、停用，未作改动；首次登录、改密码和绑定动态口令请先在网页完成。',
    en: 'Login, password or code is not right, or the account is locked; nothing was changed. A first sign-in, a new password and a second factor are set up in the browser.',
  },
  NOT_OF_DEMONSTRATION: {
    status: 404,
    zh: '不是演练账号，或演练数据由旧版本载入：命令行只显示演练账号的动态口令。真实账号请用手机验证器；手机丢失时用 huren account forget-second-factor。',
    en: 'Not an account of the demonstration, or one loaded by an older release: codes are told for those only. Real people have them on the phone; for a lost phone there is `huren account forget-second-factor`.',
  },
  AE_UNKNOWN: {
    status: 404,
    zh: '该机构没有登记这个 AE，或没有登记它的监听地址；用 huren ae list 查看。',
    en: 'The institution registered no such application entity, or not where it listens; see huren ae list.',
  },
  IMAGE_FILE_UNREADABLE: {
    status: 400,
    zh: '影像文件或文件夹无法读取（不存在、无权限或介质损坏），未接收；其余文件照常接收。请排除后再次接收。',
    en: 'The file or folder cannot be read (absent, no permission, a damaged medium) and was not taken; the others were. Mend it and run again.',
  },
  NOT_DICOM: {
    status: 400,
    zh: '不是带文件头的 DICOM 文件（PS3.10），未接收。',
    en: 'Not a DICOM file with its meta information (PS3.10); it was not taken.',
  },
  DICOMDIR_UNREADABLE: {
    status: 400,
    zh: 'DICOMDIR 无法读取，介质未接收；请改为接收介质所在的文件夹。',
    en: 'The DICOMDIR cannot be read and nothing of the medium was taken; name the folder of the medium instead.',
  },
  MEDIUM_FILE_ABSENT: {
    status: 404,
    zh: 'DICOMDIR 列出的文件在介质上不存在，未接收；请核对介质是否拷贝完整。',
    en: 'The DICOMDIR lists this file and the medium has none; check that the medium was copied whole.',
  },
  IMAGE_NOT_RECEIVED: {
    status: 500,
    zh: '这个影像文件接收时出错，未保存；其余文件照常接收。请再次接收，仍不成功时联系维护人员。',
    en: 'Taking this image failed and nothing of it was kept; the others were taken. Run again, and tell who maintains the system if it stays so.',
  },
});
