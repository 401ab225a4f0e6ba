import { isDrawn } from '../../../adapters/dicom/render-frame.ts';
import { dicomWebFault } from '../../../adapters/dicomweb/faults.ts';
import { entityTag } from '../../../adapters/dicomweb/entity-tag.ts';
import { studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import { frameCount, type ManifestInstance } from '../../../imaging/index.ts';
import type { Result } from '../../../kernel/result.ts';
import type { MadePicture, PictureRequest, Pictures } from '../../server/routes/dicom-web-port.ts';
import { drawFrame } from './draw-frame.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import type { Located } from './retrieve.ts';

/** Pictures of one answer: a series of many slices. The words of `PICTURES_TOO_MANY` say it. */
export const PICTURES_MAX = 500;

/** Pictures that are drawn at a time: as many as there are threads for it. */
const AHEAD = 2;

/**
 * The bytes of a picture.
 *
 * @throws FRAME_UNKNOWN, FRAME_NOT_RENDERED, SEARCH_INVALID where the region that is asked for lies beside it
 */
export const pictureOf = (drawn: Result<Uint8Array, string>): Uint8Array => {
  if (drawn.ok) return drawn.value;
  if (drawn.reason === 'no-frame') throw imagingFault('FRAME_UNKNOWN');
  if (drawn.reason === 'outside') throw dicomWebFault('SEARCH_INVALID', { place: 'query.viewport' });
  throw imagingFault('FRAME_NOT_RENDERED', { detail: drawn.reason });
};

interface WantedFrame {
  readonly of: Located;
  readonly frame: number;
}

/** @throws FRAME_UNKNOWN */
const wantedFrames = (found: readonly Located[], frames: readonly number[] | null): readonly WantedFrame[] =>
  found.flatMap((of) => {
    const count = frameCount(of.instance);
    const numbers = frames ?? Array.from({ length: count }, (_, at) => at + 1);
    if (numbers.some((frame) => frame < 1 || frame > count)) throw imagingFault('FRAME_UNKNOWN');
    return numbers.map((frame) => ({ of, frame }));
  });

/**
 * The pictures of all frames of what was found. Of frames that nothing here draws it is said how many there are; of the others the
 * first is drawn before anything is sent, so that what is wrong with the request is told by a status.
 *
 * @param frames of the only instance; null: all
 * @throws FRAME_UNKNOWN, FRAME_NOT_RENDERED, PICTURES_TOO_MANY, SEARCH_INVALID
 */
export const allPictures = async (
  dependencies: ImagingDependencies,
  found: readonly Located[],
  frames: readonly number[] | null,
  request: PictureRequest,
  how: {
    readonly indexed: (instance: ManifestInstance) => Promise<ManifestInstance>;
    readonly locationOf: (of: Located) => string;
    readonly version: string | null;
  },
): Promise<Pictures> => {
  const wanted = wantedFrames(found, frames);
  const drawable = wanted.filter(({ of }) => isDrawn(of.instance.transferSyntaxUid));
  if (wanted.length === 0) throw imagingFault('FRAME_UNKNOWN');
  const [first, ...others] = drawable;
  if (!first) throw imagingFault('FRAME_NOT_RENDERED', { detail: 'unsupported' });
  if (drawable.length > PICTURES_MAX)
    throw imagingFault('PICTURES_TOO_MANY', { detail: `${drawable.length}/${PICTURES_MAX}` });
  const charsets = new Map<string, Promise<{ readonly charsetDerived: string | null }>>();
  const charsetOf = ({ series }: Located) => {
    const known = charsets.get(series.seriesUid) ?? studyUidOf(dependencies.database, series);
    charsets.set(series.seriesUid, known);
    return known;
  };
  const draw = async ({ of, frame }: WantedFrame): Promise<MadePicture> => {
    const instance = await how.indexed(of.instance);
    const { charsetDerived } = await charsetOf(of);
    return {
      mediaType: request.mediaType,
      location: `${how.locationOf(of)}/frames/${frame}/rendered`,
      bytes: pictureOf(await drawFrame(dependencies, instance, frame, charsetDerived, request)),
    };
  };
  const drawn = await draw(first);
  const parts = async function* () {
    yield drawn;
    const waiting: Promise<MadePicture>[] = [];
    const begin = (): void => {
      const next = others[begun++];
      if (!next) return;
      const drawing = draw(next);
      // It is waited for when its turn comes; until then nobody may be told that it failed.
      drawing.catch(() => undefined);
      waiting.push(drawing);
    };
    let begun = 0;
    for (let ahead = 0; ahead < AHEAD; ahead++) begin();
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const made = await next;
      begin();
      yield made;
    }
  };
  return {
    mediaType: request.mediaType,
    parts: parts(),
    leftOut: wanted.length - drawable.length,
    etag: entityTag(
      'pictures',
      JSON.stringify(request),
      ...drawable.map(({ of, frame }) => `${of.instance.content}|${frame}`),
    ),
    version: how.version,
  };
};
