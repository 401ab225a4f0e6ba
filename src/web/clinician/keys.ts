/** True while the reader types text, so that a letter is no command; or while a dialogue has the keyboard. */
export const isTyping = (event: KeyboardEvent): boolean => {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
      target.closest('[role="dialog"]') !== null)
  );
};
