import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ViewedSeries, ViewedStudy } from '../wire/viewed-study.ts';
import { thumbnailAddress } from './addresses.ts';
import { kindOf } from './display.ts';

const Entry = ({
  study,
  series,
  chosen,
  onChoose,
}: {
  readonly study: ViewedStudy;
  readonly series: ViewedSeries;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}) => {
  const { t } = useTranslation();
  const [isDrawn, setDrawn] = useState(true);
  const kind = kindOf(series);
  const name = series.description ?? series.bodyPart ?? series.modality ?? t('未命名序列');
  return (
    <li>
      <button type="button" className="series" aria-pressed={chosen} onClick={onChoose}>
        {kind === 'pictures' && isDrawn ? (
          <img
            src={thumbnailAddress(study, series.seriesUid)}
            alt=""
            width="64"
            height="64"
            loading="lazy"
            onError={() => setDrawn(false)}
          />
        ) : (
          <span className="no-picture">
            {kind === 'waveform' ? t('心电') : kind === 'document' ? t('文档') : t('无预览')}
          </span>
        )}
        <span className="series-words">
          <b>{name}</b>
          <span>
            {series.modality}
            {series.laterality && ` ${series.laterality}`}　{t('{n} 幅', { n: series.instances })}
          </span>
        </span>
      </button>
    </li>
  );
};

/** The series of a study with small pictures; one is chosen for the active pane. */
export const SeriesStrip = ({
  study,
  heading,
  chosen,
  onChoose,
}: {
  readonly study: ViewedStudy;
  readonly heading: string;
  /** Series that panes show at present. */
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (series: ViewedSeries) => void;
}) => {
  const { t } = useTranslation();
  return (
    <section className="strip" aria-label={heading}>
      <h2>{heading}</h2>
      {study.series.length === 0 ? (
        <p>{study.state === 'receiving' ? t('影像上传中，还没有收到图像。') : t('这次检查没有收到图像。')}</p>
      ) : (
        <ul>
          {study.series.map((series) => (
            <Entry
              key={series.seriesUid}
              study={study}
              series={series}
              chosen={chosen.has(series.seriesUid)}
              onChoose={() => onChoose(series)}
            />
          ))}
        </ul>
      )}
    </section>
  );
};
