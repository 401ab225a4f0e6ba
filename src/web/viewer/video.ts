import { type DicomJson, numberAt, TAG, textAt } from './dicom-json.ts';

/** A video of a series: one instance, whatever number of frames its header counts. */
export interface ViewedVideo {
  readonly sopInstanceUid: string;
  readonly instanceNumber: number | null;
}

/** Transfer syntaxes of MPEG-2, MPEG-4 AVC/H.264 and HEVC, fragmentable ones among them (PS3.6 table A-1). */
const VIDEO_SYNTAX = /^1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?$/;

/** Video Endoscopic, Microscopic and Photographic Image Storage (PS3.4 table B.5-1). */
const VIDEO_CLASS = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.77\.1\.[124]\.1$/;

/**
 * Whether an instance is a video to be played and not frames to be decoded: by its syntax; by its class where headers were
 * made ready before they said the syntax.
 */
export const isVideo = (instance: DicomJson): boolean => {
  const syntax = textAt(instance, TAG.availableSyntax);
  return syntax === null
    ? VIDEO_CLASS.test(textAt(instance, TAG.sopClassUid) ?? '')
    : VIDEO_SYNTAX.test(syntax);
};

/** The videos of a series in the order of their numbers. */
export const videosOf = (instances: readonly DicomJson[]): readonly ViewedVideo[] =>
  instances
    .filter(isVideo)
    .flatMap((instance): ViewedVideo[] => {
      const sopInstanceUid = textAt(instance, TAG.sopInstanceUid);
      return sopInstanceUid === null
        ? []
        : [{ sopInstanceUid, instanceNumber: numberAt(instance, TAG.instanceNumber) }];
    })
    .sort((one, other) => (one.instanceNumber ?? 0) - (other.instanceNumber ?? 0));
