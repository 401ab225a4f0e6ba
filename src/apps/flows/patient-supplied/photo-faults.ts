import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of photos and scans that people send. */
export const PHOTO_FAULTS = defineFaults({
  PHOTO_HEIC: {
    status: 415,
    zh: '照片是 HEIC 格式，多数电脑无法打开，未保存；请在手机相机设置中选“兼容性最佳”（JPEG）后重拍，或截图后再传。',
    en: 'The photo is HEIC, which most computers cannot open; nothing was kept. Set the camera to JPEG and take it again, or send a screenshot of it.',
  },
  PHOTO_TYPE_UNSUPPORTED: {
    status: 415,
    zh: '只接受 JPEG、PNG 图片或 PDF 文件，未保存；请换一种格式再传。',
    en: 'Only JPEG and PNG pictures and PDF files are taken; nothing was kept. Send it in one of these formats.',
  },
});
