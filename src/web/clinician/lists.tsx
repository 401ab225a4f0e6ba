import type { KeyboardEvent, ReactNode } from 'react';

/** One list of a patient's page. */
export interface ListChoice<Key extends string> {
  readonly key: Key;
  readonly label: string;
}

/**
 * Tabs over the lists of a patient. They wrap on a narrow screen: antd's put what does not fit behind a button that a
 * screen reader cannot place.
 */
export const Lists = <Key extends string>({
  label,
  choices,
  chosen,
  onChoose,
  children,
}: {
  readonly label: string;
  readonly choices: readonly ListChoice<Key>[];
  readonly chosen: Key;
  readonly onChoose: (key: Key) => void;
  readonly children: ReactNode;
}) => {
  const at = choices.findIndex(({ key }) => key === chosen);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    const next = choices[(at + step + choices.length) % choices.length];
    if (step === 0 || !next) return;
    event.preventDefault();
    onChoose(next.key);
    event.currentTarget.querySelector<HTMLElement>(`#list-${next.key}`)?.focus();
  };
  return (
    <>
      <div role="tablist" aria-label={label} className="lists" onKeyDown={onKeyDown}>
        {choices.map((choice) => (
          <button
            key={choice.key}
            id={`list-${choice.key}`}
            type="button"
            role="tab"
            aria-selected={choice.key === chosen}
            aria-controls="list-panel"
            tabIndex={choice.key === chosen ? 0 : -1}
            onClick={() => onChoose(choice.key)}
          >
            {choice.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="list-panel" aria-labelledby={`list-${chosen}`}>
        {children}
      </div>
    </>
  );
};
