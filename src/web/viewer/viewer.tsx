import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { frameAddress, seriesAddress } from './addresses.ts';
import { kindOf, windowsOf } from './display.ts';
import { EcgPaper } from './ecg-paper.tsx';
import { Failed } from './failed.tsx';
import { Heading } from './heading.tsx';
import { KeyImageList } from './key-image-list.tsx';
import { keyOf, type MarkedImage } from './key-images.ts';
import { KeySheet } from './key-sheet.tsx';
import { MprView } from './mpr-view.tsx';
import { Pane, type PaneHandle } from './pane.tsx';
import { ReportBeside } from './report-beside.tsx';
import { SeriesStrip } from './series-strip.tsx';
import { type SeriesStore, seriesStore } from './series-store.ts';
import { linkAt, linkByMiddle, linkedIndex, reversed, type ScrollLink } from './stack.ts';
import { type Act, Toolbar } from './toolbar.tsx';
import type { ToolName } from './tools.ts';
import { useCine } from './use-cine.ts';
import { useKeyImages } from './use-key-images.ts';
import { type Command, useKeys } from './use-keys.ts';
import { useLiveStudy } from './use-live-study.ts';
import { roomCode, useRoom } from './use-room.ts';
import { keepVersions } from './versions.ts';
import {
  divided,
  hangBeside,
  hangOne,
  type Layout,
  neighbour,
  type PaneContent,
  placed,
} from './viewer-state.ts';

const TOOL_KEYS: Readonly<Record<string, ToolName>> = {
  s: 'scroll',
  w: 'window',
  p: 'pan',
  z: 'zoom',
  l: 'length',
  a: 'angle',
  r: 'region',
  c: 'point',
};

/** On a phone the picture takes the width, and not every slice is fetched unasked. */
const NARROW = '(max-width: 760px)';
const isNarrow = (): boolean => window.matchMedia(NARROW).matches;
/** Tells when a phone is turned, or a window made narrow. */
const onNarrow = (tell: () => void): (() => void) => {
  const width = window.matchMedia(NARROW);
  width.addEventListener('change', tell);
  return () => width.removeEventListener('change', tell);
};
const REACH_NARROW = 20;

const stores = new Map<string, SeriesStore>();

/** The store of a series, one for each address. */
const storeOf = ({ study, series }: PaneContent): SeriesStore => {
  const address = seriesAddress(study, series.seriesUid);
  const known = stores.get(address);
  if (known) return known;
  keepVersions(study);
  const made = seriesStore(address, roomCode(), isNarrow() ? REACH_NARROW : Number.POSITIVE_INFINITY);
  made.expect(series.instances);
  stores.set(address, made);
  return made;
};

