import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ViewedSeries, ViewedStudy } from '../wire/viewed-study.ts';
import { type DicomJson, numberAt, TAG, textAt } from './dicom-json.ts';
import { seriesAddress } from './addresses.ts';
import { fetchInstance, fetchMetadata } from './dicomweb.ts';
import { Failed } from './failed.tsx';
import {
  MM_PER_MILLIVOLT,
  paperOf,
  pathOf,
  secondsOf,
  sheetsOf,
  type Waveform,
  waveformOf,
} from './waveform.ts';

const ROW_MM = 30;
const MARGIN_MM = 8;
/** Below this the small squares run together. */
const SMALLEST_PX_PER_MM = 2.6;
/** Height of 1 mV, half a large square wide, as every paper begins. */
const CALIBRATION = (baseMm: number): string =>
  `M1 ${baseMm}H2.5V${baseMm - MM_PER_MILLIVOLT}H6.5V${baseMm}H8`;

/** Lines of squares as one path: a pattern of tiles is what a browser without a graphics card paints slowest. */
const squares = (width: number, height: number, every: number): string => {
  const lines: string[] = [];
  for (let x = 0; x <= width; x += every) lines.push(`M${x} 0V${height}`);
  for (let y = 0; y <= height; y += every) lines.push(`M0 ${y}H${width}`);
  return lines.join('');
};

/** Paper with its squares: 1 mm thin, 5 mm thick. */
const Paper = ({
  waveform,
  start,
  pxPerMm,
}: {
  readonly waveform: Waveform;
  readonly start: number;
  readonly pxPerMm: number;
}) => {
  const { t } = useTranslation();
  const { pieces, rows, widthMm } = paperOf(waveform, start);
  const width = Math.ceil((widthMm + MARGIN_MM * 2) / 5) * 5;
  const height = rows * ROW_MM;
  const base = (row: number): number => row * ROW_MM + ROW_MM * 0.6;
  return (
    <svg
      className="ecg"
      role="img"
      aria-label={t('心电图 {n} 导联，25 mm/s，10 mm/mV', { n: waveform.leads.length })}
      viewBox={`0 0 ${width} ${height}`}
      width={width * pxPerMm}
      height={height * pxPerMm}
    >
      <rect width={width} height={height} fill="#fff8f6" />
      <path d={squares(width, height, 1)} fill="none" stroke="#f3c3c3" strokeWidth="0.08" />
      <path d={squares(width, height, 5)} fill="none" stroke="#e08d8d" strokeWidth="0.16" />
      {Array.from({ length: rows }, (_, row) => (
        <path key={row} d={CALIBRATION(base(row))} fill="none" stroke="#222" strokeWidth="0.25" />
      ))}
      <g transform={`translate(${MARGIN_MM} 0)`} fill="none" stroke="#111" strokeWidth="0.28">
        {pieces.map((piece) => (
          <path
            key={`${piece.lead.name} ${piece.row}`}
            d={pathOf(piece, waveform.samplesPerSecond, base(piece.row))}
          />
        ))}
      </g>
      {pieces.map((piece) => (
        <text
          key={`${piece.lead.name} ${piece.row}`}
          x={MARGIN_MM + piece.leftMm + 1}
          y={piece.row * ROW_MM + 5}
          fontSize="3.6"
          fill="#111"
        >
          {piece.lead.name}
        </text>
      ))}
    </svg>
  );
};

interface Group {
  readonly label: string | null;
  /** Null: without a scale, or not to be read. */
  readonly waveform: Waveform | null;
}

/** UIDs of the recordings of a series, in the order of their numbers. */
const recordsOf = (instances: readonly DicomJson[]): readonly string[] =>
  [...instances]
    .sort(
      (one, other) => (numberAt(one, TAG.instanceNumber) ?? 0) - (numberAt(other, TAG.instanceNumber) ?? 0),
    )
    .flatMap((instance) => textAt(instance, TAG.sopInstanceUid) ?? []);

const tenth = (seconds: number): string => String(Math.round(seconds * 10) / 10);

/** A row of buttons where there is more than one to choose from: what is not on the paper is seen to be there. */
const Choices = ({
  name,
  words,
  chosen,
  onChoose,
}: {
  readonly name: string;
  readonly words: readonly string[];
  readonly chosen: number;
  readonly onChoose: (place: number) => void;
}) =>
  words.length > 1 && (
    <p className="paper-words" role="group" aria-label={name}>
      {name}{' '}
      {words.map((word, place) => (
        <button key={word} type="button" aria-pressed={place === chosen} onClick={() => onChoose(place)}>
          {word}
        </button>
      ))}
    </p>
  );

