import type { ImageReception } from '../../../web/wire/image-reception.ts';
import type { Actor } from '../flows-port.ts';

/** How an institution's images come in, for its engineers and for those who operate the platform. */
export interface ImageReceptionFlow {
  /** @throws CONSOLE_INSTITUTION_MISSING, CONSOLE_INSTITUTION_FOREIGN */
  read(actor: Actor, institution: string | undefined): Promise<ImageReception>;
}
