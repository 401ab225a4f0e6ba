import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchDocument } from '../kit/calls.ts';
import type { ViewedSeries, ViewedStudy } from '../wire/viewed-study.ts';
import { videoAddress } from './addresses.ts';
import { Failed, NotPlayed } from './failed.tsx';
import { Origin } from './pane-text.tsx';
import type { ViewedVideo } from './video.ts';

/**
 * A video as its device sent it, played by the browser. Where that cannot be, the server is asked for the reason: a video
 * that is there and not played here must not look like one that is missing.
 */
export const VideoView = ({
  study,
  series,
  video,
}: {
  readonly study: ViewedStudy;
  readonly series: ViewedSeries;
  readonly video: ViewedVideo;
}) => {
  const { t } = useTranslation();
  const [error, setError] = useState<unknown>(null);
  const [isThere, setThere] = useState(false);
  const address = videoAddress(study, series.seriesUid, video.sopInstanceUid);
  const explain = async (): Promise<void> => {
    try {
      await fetchDocument(address, { range: 'bytes=0-7' });
      setError(new NotPlayed());
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <div className="clip" data-played={isThere}>
      {error === null ? (
        <>
          <video
            src={address}
            controls
            loop
            muted
            playsInline
            preload="metadata"
            aria-label={t('视频：{series}', { series: series.description ?? series.modality ?? '' })}
            onLoadedData={() => setThere(true)}
            onError={() => void explain()}
          />
          <div className="over" aria-hidden="true">
            <Origin study={study} />
            <div className="top-right">
              <span>{series.description ?? series.modality}</span>
              <span className="warn">{t('来源有损压缩')}</span>
            </div>
          </div>
        </>
      ) : (
        <Failed error={error} retry={() => setError(null)} />
      )}
    </div>
  );
};
