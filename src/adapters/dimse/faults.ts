import { defineFaults } from '../../kernel/fault.ts';

/** Why a DICOM listener cannot start, or an association that we opened ended early. */
export const DIMSE_FAULTS = defineFaults({
  DIMSE_PLAIN_NOT_LOOPBACK: {
    status: 500,
    zh: '不加密的 DICOM 端口默认只监听本机回环地址；请配置 TLS 证书，或用 HUREN_DIMSE_HOST 明确指定内网地址。',
    en: 'Plain DICOM listens on a loopback address only; configure a TLS certificate, or name an inner address in HUREN_DIMSE_HOST.',
  },
  DIMSE_PORT_IN_USE: {
    status: 500,
    zh: 'DICOM 端口已被占用；请停止占用它的程序，或用所示环境变量换一个端口（0 表示任意空闲端口）。',
    en: 'The DICOM port is in use; stop what uses it or choose another with the variable named (0 = any free one).',
  },
  DIMSE_LISTEN_FAILED: {
    status: 500,
    zh: '无法监听 DICOM 地址；请检查地址、端口和权限。',
    en: 'The DICOM address cannot be listened on; check address, port and permission.',
  },
  DIMSE_ASSOCIATION_LOST: {
    status: 503,
    zh: 'DICOM 关联在应答之前中断；是否受理未知，请重发。',
    en: 'The DICOM association ended before the answer; whether it was taken is unknown: send it again.',
  },
});
