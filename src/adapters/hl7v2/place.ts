/**
 * A place in a message, written `OBX[3]-5(2).1`: segment name, which one of that name from 1, field, repetition,
 * component. Every part after the name may be missing. ERR-2 of an acknowledgement is made from it.
 */
export interface PlaceParts {
  readonly segment: string;
  readonly sequence: number;
  readonly field: number | null;
  readonly repetition: number | null;
  readonly component: number | null;
}

/** Writes a field's place. */
export const fieldPlace = (segment: string, sequence: number, field: number, component = 0): string =>
  `${segment}[${sequence}]-${field}${component > 0 ? `.${component}` : ''}`;

const PLACE = /^([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+))?(?:\((\d+)\))?(?:\.(\d+))?$/;

/** Takes a place apart; undefined when the text is not one, e.g. `byte 120`. */
export const placeParts = (text: string): PlaceParts | undefined => {
  const match = PLACE.exec(text);
  if (!match) return undefined;
  const [, segment = '', sequence, field, repetition, component] = match;
  const numberOrNull = (digits: string | undefined) => (digits === undefined ? null : Number(digits));
  return {
    segment,
    sequence: Number(sequence ?? '1'),
    field: numberOrNull(field),
    repetition: numberOrNull(repetition),
    component: numberOrNull(component),
  };
};
