import { useTranslation } from 'react-i18next';
import type { ViewedSeries, ViewedStudy } from '../wire/viewed-study.ts';
import { gapWords } from './display.ts';
import { lettersOf, type Vector, type ViewedImage } from './image.ts';
import { keyOf } from './key-images.ts';
import type { PaneState, PaneView } from './room.ts';
import { scaleWords } from './scale.ts';
import type { SeriesState } from './series-store.ts';

const SEX = { male: '男', female: '女', unknown: '', 'not-stated': '' } as const;

const opposite: Readonly<Record<string, string>> = { L: 'R', R: 'L', A: 'P', P: 'A', H: 'F', F: 'H' };
const turned = (letters: string): string => [...letters].map((each) => opposite[each] ?? each).join('');

/** Letters at the edges of a picture. */
export interface EdgeLetters {
  readonly right: string;
  readonly bottom: string;
  readonly left: string;
  readonly top: string;
}

/** Where a projection has no place in the patient, its rows run along x and its columns along y of the pane's own space. */
const statedLetters =
  ([row, column]: readonly [string, string]) =>
  ([x, y]: Vector): string => {
    const [letters, way] = Math.abs(x) >= Math.abs(y) ? [row, x] : [column, y];
    return way > 0 ? letters : turned(letters);
  };

/**
 * Letters at the four edges, from where the picture's corners lie in the patient, or by what a projection states of its rows and
 * columns: they follow every turning. Null where the picture says nothing of it.
 */
export const edgesOf = (
  view: PaneView | null,
  image: Pick<ViewedImage, 'rowDirection' | 'statedDirections'> | undefined,
): EdgeLetters | null => {
  if (!view || !image) return null;
  const { rowDirection, statedDirections } = image;
  const name = rowDirection ? lettersOf : statedDirections && statedLetters(statedDirections);
  if (!name) return null;
  const [x, y] = [view.toPatient([0, 0]), view.toPatient([100, 0])];
  const z = view.toPatient([0, 100]);
  const direction = (to: readonly number[]): Vector => {
    const way = to.map((part, axis) => part - (x[axis] as number));
    const length = Math.hypot(...way) || 1;
    return way.map((part) => part / length) as unknown as Vector;
  };
  const right = name(direction(y));
  const bottom = name(direction(z));
  return { right, bottom, left: turned(right), top: turned(bottom) };
};

/** The letters on the pane. */
export const Edges = ({ edges }: { readonly edges: EdgeLetters | null }) =>
  edges && (
    <>
      <i className="edge left">{edges.left}</i>
      <i className="edge right">{edges.right}</i>
      <i className="edge top">{edges.top}</i>
      <i className="edge bottom">{edges.bottom}</i>
    </>
  );

/** The window in which a picture is shown, and how its values are drawn where that is no line. */
export const WindowLines = ({ shown }: { readonly shown: PaneState }) => {
  const { t } = useTranslation();
  return (
    <>
      {shown.width !== null && shown.centre !== null && (
        <span>
          {t('窗宽 {width} 窗位 {centre}', {
            width: Math.round(shown.width),
            centre: Math.round(shown.centre),
          })}
          {shown.inverted && ` ${t('反相')}`}
        </span>
      )}
      {shown.curve === 'table' && <span>{t('按图像自带的显示曲线显示')}</span>}
      {shown.curve === 'sigmoid' && <span>{t('按图像自带的 S 形曲线显示')}</span>}
      {shown.curve === 'unread' && (
        <span className="warn">{t('此图像自带显示曲线，本页未应用，明暗可能与原机不同')}</span>
      )}
    </>
  );
};

/** What a reader who measures has to know of this picture. */
const ScaleLine = ({ image }: { readonly image: ViewedImage }) => {
  const { t } = useTranslation();
  if (image.hasCentimetres) return <span>{t('标定区域内按厘米测量，区域外按像素')}</span>;
  if (image.scale === null) return <span className="warn">{t('无像素间距，只能按像素测量')}</span>;
  const note = scaleWords(image.scale);
  if (note === null) return null;
  const isDoubtful = image.scale === 'detector' || image.scale === 'unstated';
  return <span className={isDoubtful ? 'warn' : ''}>{t(note, { factor: image.magnification ?? '' })}</span>;
};

const thicknessOf = (state: SeriesState, index: number): string | null => {
  const { sliceThicknessMm } = state.stack.images[index] ?? {};
  return sliceThicknessMm === null || sliceThicknessMm === undefined ? null : `${sliceThicknessMm} mm`;
};

/** Whose picture it is, where from and of when. */
export const Origin = ({ study }: { readonly study: ViewedStudy }) => {
  const { t, i18n } = useTranslation();
  const { patient, institution } = study;
  return (
    <div className="top-left">
      {patient && (
        <b>
          {patient.name ?? t('未登记姓名')} {SEX[patient.sex]}
        </b>
      )}
      <span>
        {study.audience === 'staff' && (institution.own ? t('本院') : t('外院'))}{' '}
        {i18n.language === 'en' ? institution.nameEn : institution.nameZh}
      </span>
      <span>{study.studiedAt ?? t('检查时间未注明')}</span>
    </div>
  );
};

/** What is written over the picture: whose, where from, which slice, which window; orientation; what is amiss. */
export const PaneText = ({
  study,
  series,
  state,
  shown,
  keys,
  view,
}: {
  readonly study: ViewedStudy;
  readonly series: ViewedSeries;
  readonly state: SeriesState;
  readonly shown: PaneState;
  readonly keys: ReadonlySet<string>;
  readonly view: PaneView | null;
}) => {
  const { t } = useTranslation();
  const { stack, fetched, failed } = state;
  const image = stack.images[shown.index];
  const edges = edgesOf(view, image);
  const gaps = stack.gapsAfter.length;
  const isComing = fetched + failed.length < stack.images.length && fetched > 0;
  return (
    <div className="over" aria-hidden="true">
      <Origin study={study} />
      <div className="top-right">
        <span>{series.description ?? series.modality}</span>
        <b>
          {shown.index + 1} / {shown.count}
        </b>
        {thicknessOf(state, shown.index) && (
          <span>{t('层厚 {mm}', { mm: thicknessOf(state, shown.index) })}</span>
        )}
        {image && keys.has(keyOf(image)) && <b className="key">★ {t('关键图像')}</b>}
      </div>
      <div className="bottom-left">
        <WindowLines shown={shown} />
        <span>{t('缩放 {percent}%', { percent: Math.round(shown.zoom * 100) })}</span>
        {image && <ScaleLine image={image} />}
        {image?.lossy && <span className="warn">{t('来源有损压缩')}</span>}
      </div>
      <div className="bottom-right">
        {isComing && <span>{t('已载入 {n}/{count}', { n: fetched, count: stack.images.length })}</span>}
        {failed.length > 0 && <span className="warn">{t('{n} 幅未能打开', { n: failed.length })}</span>}
        {gaps > 0 && <span className="warn">{t(gapWords(study.state), { n: gaps })}</span>}
      </div>
      <Edges edges={edges} />
    </div>
  );
};
