import type { Element } from 'dicom-parser';
import {
  bytesOf,
  CHARSET_VRS,
  type DicomDataSet,
  elementOf,
  elementVr,
  readDataSet,
  textValues,
  UnreadableDataSet,
} from './data-set.ts';
import { type ElementWriter, elementWriter, type Tagged, tagNumber, tagOf } from './element-writer.ts';
import { CORRECTION_DESCRIPTION, MODIFYING_EQUIPMENT } from './modifying-equipment.ts';
import { encodingOf } from './transfer-syntax.ts';

/** Character sets that hold every text we write, by their defined terms. */
export type WholeCharset = 'ISO_IR 192' | 'GB18030' | 'GBK';

/** An attribute that is to say something else than what is stored. */
export interface CorrectedAttribute {
  /** Eight hex digits in upper case. */
  readonly tag: string;
  readonly vr: 'CS' | 'DA' | 'LO' | 'PN';
  /** One value; empty: known to be unknown. */
  readonly value: string;
  /** The value in each character set that holds all of it; null in one that does not. */
  readonly encoded: Readonly<Record<WholeCharset, Uint8Array | null>>;
}

/** How a header is to be corrected on its way out. */
export interface HeaderCorrection {
  readonly attributes: readonly CorrectedAttribute[];
  /** Who corrects: Modifying System (0400,0563). */
  readonly system: string;
  /** From whom the values were that are replaced: Source of Previous Values (0400,0564). ASCII, as the system is. */
  readonly source: string;
  /** When, as DICOM writes it with its offset from UTC. */
  readonly at: string;
}

/** Why a header cannot be corrected. */
export type CorrectionProblem =
  /** Its texts are in a character set that cannot hold the new ones, and not all of them can be put into another. */
  | 'charset'
  /** It has a sequence that would have to be added to, written as bytes of an unknown kind. */
  | 'sequence'
  /** Read again, the corrected header did not say what it should. */
  | 'unproven';

/** A header on its way out. */
export type CorrectedHead =
  | { readonly kind: 'as-stored' }
  /** `bytes` stand instead of the first `from` bytes of the data set (of a deflated one: of what it inflates to). */
  | { readonly kind: 'corrected'; readonly bytes: Uint8Array; readonly from: number }
  | { readonly kind: 'impossible'; readonly problem: CorrectionProblem };

const CHARSET = '00080005';
const PIXEL_DATA = '7FE00010';
const ORIGINAL_ATTRIBUTES = '04000561';
const CONTRIBUTING_EQUIPMENT = '0018A001';

class Impossible extends Error {
  readonly problem: CorrectionProblem;
  constructor(problem: CorrectionProblem) {
    super(problem);
    this.problem = problem;
  }
}

const WHOLE: readonly WholeCharset[] = ['ISO_IR 192', 'GB18030', 'GBK'];
const TERM_OF: Readonly<Record<string, WholeCharset>> = {
  'utf-8': 'ISO_IR 192',
  gb18030: 'GB18030',
  gbk: 'GBK',
};
const UTF8: WholeCharset = 'ISO_IR 192';

/** In which character set the corrected header is. */
interface CharsetPlan {
  /** What Specific Character Set is to say; null: as it is. */
  readonly term: WholeCharset | null;
  /** Whether all texts that stay are put into UTF-8. */
  readonly isRewritten: boolean;
  /** The new value in it. */
  readonly bytesOf: (attribute: CorrectedAttribute) => Uint8Array;
}

// oxlint-disable-next-line no-control-regex -- the default repertoire, with which every character set begins
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

const bytesIn =
  (charset: WholeCharset) =>
  ({ encoded }: CorrectedAttribute): Uint8Array => {
    const bytes = encoded[charset];
    if (!bytes) throw new Impossible('charset');
    return bytes;
  };

const planFor = (dataSet: DicomDataSet, changed: readonly CorrectedAttribute[]): CharsetPlan => {
  // Plain values are the same in every set.
  if (changed.every(({ value }) => isAscii(value)))
    return { term: null, isRewritten: false, bytesOf: bytesIn(UTF8) };
  const named = elementOf(dataSet, CHARSET);
  const terms = named ? textValues(dataSet, CHARSET, named).filter((term) => term !== '') : [];
  const { derived } = dataSet.charset;
  const only = terms.length === 1 ? (WHOLE.find((term) => term === terms[0]) ?? null) : null;
  // Its bytes are read by this set already, so naming it changes nothing but that others can read them too.
  const stays = derived === null ? only : (TERM_OF[derived] ?? null);
  if (stays !== null && changed.every(({ encoded }) => encoded[stays] !== null))
    return { term: stays === terms[0] ? null : stays, isRewritten: false, bytesOf: bytesIn(stays) };
  return { term: UTF8, isRewritten: true, bytesOf: bytesIn(UTF8) };
};

