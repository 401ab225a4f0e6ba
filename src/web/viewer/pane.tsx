import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { ViewedSeries, ViewedStudy } from '../wire/viewed-study.ts';
import { Failed, isNotNow } from './failed.tsx';
import { FirstImage } from './first-image.tsx';
import { firstWindowOf } from './display.ts';
import { PaneText } from './pane-text.tsx';
import { Preview } from './preview.tsx';
import type { PaneState, PaneView, Room } from './room.ts';
import type { SeriesStore } from './series-store.ts';
import type { Stack } from './stack.ts';
import { VideoView } from './video-view.tsx';

/** What a pane hands to its frame while it is there. */
export interface PaneHandle {
  readonly store: SeriesStore;
  readonly view: PaneView;
}

/** Reads a series as it comes. */
export const useSeries = (store: SeriesStore) => useSyncExternalStore(store.subscribe, store.get);

/** One pane with the pictures of one series: a preview first, then the real pixels. */
export const Pane = ({
  study,
  series,
  store,
  room,
  active,
  keys,
  single,
  windowOf,
  unmatched,
  onActivate,
  onHandle,
  onIndex,
}: {
  readonly study: ViewedStudy;
  readonly series: ViewedSeries;
  readonly store: SeriesStore;
  readonly room: Room | null;
  readonly active: boolean;
  readonly keys: ReadonlySet<string>;
  /** True where it is the only pane, so that nothing has to tell which one is active. */
  readonly single: boolean;
  /** Series in whose window it opens: what stands beside each other is compared in one window. */
  readonly windowOf: SeriesStore;
  /** True where the pane that it follows shows a place that this study does not reach. */
  readonly unmatched: boolean;
  readonly onActivate: () => void;
  readonly onHandle: (handle: PaneHandle | null) => void;
  readonly onIndex: (index: number) => void;
}) => {
  const { t } = useTranslation();
  const state = useSeries(store);
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<PaneView>(null);
  const [shown, setShown] = useState<PaneState | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const [chosenVideo, chooseVideo] = useState<string | null>(null);
  const ready = state.phase === 'ready' && state.stack.images.length > 0;
  const { images } = state.stack;
  // The callbacks of the frame change at each drawing of it; what is set up once must call the newest.
  const calls = useRef({ onHandle, onIndex });
  calls.current = { onHandle, onIndex };
  const stacked = useRef<Stack>(null);
  const settled = useRef<Promise<void>>(Promise.resolve());

  useEffect(() => {
    const element = box.current;
    if (!room || !ready || !element) return;
    setFailure(null);
    const own = store.get().traits;
    const like = windowOf.get().traits;
    const opens = firstWindowOf(like.modality === own.modality ? like : own);
    const pane = room.open(element, opens);
    const { stack } = store.get();
    view.current = pane;
    stacked.current = stack;
    let frame = 0;
    let last = -1;
    pane.onChange(() => {
      // One that is due already tells of this change too. Put off at every change, it would never come while a clip runs.
      if (frame !== 0) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        const now = pane.state();
        setShown(now);
        if (now.drawn && now.index !== last) {
          last = now.index;
          store.fetchFrom(now.index);
          const shownImage = store.get().stack.images[now.index];
          if (shownImage) store.remember(shownImage.imageId);
          calls.current.onIndex(now.index);
        }
        if (now.drawn) for (const mark of ['first-pixels', 'drawn-by-tools']) performance.mark(mark);
      });
    });
    const first = store.firstIndex();
    settled.current = pane
      .show(
        stack.images.map(({ imageId }) => imageId),
        first,
      )
      .then(() => store.fetchFrom(first), setFailure);
    calls.current.onHandle({ store, view: pane });
    const observer = new ResizeObserver(() => pane.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      calls.current.onHandle(null);
      view.current = null;
      setShown(null);
      pane.close();
    };
  }, [room, ready, store, windowOf, attempt]);

  // Pictures that came in meanwhile join those that hang, and nothing jumps.
  useEffect(() => {
    const pane = view.current;
    const { stack } = state;
    if (!pane || stacked.current === stack) return;
    stacked.current = stack;
    settled.current = settled.current.then(async () => {
      if (view.current !== pane || stacked.current !== stack) return;
      await pane.extend(stack.images.map(({ imageId }) => imageId));
      store.fetchFrom(pane.state().index);
    }, setFailure);
  }, [state.stack, store]);

  const again = (): void => {
    store.retry();
    setAttempt((n) => n + 1);
  };
  const refusal = state.phase === 'failed' ? state.error : failure;
  // What is recalled has not failed: the preview stays until the notice of the recall loads the page anew.
  const error = study.recall !== null && isNotNow(refusal) ? null : refusal;
  const drawn = shown?.drawn === true;
  const { videos } = state;
  const video =
    videos.find(({ sopInstanceUid }) => sopInstanceUid === chosenVideo) ??
    (images.length === 0 ? videos[0] : undefined);
  return (
    <section
      className={`pane ${active && !single ? 'active' : ''}`}
      aria-label={t('图像：{series}', { series: series.description ?? series.modality ?? '' })}
      data-drawn={drawn}
      onPointerDown={onActivate}
      onWheelCapture={onActivate}
      onFocus={onActivate}
    >
      <div
        ref={box}
        className="canvas"
        tabIndex={0}
        inert={video !== undefined}
        role="application"
        aria-label={t('第 {n} 幅，共 {count} 幅。上下键翻阅，问号看按键', {
          n: (shown?.index ?? 0) + 1,
          count: images.length,
        })}
        onContextMenu={(event) => event.preventDefault()}
      />
      {!video && !drawn && !error && state.first === null && <Preview study={study} series={series} />}
      {!video && !drawn && !error && state.first !== null && <FirstImage picture={state.first} />}
      {!video && drawn && unmatched && (
        <div className="unmatched">
          <p role="status">{t('无对应层面：这次检查没有覆盖对侧所示的位置')}</p>
        </div>
      )}
      {!video && drawn && shown?.broken && (
        <div className="cover">
          <p role="alert">
            {t('第 {n} 幅未能打开，不代表没有图像', { n: shown.wanted + 1 })}{' '}
            <button type="button" onClick={() => view.current?.scrollTo(shown.wanted)}>
              {t('重试')}
            </button>
          </p>
        </div>
      )}
      {!video && error !== null && error !== undefined && <Failed error={error} retry={again} />}
      {state.phase === 'ready' && images.length === 0 && !video && (
        <p className="plain">{t('这个序列没有可显示的图像（可能是文档或结构化数据）。')}</p>
      )}
      {!video && drawn && shown && (
        <PaneText study={study} series={series} state={state} shown={shown} keys={keys} view={view.current} />
      )}
      {video && <VideoView key={video.sopInstanceUid} study={study} series={series} video={video} />}
      {videos.length + Math.min(1, images.length) > 1 && (
        <div className="clips" role="group" aria-label={t('图像与视频')}>
          {images.length > 0 && (
            <button type="button" aria-pressed={!video} onClick={() => chooseVideo(null)}>
              {t('图像')}
            </button>
          )}
          {videos.map((each, place) => (
            <button
              key={each.sopInstanceUid}
              type="button"
              aria-pressed={each === video}
              onClick={() => chooseVideo(each.sopInstanceUid)}
            >
              {t('视频 {n}', { n: place + 1 })}
            </button>
          ))}
        </div>
      )}
      {!video && images.length > 1 && (
        <input
          className="slice"
          type="range"
          aria-label={t('翻阅到第几幅')}
          min={1}
          max={images.length}
          value={(shown?.wanted ?? 0) + 1}
          onChange={(event) => view.current?.scrollTo(Number(event.target.value) - 1)}
        />
      )}
    </section>
  );
};
