/**
 * Sizes of the text. `standard` follows what the phone is set to; the others are 长辈版: 18, 24 and 30 px and more where the
 * phone's own text is larger (适老化通用设计规范: main text from 18 to 30, targets from 60).
 */
export const TEXT_SIZES = ['standard', 'large', 'larger', 'largest'] as const;

/** One of `TEXT_SIZES`. */
export type TextSize = (typeof TEXT_SIZES)[number];

const STORED = 'huren.text-size';

/** The size chosen on this phone. */
export const storedTextSize = (): TextSize => {
  const stored = localStorage.getItem(STORED);
  return TEXT_SIZES.find((size) => size === stored) ?? 'standard';
};

/** Shows everything in the size that was chosen on this phone. */
export const applyTextSize = (size: TextSize = storedTextSize()): void => {
  document.documentElement.dataset['text'] = size;
};

/** Chooses a size and remembers it on this phone. */
export const chooseTextSize = (size: TextSize): void => {
  localStorage.setItem(STORED, size);
  applyTextSize(size);
};