/** The whole viewer. @param opened the study as it stood when the page was made */
export const Viewer = ({ opened }: { readonly opened: ViewedStudy }) => {
  const { t } = useTranslation();
  const study = useLiveStudy(opened);
  const narrow = useSyncExternalStore(onNarrow, isNarrow);
  const [layout, setLayout] = useState<Layout>(() => hangOne(opened, narrow));
  const [prior, setPrior] = useState<ViewedStudy | null>(null);
  const [priorError, setPriorError] = useState<{ readonly id: string; readonly error: unknown } | null>(null);
  const [tool, setTool] = useState<ToolName>(narrow ? 'scroll' : 'window');
  const [linked, setLinked] = useState(false);
  /** The pane that does not reach to where the other one is. */
  const [unmatched, setUnmatched] = useState<number | null>(null);
  const [playing, setPlaying] = useState(false);
  const [reconstructed, setReconstructed] = useState(false);
  const [reportOpen, setReportOpen] = useState(true);
  const [sheet, setSheet] = useState(false);
  const [shownIndex, setShownIndex] = useState(0);
  const handles = useRef<(PaneHandle | null)[]>([]);
  const [activeHandle, setActiveHandle] = useState<PaneHandle | null>(null);
  const link = useRef<ScrollLink | null>(null);
  const keys = useKeyImages(study, prior);
  const drawsPictures = layout.panes.some((each) => each && kindOf(each.series) === 'pictures');
  const { module, room, byProcessor, error: roomError } = useRoom(drawsPictures);
  const active = layout.panes[layout.active] ?? null;

  useEffect(() => room?.choose(tool), [room, tool]);
  // What hangs nowhere yet is hung when its first pictures come; what hangs is told of those that came in meanwhile.
  useEffect(() => {
    keepVersions(study);
    for (const series of study.series)
      stores.get(seriesAddress(study, series.seriesUid))?.expect(series.instances);
    if (study.series.length > 0)
      setLayout((now) => (now.panes.every((each) => each === null) ? hangOne(study, narrow) : now));
  }, [study, narrow]);
  useCine(playing, activeHandle);

  const activate = useCallback((place: number): void => {
    setLayout((now) => (now.active === place ? now : { ...now, active: place }));
    setActiveHandle(handles.current[place] ?? null);
  }, []);

  const pair = (): readonly [PaneHandle, PaneHandle] | null => {
    const [first, second] = handles.current;
    return first && second ? [first, second] : null;
  };

  const follow = (place: number, index: number): void => {
    const both = pair();
    if (!linked || place !== layout.active || place > 1 || !both) return;
    const [first, second] = both.map(({ store }) => store.get().stack) as [
      ReturnType<SeriesStore['get']>['stack'],
      ReturnType<SeriesStore['get']>['stack'],
    ];
    link.current ??= linkByMiddle(first, second);
    const [from, to] = place === 0 ? [first, second] : [second, first];
    const wanted = linkedIndex(from, index, to, place === 0 ? link.current : reversed(link.current));
    const other = both[place === 0 ? 1 : 0];
    setUnmatched(wanted === null ? 1 - place : null);
    const { index: there, count: pictures } = other.view.state();
    // Before its pictures hang it has none to go to.
    if (wanted !== null && wanted < pictures && there !== wanted) other.view.scrollTo(wanted);
  };

  const toggleLink = (): void => {
    const both = pair();
    // What the reader has brought beside each other by hand belongs together.
    link.current =
      !linked && both
        ? linkAt(
            both[0].store.get().stack,
            both[0].view.state().index,
            both[1].store.get().stack,
            both[1].view.state().index,
          )
        : null;
    setUnmatched(null);
    setLinked(!linked);
  };

  const compare = async (id: string): Promise<void> => {
    setPriorError(null);
    try {
      const opened = await call<ViewedStudy>(`/api/studies/${id}`);
      link.current = null;
      setUnmatched(null);
      setPrior(opened);
      setLinked(true);
      setReconstructed(false);
      setLayout(narrow ? hangOne(opened, true) : hangBeside(opened, study));
    } catch (error) {
      setPriorError({ id, error });
    }
  };

  const toKeyImage = (): void => {
    const { store, view } = activeHandle ?? {};
    if (!store || !view) return;
    const { images } = store.get().stack;
    const { wanted } = view.state();
    const next = [...images.keys()]
      .map((step) => (wanted + 1 + step) % images.length)
      .find((place) => keys.all.has(keyOf(images[place] as (typeof images)[number])));
    if (next !== undefined) view.scrollTo(next);
  };

  const markImage = (): void => {
    const { store, view } = activeHandle ?? {};
    const image = view && store?.get().stack.images[view.state().index];
    if (!image || !active) return;
    const { sopInstanceUid, frame, instanceNumber } = image;
    const hasFrames = store.get().stack.images.some((each) => each.frame > 1);
    keys.toggle({
      study: active.study.id,
      seriesUid: active.series.seriesUid,
      sopInstanceUid,
      frame,
      number: hasFrames ? frame : instanceNumber,
    });
  };

  const toMarked = (mark: MarkedImage): void => {
    const of = [study, prior].find((each) => each?.id === mark.study);
    const series = of?.series.find(({ seriesUid }) => seriesUid === mark.seriesUid);
    if (!of || !series) return;
    const content = { study: of, series };
    const store = storeOf(content);
    const image = store.get().stack.images.findIndex((each) => keyOf(each) === keyOf(mark));
    const place = layout.panes.findIndex((each) => each?.series.seriesUid === mark.seriesUid);
    if (place !== -1 && image !== -1 && !reconstructed) {
      activate(place);
      handles.current[place]?.view.scrollTo(image);
      return;
    }
    store.remember(frameAddress(of, mark));
    hang(content);
  };

  const act = (what: Act): void => {
    const view = activeHandle?.view;
    if (what === 'clear') void import('./tools.ts').then(({ removeMeasurements }) => removeMeasurements());
    else if (what === 'key-image') toKeyImage();
    else if (what === 'mark') markImage();
    else if (what === 'larger' || what === 'smaller') view?.zoom(what === 'larger' ? 1.25 : 0.8);
    else if (what === 'sideways' || what === 'upside-down') view?.flip(what);
    else if (what === 'invert') view?.invert();
    else view?.reset();
  };

  const windows = windowsOf(active?.series.modality ?? null);
  const hang = (content: PaneContent): void => {
    setPlaying(false);
    setReconstructed(false);
    link.current = null;
    setUnmatched(null);
    setLayout((now) => placed(now, content));
  };

  const run = (command: Command): void => {
    const view = activeHandle?.view;
    const { wanted: index = 0, count = 0 } = view?.state() ?? {};
    if (command.kind === 'scroll') view?.scrollTo(Math.max(0, Math.min(count - 1, index + command.by)));
    else if (command.kind === 'scroll-to') view?.scrollTo(command.end === 'first' ? 0 : count - 1);
    else if (command.kind === 'series') {
      const next = neighbour(layout, command.step, prior ? [study, prior] : [study]);
      if (next) hang(next);
    } else if (command.kind === 'window') {
      const preset = windows[command.number - 1];
      if (preset) view?.setWindow(preset.centre, preset.width);
    } else if (command.kind === 'tool') setTool(TOOL_KEYS[command.letter] ?? tool);
    else if (command.act === 'link') toggleLink();
    else if (command.act === 'play') setPlaying((now) => !now);
    else if (command.act === 'keys') setSheet(true);
    else act(command.act as Act);
  };
  useKeys(run);

  const count = layout.panes.length as 1 | 2 | 4;
  const shownImage = activeHandle?.store.get().stack.images[shownIndex];
  const isMarked = shownImage !== undefined && keys.marked.some((mark) => keyOf(mark) === keyOf(shownImage));
  /** What of today's study hangs beside the prior one. */
  const beside = prior === null ? null : (layout.panes.find((each) => each?.study.id === study.id) ?? null);
  const toggles = [
    ...(narrow
      ? []
      : ([1, 2, 4] as const).map((each) => ({
          name: t('{n} 格', { n: each }),
          on: count === each && !reconstructed,
          onToggle: () => {
            setReconstructed(false);
            setUnmatched(null);
            setLayout((now) => divided(now, study, each));
          },
        }))),
    { name: t('播放'), on: playing, onToggle: () => setPlaying(!playing) },
    ...(count === 2 ? [{ name: t('联动'), on: linked, onToggle: toggleLink }] : []),
    ...(active && /^(CT|MR|PT)$/.test(active.series.modality ?? '')
      ? [{ name: t('三平面重建'), on: reconstructed, onToggle: () => setReconstructed(!reconstructed) }]
      : []),
    ...(drawsPictures ? [{ name: t('标记关键图像'), on: isMarked, onToggle: markImage }] : []),
    ...(narrow ? [] : [{ name: t('报告'), on: reportOpen, onToggle: () => setReportOpen(!reportOpen) }]),
    { name: t('按键'), on: sheet, onToggle: () => setSheet(true) },
  ];
  const shown = new Set(layout.panes.flatMap((each) => (each ? [each.series.seriesUid] : [])));

  return (
    <div className={`viewer ${reportOpen ? 'with-report' : ''}`}>
      <Heading
        study={study}
        // The own study as it is by now: what hangs keeps it as it was then.
        hung={count === 1 && active && active.study.id !== study.id ? active.study : study}
        onPrior={(id) => void compare(id)}
        openPrior={prior?.id ?? null}
      >
        {byProcessor && (
          <p className="coming" role="status">
            {t('本机图形功能失效，已改由处理器绘制，翻阅会慢一些。')}
          </p>
        )}
      </Heading>
      {drawsPictures && (
        <Toolbar
          tool={tool}
          onTool={setTool}
          windows={windows}
          onWindow={({ centre, width }) => activeHandle?.view.setWindow(centre, width)}
          onAct={act}
          toggles={toggles}
          narrow={narrow}
        />
      )}
      <main id="main" className={`panes panes-${reconstructed ? 'mpr' : count}`} tabIndex={-1}>
        {priorError && <Failed error={priorError.error} retry={() => void compare(priorError.id)} />}
        {roomError !== null && roomError !== undefined && (
          <Failed error={roomError} retry={() => window.location.reload()} />
        )}
        {reconstructed && active && room && module ? (
          <MprView
            key={active.series.seriesUid}
            study={active.study}
            store={storeOf(active)}
            module={module}
            room={room}
          />
        ) : (
          layout.panes.map((content, place) =>
            content === null ? (
              <p key={`empty ${place}`} className="plain" role="status">
                {study.state === 'receiving'
                  ? t('影像上传中，还没有收到图像。')
                  : t('这里没有挂图像：从序列中选一个。')}
              </p>
            ) : kindOf(content.series) === 'waveform' ? (
              <EcgPaper key={content.series.seriesUid} study={content.study} series={content.series} />
            ) : (
              <Pane
                key={`${place} ${content.study.id} ${content.series.seriesUid}`}
                study={content.study}
                series={content.series}
                store={storeOf(content)}
                room={room}
                active={place === layout.active}
                keys={keys.all}
                single={count === 1}
                windowOf={storeOf(content.study.id === prior?.id && beside ? beside : content)}
                unmatched={place === unmatched}
                onActivate={() => activate(place)}
                onHandle={(handle) => {
                  handles.current[place] = handle;
                  if (place === layout.active) setActiveHandle(handle);
                }}
                onIndex={(index) => {
                  if (place === layout.active) setShownIndex(index);
                  follow(place, index);
                }}
              />
            ),
          )
        )}
      </main>
      <div className="strips">
        <SeriesStrip
          study={study}
          heading={prior ? t('本次') : t('序列')}
          chosen={shown}
          onChoose={(series) => hang({ study, series })}
        />
        {prior && (
          <SeriesStrip
            study={prior}
            heading={t('对比')}
            chosen={shown}
            onChoose={(series) => hang({ study: prior, series })}
          />
        )}
        <KeyImageList
          marked={keys.marked}
          kept={keys.kept}
          studies={prior ? [study, prior] : [study]}
          onGo={toMarked}
          onNext={keys.all.size > 0 ? toKeyImage : null}
        />
      </div>
      {(reportOpen || narrow) && <ReportBeside study={study} prior={prior} />}
      <KeySheet open={sheet} onClose={() => setSheet(false)} />
    </div>
  );
};
