import type { ComparedFact, HoldReason } from '../imaging/index.ts';
import type { ImageHoldAnswer, ImageHoldCase } from './wire/image-hold.ts';

/** Why something is held, as its institution reads it. */
export const HOLD_REASON_WORDS: Readonly<Record<HoldReason, string>> = {
  'other-content': '同一影像编号，内容不同',
  'other-series': '同一影像编号，出现在另一序列或另一项检查',
  'two-patients': '同一检查中出现两位患者的影像',
  unreadable: '影像文件未能收下',
  'wrong-side': '影像侧别与报告不一致',
  'side-not-ordered': '影像侧别与申请单不一致',
};

/** What the platform does meanwhile. */
export const HOLD_MEANWHILE_WORDS: Readonly<Record<HoldReason, string>> = {
  'other-content': '展示先收到的一份，后收到的已保存、未展示。',
  'other-series': '展示先收到的一份，后收到的已保存、未展示。请由设备以新的影像编号重新发送。',
  'two-patients':
    '后收到的影像已保存、未展示，不作为任何一位患者的影像；答复之前，本检查的影像是否符合要求按“无法核对”处理。',
  unreadable: '文件已原样保存，未展示。请在设备侧查明原因后重新发送。',
  'wrong-side': '影像仍可查看，互认核查按“影像不满足要求”或“无法核对”处理。更正报告或影像后自动了结。',
  'side-not-ordered':
    '影像仍可查看，互认核查以报告的侧别为准。请核对检查的是否为申请的一侧；更正申请单或影像后自动了结。',
};

/** Where a case stands. */
export const HOLD_STATE_WORDS: Readonly<Record<ImageHoldAnswer['state'], string>> = {
  open: '待答复',
  reopened: '答复已撤销，待重新答复',
  answered: '已答复',
  settled: '已自动了结',
};

/** What can be answered, as the button and the course say it. */
export const HOLD_STEP_WORDS: Readonly<Record<ImageHoldCase['steps'][number]['step'], string>> = {
  'keep-first': '保留先收到的',
  'take-second': '以后收到的为更正',
  'set-aside': '已知悉，不展示',
  explained: '已核对，说明如下',
  undo: '撤销答复',
  settled: '更正后自动了结',
};

/** The same answers where they mean something else: of another patient's images. */
export const TWO_PATIENTS_STEP_WORDS: Readonly<Record<'keep-first' | 'take-second', string>> = {
  'keep-first': '确为另一位患者，不展示',
  'take-second': '是同一位患者，头信息有误，归入本检查',
};

/** What follows from an answer, said before it is given. */
export const HOLD_ANSWER_NOTES: Readonly<Record<string, string>> = {
  'keep-first': '后收到的继续保存，不展示。',
  'take-second': '后收到的从此展示；先收到的继续保存并标记，不再展示。',
  'two-patients keep-first': '这些影像继续保存，不展示；请由设备以新的检查编号重新发送。',
  'two-patients take-second':
    '这些影像从此作为本检查的影像展示。请先核对申请单或登记记录，只按姓名相同不能归入。',
};

const UNREADABLE_WORDS: Readonly<Record<string, string>> = {
  truncated: '数据不完整',
  malformed: '数据结构错误',
  'too-deep': '序列嵌套过深',
  'too-many-elements': '数据元素过多',
  'inflates-too-far': '压缩数据膨胀超限',
  'header-too-large': '头信息过大',
  'too-slow': '读取超时',
  StudyInstanceUID: '缺少检查编号（0020,000D）',
  SeriesInstanceUID: '缺少序列编号（0020,000E）',
  SOPInstanceUID: '缺少影像编号（0008,0018）',
  SOPClassUID: '缺少影像类别（0008,0016）',
  'sop-instance-uid-differs': '命令与数据中的影像编号不同',
  'sop-class-uid-differs': '命令与数据中的影像类别不同',
  'study-uid-differs': '检查编号与上传地址不同',
};

const SIDE_WORDS: Readonly<Record<string, string>> = {
  left: '左',
  right: '右',
  both: '双侧',
  unclear: '互相矛盾',
};

/** A side as headers or a report state it. */
export const sideText = (side: string | null): string =>
  side === null ? '未注明' : (SIDE_WORDS[side] ?? side);

/** What the side of images is compared with. */
const OTHER_THAN_IMAGES: Readonly<Partial<Record<HoldReason, string>>> = {
  'wrong-side': '报告',
  'side-not-ordered': '申请单',
};

/** The detail of a case: why a file cannot be read, which sides contradict each other. */
export const holdDetailText = ({ reason, detail }: Pick<ImageHoldAnswer, 'reason' | 'detail'>): string => {
  if (reason === 'unreadable') return UNREADABLE_WORDS[detail] ?? detail;
  const other = OTHER_THAN_IMAGES[reason];
  if (other === undefined) return '';
  const [images = '', stated = ''] = detail.split('/');
  return `影像：${sideText(images)}　${other}：${sideText(stated)}`;
};

/** Through which door and from which device something came. */
export const senderText = (sender: string): string => {
  if (sender === '') return '未记录';
  const [door, name] = [sender.slice(0, sender.indexOf(':')), sender.slice(sender.indexOf(':') + 1)];
  if (door === 'dimse') return `DICOM 设备 ${name}`;
  if (door === 'stow') return `DICOMweb 系统 ${name}`;
  return sender === 'ingest' ? '文件导入' : sender;
};

/** Names of the facts that are compared. */
export const FACT_WORDS: Readonly<Record<ComparedFact, string>> = {
  'patient-name': '患者姓名',
  'patient-id': '患者编号',
  'patient-issuer': '编号发放机构',
  'patient-birth-date': '出生日期',
  'patient-sex': '性别',
  accession: '检查号',
  'study-description': '检查描述',
  'study-time': '检查时间',
  modality: '影像类型',
  'study-uid': '检查 UID',
  'series-uid': '序列编号',
  'series-number': '序列号',
  'series-description': '序列描述',
  'body-part': '部位',
  laterality: '侧别',
  view: '投照方位',
  device: '设备',
  'instance-number': '影像号',
  acquired: '采集时间',
  size: '矩阵',
  frames: '帧数',
  thickness: '层厚（mm）',
  position: '位置（mm）',
  'transfer-syntax': '传输语法',
};
