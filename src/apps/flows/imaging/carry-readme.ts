import { civilTimeText } from '../../../kernel/civil-day.ts';
import type { Instant } from '../../../kernel/instant.ts';

/** What the text inside an archive is about. It names nobody. */
export interface ReadmeOf {
  readonly institutionZh: string;
  readonly description: string | null;
  readonly studiedAt: string | null;
  /** Files of the study. */
  readonly count: number;
  readonly at: Instant;
  /** Whether images were still coming in when it was made. */
  readonly isReceiving: boolean;
}

const heading = (title: string, { institutionZh, description, studiedAt, at }: ReadmeOf): string[] => [
  title,
  '',
  `检查：${description ?? '未注明'}`,
  `机构：${institutionZh}`,
  `检查时间：${studiedAt ?? '未注明'}`,
  `下载时间：${civilTimeText(at)}`,
];

const PRIVACY = [
  '影像里含有姓名、号码等个人信息，有的还印在图像上。请妥善保管，交给别人之前先想清楚。',
  '每次下载都记入本人的访问记录。',
];

/** UTF-8 with its mark, and line ends of Windows: the editor of a hospital's computer shows it as it is meant. */
const text = (lines: readonly string[]): Buffer => Buffer.from(`\uFEFF${lines.join('\r\n')}\r\n`, 'utf8');

const receiving = ({ isReceiving }: ReadmeOf): string[] =>
  isReceiving ? ['下载时影像仍在上传，以后可能还有图像；收齐后可重新下载。'] : [];

/** What stands beside a DICOM file set. */
export const dicomReadme = (of: ReadmeOf, isCorrected: boolean): Buffer =>
  text([
    ...heading('原始影像（DICOM 文件夹）', of),
    `影像文件：${of.count} 个`,
    ...receiving(of),
    '',
    '怎么打开',
    '1. 把压缩包完整解压到一个文件夹、U 盘或光盘，不要改动里面的文件名和文件夹。',
    '2. 用 DICOM 阅片软件打开文件 DICOMDIR，或打开整个文件夹。医院的阅片工作站可以直接导入。',
    '3. 手机和普通看图软件打不开这些文件；只想看一看，请下载图片，或在原网页点“看影像”。',
    '',
    '说明',
    isCorrected
      ? '像素与医院发来的完全相同。文件头里的患者姓名、病历号、出生日期、性别已按下载时的登记更正，原来的内容保留在 Original Attributes Sequence (0400,0561) 中。'
      : '文件与医院发来的数据逐字节相同，没有压缩，没有改动。',
    ...PRIVACY,
  ]);

/** What stands beside pictures. @param missing words for what is not among them */
export const picturesReadme = (
  of: ReadmeOf,
  folders: readonly string[],
  missing: readonly string[],
): Buffer =>
  text([
    ...heading('影像图片', of),
    `图片：${of.count} 张`,
    ...receiving(of),
    '',
    '图片仅供查看，不能用于诊断。',
    '图片由服务器按常用窗宽窗位生成，清晰度和灰度都低于原始影像；给医生看病请提供原始影像（DICOM 文件夹）。',
    '',
    '文件夹',
    ...folders,
    ...(missing.length > 0 ? ['', '没有图片的内容', ...missing] : []),
    '',
    ...PRIVACY,
  ]);
