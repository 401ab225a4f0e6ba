const COMMENT = 0xfffe;
const JFIF_HEADER = 0xffe0;

/**
 * The same picture with a comment (COM, ISO/IEC 10918-1 B.2.4.5), which stands behind the header of JFIF where there is one.
 *
 * @param jpeg from its first marker on
 * @param comment ASCII
 */
export const withComment = (jpeg: Uint8Array, comment: string): Buffer => {
  const picture = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  const at = picture.readUInt16BE(2) === JFIF_HEADER ? 4 + picture.readUInt16BE(4) : 2;
  const head = Buffer.alloc(4);
  head.writeUInt16BE(COMMENT, 0);
  // The length counts itself.
  head.writeUInt16BE(2 + comment.length, 2);
  return Buffer.concat([picture.subarray(0, at), head, Buffer.from(comment, 'latin1'), picture.subarray(at)]);
};
