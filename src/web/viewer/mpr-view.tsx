import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import type { Vector } from './image.ts';
import { useSeries } from './pane.tsx';
import { type EdgeLetters, Edges, edgesOf, Origin, WindowLines } from './pane-text.tsx';
import type { PaneState, PaneView, Room } from './room.ts';
import type * as room from './room.ts';
import { firstWindowOf } from './display.ts';
import {
  cutAt,
  cutCount,
  type Cut,
  type NoVolume,
  type Pixels,
  type SliceVolume,
  transposed,
  volumeShape,
} from './reslice.ts';
import type { SeriesStore } from './series-store.ts';
import type { StackAxis } from './stack.ts';

type RoomModule = typeof room;

const PLANES: Readonly<Record<StackAxis, readonly [string, string, string]>> = {
  'head-feet': ['横断面', '冠状面', '矢状面'],
  side: ['矢状面', '横断面', '冠状面'],
  'front-back': ['冠状面', '横断面', '矢状面'],
};

const CUTS: readonly Cut[] = ['along-rows', 'along-columns'];

/** Cuts whose rows and columns change places, so that every plane stands as it is read: head or front up. */
const TURNED: Readonly<Record<StackAxis, readonly Cut[]>> = {
  'head-feet': [],
  side: CUTS,
  'front-back': ['along-columns'],
};

const WHY: Readonly<Record<NoVolume, string>> = {
  'too-few': '层数太少，不能重建。',
  'no-places': '图像没有空间位置，不能重建。',
  uneven: '层间距不均匀或有缺层，不能重建。',
  tilted: '扫描时机架倾斜，重建会变形，不能重建。',
  'sizes-differ': '各层大小不同，不能重建。',
  colour: '彩色图像不能重建。',
};

let volumes = 0;

/** Offers the two cuts of a volume to the room; gives the addresses of their pictures. */
const offerCuts = (
  { offerMade }: RoomModule,
  volume: SliceVolume,
  axis: StackAxis,
  like: string,
  thick: number,
): readonly (readonly string[])[] =>
  CUTS.map((cut) => {
    const scheme = `cut${++volumes}`;
    const isTurned = TURNED[axis].includes(cut);
    offerMade(scheme, like, (at) => {
      const picture = cutAt(volume, cut, at, thick);
      return isTurned ? transposed(picture) : picture;
    });
    return Array.from({ length: cutCount(volume, cut) }, (_, at) => `${scheme}:${at}`);
  });

/** Where the other two planes cross a pane, in its CSS pixels. */
interface Crossing {
  readonly x: number;
  readonly y: number;
}

/** What one plane shows at present. */
interface ShownPlane {
  readonly crossing: Crossing;
  readonly state: PaneState;
  readonly edges: EdgeLetters | null;
  /** Along the axis that the plane is at right angles to, e.g. `H 12.5 mm`. */
  readonly place: string;
}

/** Letters of the ways along which the patient's coordinates grow, and of the ways back. */
const AXES = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
] as const;

/** Where a plane lies: how far along the axis that it is most nearly at right angles to. */
const placeOf = (normal: Vector, at: Vector): string => {
  const sizes = normal.map(Math.abs);
  const axis = sizes.indexOf(Math.max(...sizes)) as 0 | 1 | 2;
  const letter = AXES[axis][at[axis] < 0 ? 1 : 0];
  return `${letter} ${Math.abs(at[axis]).toFixed(1)} mm`;
};

const PlaneText = ({
  name,
  study,
  thickness,
  shown,
}: {
  readonly name: string;
  readonly study: ViewedStudy;
  /** Words of how thick the plane is. */
  readonly thickness: string;
  readonly shown: ShownPlane | null;
}) => {
  const { t } = useTranslation();
  return (
    <div className="over" aria-hidden="true">
      <Origin study={study} />
      <div className="top-right">
        <span>{name}</span>
        {shown && (
          <>
            <b>
              {shown.state.index + 1} / {shown.state.count}
            </b>
            <span>{t('位置 {place}', { place: shown.place })}</span>
          </>
        )}
        <span>{thickness}</span>
      </div>
      <div className="bottom-left">{shown && <WindowLines shown={shown.state} />}</div>
      <Edges edges={shown?.edges ?? null} />
    </div>
  );
};

const Plane = ({
  name,
  study,
  thickness,
  shown,
  boxRef,
  onCross,
}: {
  readonly name: string;
  readonly study: ViewedStudy;
  readonly thickness: string;
  readonly shown: ShownPlane | null;
  readonly boxRef: (element: HTMLDivElement | null) => void;
  readonly onCross: (at: readonly [number, number]) => void;
}) => {
  const { t } = useTranslation();
  return (
    <section className="pane plane" aria-label={name}>
      <div
        ref={boxRef}
        className="canvas"
        tabIndex={0}
        role="application"
        aria-label={t('{plane}，滚轮翻阅，双击定位', { plane: name })}
        onContextMenu={(event) => event.preventDefault()}
        onDoubleClick={(event) => {
          const { left, top } = event.currentTarget.getBoundingClientRect();
          onCross([event.clientX - left, event.clientY - top]);
        }}
      />
      {shown && (
        <svg className="cross" aria-hidden="true">
          <line x1="0" x2="100%" y1={shown.crossing.y} y2={shown.crossing.y} />
          <line y1="0" y2="100%" x1={shown.crossing.x} x2={shown.crossing.x} />
        </svg>
      )}
      <PlaneText name={name} study={study} thickness={thickness} shown={shown} />
    </section>
  );
};

/**
 * The three planes of a volume. They are cut out of the fetched pixels by the processor, picture by picture as they are looked
 * at: no volume goes to the graphics card, so that it works where there is none.
 */