const textOf = (dataSet: DicomDataSet, tag: string): string | null => {
  const element = elementOf(dataSet, tag);
  return element ? textValues(dataSet, tag, element).join('\\') : null;
};

const isHigh = (bytes: Uint8Array): boolean => bytes.some((byte) => byte >= 0x80);

/** One header on its way out: how it is written, and in which character set. */
interface Rewriting {
  readonly dataSet: DicomDataSet;
  readonly writer: ElementWriter;
  readonly plan: CharsetPlan;
}

const elementsOf = ({ parsed }: Pick<DicomDataSet, 'parsed'>): readonly Element[] =>
  Object.values(parsed.elements).toSorted((one, other) => one.dataOffset - other.dataOffset);

/** A text element in the new character set; everything else as it lies there. @throws Impossible */
const rewritten = (rewriting: Rewriting, element: Element): Buffer => {
  const { dataSet, writer } = rewriting;
  const tag = tagOf(element.tag);
  const vr = elementVr(tag, element);
  const isUnknown = element.vr === 'UN' && element.items !== undefined;
  if (element.items && !isUnknown) {
    const items = element.items.map((item) => {
      const inner = item.dataSet ? elementsOf({ parsed: item.dataSet }) : [];
      // An item with a character set of its own would need a plan of its own.
      if (inner.some((each) => tagOf(each.tag) === CHARSET)) throw new Impossible('charset');
      return Buffer.concat(inner.map((each) => rewritten(rewriting, each)));
    });
    return writer.sequence(tag, items);
  }
  const bytes = bytesOf(dataSet, element);
  // Codes too, where a device wrote 右膝 into one: in the old set nobody could read it beside texts of the new one.
  if (CHARSET_VRS.has(vr) || (vr === 'CS' && isHigh(bytes)))
    return writer.element(tag, vr, Buffer.from(dataSet.charset.decode(bytes), 'utf8'));
  // Bytes of an unknown kind may be text; where a value of undefined length ends is the parser's guess.
  if (((isUnknown || vr === 'UN') && isHigh(bytes)) || element.hadUndefinedLength)
    throw new Impossible('charset');
  return Buffer.from(dataSet.bytes.subarray(writer.startOf(element), element.dataOffset + bytes.length));
};

/** Items of a sequence that is there already, as they are to leave. @throws Impossible */
const presentItems = (rewriting: Rewriting, tag: string): Buffer => {
  const element = elementOf(rewriting.dataSet, tag);
  if (!element) return Buffer.alloc(0);
  if (!element.items || element.vr === 'UN') throw new Impossible('sequence');
  return rewriting.plan.isRewritten
    ? rewriting.writer.itemsOf(rewritten(rewriting, element))
    : Buffer.from(bytesOf(rewriting.dataSet, element));
};

/** What the changed attributes said before, as one item. */
const originals = ({ dataSet, writer, plan }: Rewriting, changed: readonly CorrectedAttribute[]): Buffer => {
  const named = elementOf(dataSet, CHARSET);
  // Where another set is named from now on, the old one stands beside the old texts, which then keep their bytes.
  const keepsBytes = !plan.isRewritten || named !== undefined;
  const parts: Tagged[] = changed.map(({ tag, vr }) => {
    const element = elementOf(dataSet, tag);
    const bytes = element ? bytesOf(dataSet, element) : Buffer.alloc(0);
    const isText = CHARSET_VRS.has(vr) && !keepsBytes;
    return {
      tag,
      bytes: writer.element(tag, vr, isText ? Buffer.from(dataSet.charset.decode(bytes), 'utf8') : bytes),
    };
  });
  if (plan.term !== null && named)
    parts.push({ tag: CHARSET, bytes: writer.element(CHARSET, 'CS', bytesOf(dataSet, named)) });
  return writer.inOrder(parts);
};

/** The elements that are new or say something else, in no order. */
const replacements = (
  rewriting: Rewriting,
  changed: readonly CorrectedAttribute[],
  { system, source, at }: HeaderCorrection,
): readonly Tagged[] => {
  const { writer, plan } = rewriting;
  const ascii = (tag: string, vr: string, text: string) =>
    writer.element(tag, vr, Buffer.from(text, 'latin1'));
  const purpose = Buffer.concat([
    ascii('00080100', 'SH', MODIFYING_EQUIPMENT.value),
    ascii('00080102', 'SH', MODIFYING_EQUIPMENT.scheme),
    ascii('00080104', 'LO', MODIFYING_EQUIPMENT.meaning),
  ]);
  const equipment = Buffer.concat([
    ascii('00080070', 'LO', system),
    ascii('0018A002', 'DT', at),
    ascii('0018A003', 'ST', CORRECTION_DESCRIPTION),
    writer.sequence('0040A170', [purpose]),
  ]);
  const original = Buffer.concat([
    writer.sequence('04000550', [originals(rewriting, changed)]),
    ascii('04000562', 'DT', at),
    ascii('04000563', 'LO', system),
    ascii('04000564', 'LO', source),
    ascii('04000565', 'CS', 'CORRECT'),
  ]);
  const grown = (tag: string, item: Buffer): Tagged => ({
    tag,
    bytes: writer.sequenceOf(tag, Buffer.concat([presentItems(rewriting, tag), writer.item(item)])),
  });
  return [
    ...(plan.term === null ? [] : [{ tag: CHARSET, bytes: ascii(CHARSET, 'CS', plan.term) }]),
    ...changed.map((each) => ({
      tag: each.tag,
      bytes: writer.element(each.tag, each.vr, plan.bytesOf(each)),
    })),
    grown(CONTRIBUTING_EQUIPMENT, equipment),
    grown(ORIGINAL_ATTRIBUTES, original),
  ];
};

