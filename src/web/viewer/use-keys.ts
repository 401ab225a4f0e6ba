import { useEffect, useRef } from 'react';

/** What a key of the viewer asks for. */
export type Command =
  | { readonly kind: 'scroll'; readonly by: number }
  | { readonly kind: 'scroll-to'; readonly end: 'first' | 'last' }
  | { readonly kind: 'series'; readonly step: 1 | -1 }
  | { readonly kind: 'window'; readonly number: number }
  | { readonly kind: 'tool'; readonly letter: string }
  | { readonly kind: 'act'; readonly act: string };

const SCROLLS: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
};

const ACTS: Readonly<Record<string, string>> = {
  i: 'invert',
  h: 'sideways',
  v: 'upside-down',
  '+': 'larger',
  '=': 'larger',
  '-': 'smaller',
  '0': 'reset',
  k: 'key-image',
  m: 'mark',
  b: 'link',
  ' ': 'play',
  '?': 'keys',
};

/** What a key means in the viewer; null for nothing. */
export const commandOf = (key: string): Command | null => {
  const small = key.toLowerCase();
  const by = SCROLLS[key];
  if (by !== undefined) return { kind: 'scroll', by };
  if (key === 'Home' || key === 'End') return { kind: 'scroll-to', end: key === 'Home' ? 'first' : 'last' };
  if (key === '[' || key === ']') return { kind: 'series', step: key === ']' ? 1 : -1 };
  if (/^[1-9]$/.test(key)) return { kind: 'window', number: Number(key) };
  if (/^[swpzlarc]$/.test(small)) return { kind: 'tool', letter: small };
  const act = ACTS[small];
  return act === undefined ? null : { kind: 'act', act };
};

/** True where the key belongs to what has the focus: a choice, a slider, a video, a dialogue, a button under the space bar. */
const isTaken = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean => {
  if (ctrlKey || metaKey || altKey) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (/^(INPUT|SELECT|TEXTAREA|VIDEO)$/.test(target.tagName) || target.closest('dialog') !== null)
    return true;
  const isLinkOrButton = /^(BUTTON|A)$/.test(target.tagName);
  // Arrow keys scroll what can be scrolled, unless it is a picture.
  const scrolls =
    target.closest('.canvas') === null && target.closest('.report-beside, .paper-scroll') !== null;
  return (isLinkOrButton && key === ' ') || (scrolls && key in SCROLLS);
};

/** Runs the viewer's commands by the keyboard. */
export const useKeys = (run: (command: Command) => void): void => {
  const newest = useRef(run);
  newest.current = run;
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (isTaken(event)) return;
      const command = commandOf(event.key);
      if (!command) return;
      event.preventDefault();
      newest.current(command);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
};
