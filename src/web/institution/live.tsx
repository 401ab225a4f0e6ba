import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { timeText } from './wording.ts';

const REFRESH_MS = 5_000;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

/** Calls `act` when a key is pressed outside a field. */
export const useKey = (key: string, act: () => void): void => {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [key, act]);
};

/** A refresh that goes on by itself and can be paused. */
export interface Live {
  readonly paused: boolean;
  readonly toggle: () => void;
  /** For `refetchInterval`. */
  readonly interval: number | false;
}

/** Starts one; `p` pauses it. */
export const useLive = (): Live => {
  const [paused, setPaused] = useState(false);
  const toggle = (): void => setPaused((before) => !before);
  useKey('p', toggle);
  return { paused, toggle, interval: paused ? false : REFRESH_MS };
};

/** As of when, and the button that pauses. */
export const LiveBar = ({ live, asOf }: { readonly live: Live; readonly asOf: string | undefined }) => {
  const { t } = useTranslation();
  return (
    <span className="live">
      {asOf && (
        <span>
          {t('截至')} {timeText(asOf)}
        </span>
      )}
      <Button onClick={live.toggle} aria-pressed={live.paused} aria-keyshortcuts="p">
        {live.paused ? t('继续刷新') : t('暂停刷新')} (P)
      </Button>
    </span>
  );
};