export const MprView = ({
  study,
  store,
  module,
  room,
}: {
  readonly study: ViewedStudy;
  readonly store: SeriesStore;
  readonly module: RoomModule;
  readonly room: Room;
}) => {
  const { t } = useTranslation();
  const state = useSeries(store);
  const { stack } = state;
  const total = stack.images.length;
  const shape = volumeShape(stack);
  const [thick, setThick] = useState(0);
  const boxes = useRef<(HTMLDivElement | null)[]>([null, null, null]);
  const views = useRef<readonly PaneView[]>([]);
  const [shown, setShown] = useState<readonly ShownPlane[]>([]);
  const [why, setWhy] = useState<NoVolume | null>('why' in shape ? shape.why : null);
  const whole = state.fetched >= total && total > 0;

  useEffect(() => store.fetchAll(), [store]);

  useEffect(() => {
    if (!whole || !('shape' in shape)) return;
    const slices = stack.images.map(({ imageId }) => module.pixelsOf(imageId));
    if (slices.some((each) => each === null)) {
      setWhy('colour');
      return;
    }
    const volume: SliceVolume = { ...shape.shape, slices: slices as Pixels[] };
    const ids = stack.images.map(({ imageId }) => imageId);
    const sets = [ids, ...offerCuts(module, volume, stack.axis as StackAxis, ids[0] as string, thick)];
    const opens = firstWindowOf(state.traits);
    const made = boxes.current.map((box) => room.open(box as HTMLDivElement, opens));
    views.current = made;
    let frame = 0;
    /** The point in the patient where the three planes meet. */
    const meeting = (): readonly [number, number, number] => {
      const [k, j, i] = made.map((view) => view.state().index) as [number, number, number];
      const { origin, rowDirection, columnDirection, sliceDirection, spacingMm } = volume;
      return [0, 1, 2].map(
        (axis) =>
          (origin[axis as 0] as number) +
          rowDirection[axis as 0] * i * spacingMm[0] +
          columnDirection[axis as 0] * j * spacingMm[1] +
          sliceDirection[axis as 0] * k * spacingMm[2],
      ) as [number, number, number];
    };
    const redraw = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        if (!made.every((view) => view.state().drawn)) return;
        const at = meeting();
        const { rowDirection, columnDirection, sliceDirection } = volume;
        const normals = [sliceDirection, columnDirection, rowDirection];
        setShown(
          made.map((view, place) => {
            const [x, y] = view.toCanvas(at);
            return {
              crossing: { x, y },
              state: view.state(),
              edges: edgesOf(view, { rowDirection, statedDirections: null }),
              place: placeOf(normals[place] as Vector, at),
            };
          }),
        );
      });
    };
    for (const [place, view] of made.entries()) {
      view.onChange(redraw);
      const set = sets[place] as readonly string[];
      void view.show(set, Math.floor(set.length / 2)).catch(() => setWhy('no-places'));
    }
    const observer = new ResizeObserver(() => {
      made[0]?.resize();
      redraw();
    });
    if (boxes.current[0]) observer.observe(boxes.current[0]);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      setShown([]);
      for (const view of made) view.close();
      views.current = [];
    };
  }, [whole, thick, store, room, module]);

  const cross = (plane: number, at: readonly [number, number]): void => {
    if (!('shape' in shape)) return;
    const { origin, rowDirection, columnDirection, sliceDirection, spacingMm } = shape.shape;
    const point = views.current[plane]?.toPatient(at);
    if (!point) return;
    const way = point.map((part, axis) => part - origin[axis as 0]);
    const far = (direction: readonly number[]): number =>
      way.reduce((sum, part, axis) => sum + part * (direction[axis] as number), 0);
    const places = [
      far(sliceDirection) / spacingMm[2],
      far(columnDirection) / spacingMm[1],
      far(rowDirection) / spacingMm[0],
    ];
    for (const [other, view] of views.current.entries()) {
      const { count } = view.state();
      if (other !== plane)
        view.scrollTo(Math.max(0, Math.min(count - 1, Math.round(places[other] as number))));
    }
  };

  if (why !== null)
    return (
      <p className="plain" role="status">
        {t(WHY[why])}
      </p>
    );
  const names = PLANES[stack.axis ?? 'head-feet'];
  const [own] = stack.images;
  const cutWords = thick === 0 ? t('重建层面') : t('最大密度投影 {n} 层', { n: thick * 2 + 1 });
  const thicknesses = [
    own?.sliceThicknessMm ? t('层厚 {mm}', { mm: `${own.sliceThicknessMm} mm` }) : '',
    cutWords,
    cutWords,
  ];
  return (
    <div className="mpr">
      {!whole && (
        <div className="mpr-progress" role="status">
          <p>
            {t('重建要先载入全部图像：{n}/{count}', { n: state.fetched, count: total })}
            {state.failed.length > 0 && ` ${t('{n} 幅未能打开', { n: state.failed.length })}`}
          </p>
          <progress max={total} value={state.fetched} aria-label={t('已载入的图像')} />
          {state.failed.length > 0 && (
            <button type="button" onClick={store.retry}>
              {t('重试')}
            </button>
          )}
        </div>
      )}
      {names.map((name, place) => (
        <Plane
          key={name}
          name={t(name)}
          study={study}
          thickness={thicknesses[place] as string}
          shown={shown[place] ?? null}
          boxRef={(element) => void (boxes.current[place] = element)}
          onCross={(at) => cross(place, at)}
        />
      ))}
      <label className="thick">
        {t('最大密度投影厚度')}
        <select value={thick} onChange={({ target }) => setThick(Number(target.value))}>
          {[0, 2, 5, 10].map((each) => (
            <option key={each} value={each}>
              {each === 0 ? t('不叠加') : t('{n} 层', { n: each * 2 + 1 })}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
};
