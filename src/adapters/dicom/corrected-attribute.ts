import iconv from 'iconv-lite';
import type { CorrectedAttribute, WholeCharset } from './corrected-head.ts';

const LABELS: Readonly<Record<WholeCharset, string>> = {
  'ISO_IR 192': 'utf8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** The text in a character set; null where that cannot hold it. */
const encoded = (text: string, charset: WholeCharset): Uint8Array | null => {
  const label = LABELS[charset];
  const bytes = iconv.encode(text, label);
  return iconv.decode(bytes, label) === text ? bytes : null;
};

/**
 * An attribute that is to say something else, with its bytes in every character set that may be asked of it: headers are
 * corrected in a thread that starts for each process anew, and should not have to load encoders.
 *
 * @param tag eight hex digits in upper case
 */
export const attributeSaying = (
  tag: string,
  vr: CorrectedAttribute['vr'],
  value: string,
): CorrectedAttribute => ({
  tag,
  vr,
  value,
  encoded: {
    'ISO_IR 192': encoded(value, 'ISO_IR 192'),
    GB18030: encoded(value, 'GB18030'),
    GBK: encoded(value, 'GBK'),
  },
});
