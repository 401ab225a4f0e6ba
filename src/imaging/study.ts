import type { Instant } from '../kernel/instant.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import type { SeriesUid, StudyUid } from './uids.ts';

/**
 * Where a study stands. `receiving`: images came in within the last minute, or fewer are there than the sender announced
 * (上传中); `complete`: every series is closed. A later image opens it again.
 */
export type StudyState = 'receiving' | 'complete';

/** One examination's images as one institution sent them. The same study UID from another institution is another study. */
export interface Study {
  readonly publicId: PublicId;
  readonly institution: InstitutionCode;
  readonly studyUid: StudyUid;
  readonly accessionNumber: string | null;
  readonly description: string | null;
  readonly modalities: readonly string[];
  /** As stated, `YYYYMMDD`; null where no instance states one. */
  readonly studyDate: string | null;
  readonly studyTime: string | null;
  readonly seriesCount: number;
  readonly instanceCount: number;
  /** Instances that the sender announced; null where it announced none. */
  readonly announcedCount: number | null;
  readonly bytes: number;
  readonly state: StudyState;
  readonly firstReceivedAt: Instant;
  readonly lastReceivedAt: Instant;
}

/** One series of a study. */
export interface Series {
  readonly seriesUid: SeriesUid;
  readonly modality: string | null;
  readonly seriesNumber: number | null;
  readonly description: string | null;
  readonly bodyPartExamined: string | null;
  readonly laterality: string | null;
  readonly instanceCount: number;
  readonly closed: boolean;
  /** Counts up whenever the series is closed again with other content. */
  readonly version: number;
}
