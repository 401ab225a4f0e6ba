import PDFDocument from 'pdfkit';
import type { NoticeLine } from '../../recognition/index.ts';
import type { ChineseFonts } from './chinese-fonts.ts';
import { qrCode } from './qr-code.ts';

/** What one sheet of the notice says. */
export interface NoticeSheet {
  readonly titleZh: string;
  readonly institutionZh: string;
  readonly openingZh: string;
  readonly lines: readonly NoticeLine[];
  readonly acknowledgementZh: string;
  readonly signatureZh: readonly string[];
  /** 正本, or 副本 with its number, and the version. */
  readonly copyZh: string;
  /** Said across the top of demonstration data; null otherwise. */
  readonly drillZh: string | null;
  readonly verifyUrl: string;
  readonly verifyZh: string;
}

const MM = 72 / 25.4;
const MARGIN = 12 * MM;
const BODY = 9.5;
/** From baseline to baseline. */
const LEADING = 1.55;
const LABEL_WIDTH = 21 * MM;
const QR_SIDE = 24 * MM;

type Pen = InstanceType<typeof PDFDocument>;

/** Writes text in whatever fonts it needs, on a common baseline, and moves on below it. */
const writer = (document: Pen, fonts: ChineseFonts) => {
  const take = (font: ChineseFonts['fonts'][number], size: number): void => {
    if (font.postscriptName === undefined) document.font(font.path, size);
    else document.font(font.path, font.postscriptName, size);
  };
  const widthOf = (text: string, size: number): number => {
    let width = 0;
    for (const run of fonts.runsOf(text)) {
      take(run.font, size);
      width += document.widthOfString(run.text);
    }
    return width;
  };
  const drawLine = (text: string, x: number, baseline: number, size: number): void => {
    let left = x;
    for (const run of fonts.runsOf(text)) {
      take(run.font, size);
      document.text(run.text, left, baseline, { lineBreak: false, baseline: 'alphabetic' });
      left += document.widthOfString(run.text);
    }
  };
  return { widthOf, drawLine };
};

/** Marks that must not begin a line. */
const NOT_FIRST = /^[，。、；：！？）》」』”’…·,.;:!?)\]}%℃]/u;
/** What stays together: a word, number or unit in Latin letters, or one character. */
const UNITS = /[A-Za-z0-9.+\-/%^×μµ°℃⁰¹²³⁴-⁹:]+|\s|./gsu;

/** Breaks a text into lines of at most a width, as Chinese is set: between any two characters, marks never first. */
const breakLines = (text: string, width: number, measure: (part: string) => number): string[] => {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line: string[] = [];
    let used = 0;
    for (const unit of paragraph.match(UNITS) ?? []) {
      const wide = measure(unit);
      if (used + wide > width && line.length > 0) {
        // A mark takes the character before it along, and so do marks in a row.
        const along: string[] = [];
        while (NOT_FIRST.test(along[0] ?? unit) && line.length > 1) along.unshift(line.pop() as string);
        lines.push(line.join(''));
        line = along;
        used = along.reduce((sum, each) => sum + measure(each), 0);
      }
      line.push(unit);
      used += wide;
    }
    lines.push(line.join(''));
  }
  return lines;
};

const CODE_POINT_NOTE = '〔U+…〕是打印字库缺少的汉字的编码，请以证件上的字为准。';

const sheetText = ({ lines, institutionZh }: NoticeSheet): string =>
  [institutionZh, ...lines.map(({ textZh }) => textZh)].join('');

/** Lays one notice out; `y` is the top of what comes next. */
const layOut = (document: Pen, fonts: ChineseFonts, sheet: NoticeSheet): void => {
  const { widthOf, drawLine } = writer(document, fonts);
  const { width, height } = document.page;
  const right = width - MARGIN;
  const bottom = height - MARGIN;
  let y = MARGIN;
  const need = (space: number): void => {
    if (y + space <= bottom) return;
    document.addPage();
    y = MARGIN;
  };
  const put = (text: string, x: number, size: number, until = right): void => {
    for (const line of breakLines(text, until - x, (part) => widthOf(part, size))) {
      need(size * LEADING);
      drawLine(line, x, y + size, size);
      y += size * LEADING;
    }
  };
  const centre = (text: string, size: number): void =>
    put(text, Math.max(MARGIN, (width - widthOf(text, size)) / 2), size);
  const rule = (): void => {
    document.moveTo(MARGIN, y).lineTo(right, y).lineWidth(0.5).stroke();
    y += 5;
  };

  if (sheet.drillZh !== null) centre(sheet.drillZh, 8);
  centre(sheet.institutionZh, 10);
  centre(sheet.titleZh, 14);
  drawLine(sheet.copyZh, right - widthOf(sheet.copyZh, 8), y + 8, 8);
  y += 14;
  rule();
  put(sheet.openingZh, MARGIN, BODY);
  for (const { labelZh, textZh } of sheet.lines) {
    need(BODY * LEADING);
    drawLine(`${labelZh}：`, MARGIN, y + BODY, BODY);
    put(textZh, MARGIN + LABEL_WIDTH, BODY);
  }
  y += 3;
  rule();
  // What is signed and what is scanned stay on one sheet.
  need(QR_SIDE + 4);
  const top = y;
  const code = qrCode(sheet.verifyUrl);
  document
    .save()
    .translate(right - QR_SIDE, top)
    .scale(QR_SIDE / code.size)
    .path(code.path)
    .fill('#000')
    .restore();
  const signWidth = right - QR_SIDE - 8;
  put(sheet.acknowledgementZh, MARGIN, BODY, signWidth);
  y += 3;
  for (const label of sheet.signatureZh) {
    drawLine(label, MARGIN, y + BODY, BODY);
    const from = MARGIN + widthOf(label, BODY);
    document
      .moveTo(from, y + BODY + 2)
      .lineTo(Math.max(from + 20, signWidth - 20), y + BODY + 2)
      .lineWidth(0.5)
      .stroke();
    y += BODY * LEADING + 2;
  }
  y = Math.max(y, top + QR_SIDE + 2);
  put(sheet.verifyZh, MARGIN, 7.5);
  if (fonts.lacks(sheetText(sheet))) put(CODE_POINT_NOTE, MARGIN, 7.5);
};

/**
 * The notice as a PDF of A5, in black alone, with its fonts embedded as text that can be searched and read aloud. Its
 * title names the form, never the patient.
 */
export const noticePdf = (sheet: NoticeSheet, fonts: ChineseFonts): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const document = new PDFDocument({
      size: 'A5',
      margin: 0,
      lang: 'zh-CN',
      info: { Title: sheet.titleZh, Creator: 'Huren' },
      font: fonts.fonts[0]?.path as never,
    });
    const chunks: Uint8Array[] = [];
    document.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
    layOut(document, fonts, sheet);
    document.end();
  });
