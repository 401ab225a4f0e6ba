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
  DIMSE_UNREACHABLE: {
    status: 503,
    zh: '无法连接对方的 DICOM 地址；请检查登记的地址、端口和网络。',
    en: 'The DICOM address of the other side cannot be reached; check the registered address, the port and the network.',
  },
  DIMSE_ASSOCIATION_REJECTED: {
    status: 502,
    zh: '对方拒绝了 DICOM 关联；请核对双方登记的 AE 标题和地址。',
    en: 'The other side rejected the DICOM association; check the AE titles and addresses registered on both sides.',
  },
  DIMSE_ASSOCIATION_LOST: {
    status: 503,
    zh: 'DICOM 关联在应答之前中断；是否受理未知，请重发。',
    en: 'The DICOM association ended before the answer; whether it was taken is unknown: send it again.',
  },
  DIMSE_ANSWER_UNEXPECTED: {
    status: 502,
    zh: '对方的 DICOM 应答不符合协议。',
    en: 'The DICOM answer of the other side breaks the protocol.',
  },
});
