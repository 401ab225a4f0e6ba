import type { HeaderReader } from '../../../adapters/dicom/header-reader.ts';
import type { FrameRenderer } from '../../../adapters/dicom/frame-renderer.ts';
import type { ImageObjects } from '../../../adapters/objects/image-objects.ts';
import type { FlowDependencies } from '../dependencies.ts';
import type { TrafficCounter } from './traffic.ts';

/** What the flows of images work with. */
export interface ImagingDependencies extends FlowDependencies {
  readonly images: ImageObjects;
  readonly headers: HeaderReader;
  readonly renderer: FrameRenderer;
  /** Counts what images move, per institution. */
  readonly traffic: TrafficCounter;
}
