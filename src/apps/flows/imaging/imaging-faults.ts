import { defineFaults, raiser } from '../../../kernel/fault.ts';

/** Faults of images. */
export const IMAGING_FAULTS = defineFaults({
  IMAGING_INSTITUTION_UNKNOWN: {
    status: 404,
    zh: '机构目录中没有该机构，影像未接收。',
    en: 'No published directory names this institution; the image was not received.',
  },
  INSTANCE_TOO_LARGE: {
    status: 413,
    zh: '单个影像对象超过 4 GB，未接收。',
    en: 'The instance is larger than 4 GB and was not received.',
  },
  STUDY_UNKNOWN: {
    status: 404,
    zh: '找不到该检查的影像，或无权查看。',
    en: 'There is no such study, or not for you.',
  },
  STUDY_OF_TWO_PEOPLE: {
    status: 409,
    zh: '这个检查号下有两位患者的影像，无法确定要看哪一位，未打开；请按检查 UID 打开，或请登记处核对检查号。',
    en: 'Images of two patients carry this number, so none were opened; name the study by its UID, or have the registry look at the number.',
  },
  FRAME_UNKNOWN: {
    status: 404,
    zh: '没有这一帧图像，或该对象没有可显示的图像。',
    en: 'There is no such frame, or the instance has no pixels.',
  },
  FRAME_NOT_RENDERED: {
    status: 406,
    zh: '该压缩格式或图像数据无法在服务器上生成预览；请在阅片器中打开原始图像。',
    en: 'This compression or these pixels cannot be drawn by the server; open the original pixels in the viewer.',
  },
  PICTURES_TOO_MANY: {
    status: 413,
    zh: '一次最多生成 500 幅图片；请按序列或按帧分次请求。',
    en: 'At most 500 pictures are drawn for one request; ask series by series, or for some of the frames.',
  },
  FRAME_NOT_DECODED: {
    status: 500,
    zh: '影像对象在转为未压缩格式发送时，有一帧无法解码或数据不完整；该对象计为失败。',
    en: 'A frame could not be decoded, or was not whole, while its instance was being sent uncompressed; the instance counts as failed.',
  },
  VIDEO_NOT_PLAYABLE: {
    status: 406,
    zh: '该对象不是浏览器能播放的视频（MP4 封装），例如 MPEG-2 或未封装的码流；请在工作站上查看原件。',
    en: 'This is no video that a browser can play (in an MP4 container), e.g. MPEG-2 or a bare stream; open the instance on a workstation.',
  },
  IMAGES_BEING_RECALLED: {
    status: 503,
    zh: '影像在远端存储，正在调回；请稍候，阅片器会自动显示。',
    en: 'The images lie in the far tier and are being recalled; the viewer shows them as soon as they are near. Programs try again after Retry-After.',
  },
  IMAGE_RETENTION_UNSET: {
    status: 409,
    zh: '未设定影像保存年限，影像一律永久保存；需要清退时先设置 HUREN_IMAGES_RETENTION_YEARS。',
    en: 'No retention of images is set, so all of them are kept for ever; set HUREN_IMAGES_RETENTION_YEARS first.',
  },
  IMAGE_RETIREMENT_NOTHING: {
    status: 409,
    zh: '该机构没有已满保存年限的影像。',
    en: 'No images of this institution are past their retention.',
  },
  IMAGE_RETIREMENT_ROLE: {
    status: 403,
    zh: '影像清退由平台运维人员申请，由卫生健康主管部门批准；该账号不能办理这一步。',
    en: 'An operator asks for a retirement of images and the authority decides; this account may not take this step.',
  },
  IMAGE_RETIREMENT_UNKNOWN: {
    status: 404,
    zh: '没有这次影像清退；用 huren images retire list 查看编号。',
    en: 'There is no such retirement of images; see huren images retire list.',
  },
  IMAGE_RETIREMENT_DECIDED: {
    status: 409,
    zh: '这次影像清退已被批准、否决或办结，不能再办理这一步。',
    en: 'This retirement of images was decided or carried out already, or is not approved.',
  },
  IMAGE_RETIREMENT_SECOND_PERSON: {
    status: 403,
    zh: '影像清退须由另一人批准，申请人不能批准自己的申请。',
    en: 'Somebody else has to decide; nobody decides on a retirement of their own.',
  },
  KEY_IMAGES_NONE: {
    status: 404,
    zh: '这次检查没有标记关键图像；可下载全部图片。',
    en: 'Nobody marked key images of this study; all pictures can be had.',
  },
  HEADER_NOT_CORRECTED: {
    status: 409,
    zh: '有影像的文件头无法按当前登记更正（字符集或结构不允许）；可取回原样的影像。',
    en: 'The header of an image cannot be corrected (its character set or structure does not allow it); the image as stored can be had.',
  },
  STUDY_MATCH_UNKNOWN: {
    status: 404,
    zh: '没有这条待归属影像，或不属于本机构。',
    en: 'There is no such entry in the worklist of studies, or not of this institution.',
  },
  STUDY_MATCH_DECIDED: {
    status: 409,
    zh: '这条待归属影像已被处理或撤销，请刷新后再试。',
    en: 'Somebody has decided this entry already, or undone it; read the worklist again.',
  },
  STUDY_MATCH_IMPOSSIBLE: {
    status: 409,
    zh: '不能归入此人：不在候选之列，或身份证号不同、已被判定为不同的人；请在人员索引中处理。',
    en: 'The study cannot be given to this person: no candidate, another national ID, or kept apart; settle it in the person index.',
  },
  IMAGE_HOLD_UNKNOWN: {
    status: 404,
    zh: '没有这张影像核对单，或不属于本机构。',
    en: 'There is no such case of images, or not of this institution.',
  },
  IMAGE_HOLD_MOVED_ON: {
    status: 409,
    zh: '核对单已被处理，或又收到了新的影像，请刷新后再答复。',
    en: 'Somebody has answered this case, or more images have come for it; read it again.',
  },
  IMAGE_HOLD_NOTE_MISSING: {
    status: 400,
    zh: '请写明说明。',
    en: 'This answer needs words.',
  },
  IMAGE_HOLD_IMPOSSIBLE: {
    status: 409,
    zh: '不能这样答复：影像文件无法读取，或其编号已用于另一序列。',
    en: 'This cannot be answered: the object cannot be read, or its UID is used in another series.',
  },
  BULK_DATA_UNKNOWN: {
    status: 404,
    zh: '该影像对象中没有这项数据。',
    en: 'The instance has no such value.',
  },
});

/** Makes a fault of this folder. */
export const imagingFault = raiser(IMAGING_FAULTS);