/** The whole header anew: what stays, as it is or in the new character set, and the replacements in their places. */
const assembled = (rewriting: Rewriting, news: readonly Tagged[], end: number): Buffer => {
  const { dataSet, writer, plan } = rewriting;
  const replaced = new Set(news.map(({ tag }) => tag));
  const groups = new Set(news.map(({ tag }) => tag.slice(0, 4)));
  const waiting = news.toSorted((one, other) => tagNumber(one.tag) - tagNumber(other.tag));
  const present = elementsOf(dataSet).filter((element) => writer.startOf(element) < end);
  const parts: Uint8Array[] = [];
  for (const [index, element] of present.entries()) {
    const tag = tagOf(element.tag);
    while (waiting[0] && tagNumber(waiting[0].tag) <= tagNumber(tag))
      parts.push((waiting.shift() as Tagged).bytes);
    // The length of a group that grew would be wrong, and nobody needs it (PS3.5 7.2).
    if (replaced.has(tag) || (tag.endsWith('0000') && (plan.isRewritten || groups.has(tag.slice(0, 4)))))
      continue;
    const next = present[index + 1];
    parts.push(
      plan.isRewritten
        ? rewritten(rewriting, element)
        : dataSet.bytes.subarray(writer.startOf(element), next ? writer.startOf(next) : end),
    );
  }
  return Buffer.concat([...parts, ...waiting.map(({ bytes }) => bytes)]);
};

/** Reads the corrected header again: it must say what it should. @throws Impossible */
const prove = (
  { dataSet }: Rewriting,
  head: Buffer,
  end: number,
  transferSyntaxUid: string,
  changed: readonly CorrectedAttribute[],
): void => {
  const rest = dataSet.bytes.subarray(end, end + 16);
  const again = readDataSet(Buffer.concat([head, rest]), true, {
    transferSyntaxUid,
    sopClassUid: '',
    assumedCharset: null,
  });
  const says = changed.every(({ tag, value }) => textOf(again, tag) === value);
  const keepsAll = Object.keys(dataSet.parsed.elements).every(
    (name) => name.endsWith('0000') || again.parsed.elements[name] !== undefined,
  );
  if (!says || !keepsAll) throw new Impossible('unproven');
};

const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';

/**
 * A header that says what it is to say, with what it said before in Original Attributes Sequence and who changed it in
 * Contributing Equipment Sequence (PS3.3 C.12.1). Everything else keeps its bytes, unless its character set cannot hold
 * the new texts: then all texts go into UTF-8, if all of them are known to be texts.
 *
 * @param dataSet read to its pixels, or to its end
 */
export const correctedHead = (
  dataSet: DicomDataSet,
  transferSyntaxUid: string,
  correction: HeaderCorrection,
): CorrectedHead => {
  const changed = correction.attributes.filter(({ tag, value }) => (textOf(dataSet, tag) ?? '') !== value);
  if (changed.length === 0) return { kind: 'as-stored' };
  const { deflated } = encodingOf(transferSyntaxUid);
  const syntax = deflated ? EXPLICIT_LITTLE : transferSyntaxUid;
  const writer = elementWriter(encodingOf(syntax));
  const pixels = elementOf(dataSet, PIXEL_DATA);
  const from = pixels ? writer.startOf(pixels) : dataSet.bytes.length;
  try {
    const plan = planFor(dataSet, changed);
    const rewriting: Rewriting = { dataSet, writer, plan };
    const bytes = assembled(rewriting, replacements(rewriting, changed, correction), from);
    prove(rewriting, bytes, from, syntax, changed);
    return { kind: 'corrected', bytes, from };
  } catch (error) {
    if (error instanceof Impossible) return { kind: 'impossible', problem: error.problem };
    if (error instanceof UnreadableDataSet) return { kind: 'impossible', problem: 'unproven' };
    // A text that is longer in the new character set than its length can say.
    if (error instanceof RangeError) return { kind: 'impossible', problem: 'charset' };
    throw error;
  }
};
