import shipped from '../../../../data/lists/image-requirements.json' with { type: 'json' };
import { civilDateText } from '../../../kernel/civil-day.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { ImageRequirements } from '../../../imaging/index.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { DemonstrationInstitution } from '../region.ts';

/** Hospitals of the region whose images come to the platform. */
export const IMAGE_SENDERS: readonly DemonstrationInstitution[] = [
  'YX-QINGSHI',
  'WX-CENTRAL',
  'WX-SECOND',
  'WX-MCH',
  'QL-DONGHU',
];

/**
 * The draft of requirements as the invented province published it. The hospitals were connected the day the demonstration
 * was loaded: of what they examined before, nobody knows whether there are images.
 */
export const imageRequirements = (now: Instant): ImageRequirements => ({
  rows: shipped.content.rows as unknown as ImageRequirements['rows'],
  senders: IMAGE_SENDERS.map((institution) => ({
    institution: institution as string as InstitutionCode,
    from: civilDateText(now),
  })),
});
