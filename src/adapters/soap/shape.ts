/**
 * Shapes of the messages of the SOAP service. One declaration makes the XSD of the WSDL, reads a request and writes an
 * answer, so that the three cannot differ.
 */
export type Shape = ScalarShape | RecordShape | ListShape;

/** One value as text. */
export interface ScalarShape {
  readonly kind: 'string' | 'int' | 'boolean' | 'dateTime' | 'date';
  /** The words that are taken, where there are only some. */
  readonly words?: readonly string[];
}

/** Elements in an order of their own, each at most once. */
export interface RecordShape {
  readonly kind: 'record';
  /** Name of the complex type. */
  readonly type: string;
  readonly fields: readonly Field[];
}

/** A container of elements of one name. Without any it is not written, and reads as absent. */
export interface ListShape {
  readonly kind: 'list';
  readonly item: string;
  readonly of: ScalarShape | RecordShape;
}

/** One element of a record. */
export interface Field {
  readonly name: string;
  readonly shape: Shape;
  readonly required: boolean;
  /** Says in Chinese and English what it is, where its name does not. */
  readonly note?: string;
}

/** Text. */
export const STRING: ScalarShape = { kind: 'string' };
/** A whole number. */
export const INT: ScalarShape = { kind: 'int' };
/** `true` or `false`. */
export const BOOLEAN: ScalarShape = { kind: 'boolean' };
/** A moment with its offset. */
export const DATE_TIME: ScalarShape = { kind: 'dateTime' };
/** A day. */
export const DATE: ScalarShape = { kind: 'date' };

/** Text out of a set of words. */
export const wordOf = (words: readonly string[]): ScalarShape => ({ kind: 'string', words });

/** A record type. */
export const record = (type: string, ...fields: readonly Field[]): RecordShape => ({
  kind: 'record',
  type,
  fields,
});

/** A container of elements called `item`. */
export const list = (item: string, of: ListShape['of']): ListShape => ({ kind: 'list', item, of });

/** An element that has to be there. */
export const must = (name: string, shape: Shape, note?: string): Field => ({
  name,
  shape,
  required: true,
  ...(note === undefined ? {} : { note }),
});

/** An element that may be left out; sent empty it counts as left out. */
export const may = (name: string, shape: Shape, note?: string): Field => ({
  name,
  shape,
  required: false,
  ...(note === undefined ? {} : { note }),
});