/** An electrocardiogram drawn to scale from its samples. The squares are the scale, whatever the size of the screen. */
export const EcgPaper = ({
  study,
  series,
}: {
  readonly study: ViewedStudy;
  readonly series: ViewedSeries;
}) => {
  const { t } = useTranslation();
  const [records, setRecords] = useState<readonly string[]>([]);
  const [record, setRecord] = useState(0);
  const [groups, setGroups] = useState<readonly Group[] | null>(null);
  const [group, setGroup] = useState(0);
  const [sheet, setSheet] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const box = useRef<HTMLElement>(null);
  const [pxPerMm, setPxPerMm] = useState(SMALLEST_PX_PER_MM);
  useEffect(() => {
    const abort = new AbortController();
    const read = async (): Promise<void> => {
      const address = seriesAddress(study, series.seriesUid);
      const uids = recordsOf(await fetchMetadata(address, abort.signal));
      const uid = uids[record];
      if (!uid) throw new RangeError('no instance');
      const [bytes, { readWaveforms }] = await Promise.all([
        fetchInstance(address, uid, abort.signal),
        import('./waveform-file.ts'),
      ]);
      const read = readWaveforms(bytes).map(({ label, samples }) => ({
        label,
        waveform: samples && waveformOf(samples),
      }));
      const [first] = read.flatMap(({ waveform }) => waveform ?? []);
      if (!first) throw new RangeError('no waveform with a scale');
      setRecords(uids);
      setGroups(read);
      setGroup(read.findIndex(({ waveform }) => waveform !== null));
      setSheet(0);
      // The whole width at once where it stays readable; on a phone it scrolls.
      const fitting = (box.current?.clientWidth ?? 0) / (paperOf(first).widthMm + MARGIN_MM * 2);
      setPxPerMm(Math.max(SMALLEST_PX_PER_MM, Math.min(5, fitting)));
      performance.mark('first-pixels');
    };
    setError(null);
    setGroups(null);
    read().catch((failure: unknown) => {
      if (!abort.signal.aborted) setError(failure);
    });
    return () => abort.abort();
  }, [study, series.seriesUid, record, attempt]);
  const waveform = groups?.[group]?.waveform ?? null;
  const sheets = waveform ? sheetsOf(waveform) : [];
  const start = sheets[sheet] ?? 0;
  const seconds = waveform ? secondsOf(waveform) : 0;
  return (
    <section ref={box} className="pane paper" aria-label={t('心电图')} data-drawn={groups !== null}>
      {error !== null ? (
        <Failed error={error} retry={() => setAttempt((n) => n + 1)} />
      ) : groups === null ? (
        <p role="status">{t('正在载入心电波形…')}</p>
      ) : (
        <>
          <p className="paper-words">
            25 mm/s　10 mm/mV　{t('一小格 0.04 s、0.1 mV；以方格为准，屏幕上不是真实毫米。')}{' '}
            <button type="button" onClick={() => setPxPerMm((size) => Math.min(12, size * 1.25))}>
              {t('放大')}
            </button>{' '}
            <button type="button" onClick={() => setPxPerMm((size) => Math.max(1.5, size / 1.25))}>
              {t('缩小')}
            </button>
          </p>
          <Choices
            name={t('记录')}
            words={records.map((_, place) => t('记录 {n}', { n: place + 1 }))}
            chosen={record}
            onChoose={setRecord}
          />
          <Choices
            name={t('波形组')}
            words={groups.map(({ label }, place) =>
              `${t('波形组 {n}', { n: place + 1 })} ${label ?? ''}`.trim(),
            )}
            chosen={group}
            onChoose={(place) => {
              setGroup(place);
              setSheet(0);
            }}
          />
          <Choices
            name={t('时间段')}
            words={sheets.map((from) =>
              t('{from}–{to} 秒', { from: tenth(from), to: tenth(Math.min(seconds, from + 10)) }),
            )}
            chosen={sheet}
            onChoose={setSheet}
          />
          <div className="paper-scroll" tabIndex={0} role="group" aria-label={t('心电图，可左右滚动')}>
            {waveform ? (
              <Paper waveform={waveform} start={start} pxPerMm={pxPerMm} />
            ) : (
              <p role="status">{t('这一组波形没有标尺或编码不识别，不能按纸样画出，请看原始影像。')}</p>
            )}
          </div>
        </>
      )}
    </section>
  );
};
