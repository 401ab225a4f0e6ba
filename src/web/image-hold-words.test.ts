import { expect, it } from 'vitest';
import { HOLD_REASON_WORDS } from './image-hold-words.ts';

it('A file that was read and went to the wrong address is not called unreadable', () => {
  // Its case is one of those of what could not be taken; the line beside it says why.
  expect(HOLD_REASON_WORDS.unreadable).not.toContain('无法读取');
});
