import { create } from 'qrcode';

/** A QR code as one path over a square of `size` by `size` modules, the quiet zone of four modules included. */
export interface QrCode {
  readonly size: number;
  /** SVG path data; also understood by pdfkit. */
  readonly path: string;
}

/** Modules that must stay light around a QR code (ISO/IEC 18004). */
const QUIET = 4;

/** Draws a text as a QR code that still reads when a seventh of it is soiled. */
export const qrCode = (text: string): QrCode => {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const { size, data } = modules;
  let path = '';
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      if (data[row * size + column]) path += `M${column + QUIET} ${row + QUIET}h1v1h-1z`;
  return { size: size + 2 * QUIET, path };
};
