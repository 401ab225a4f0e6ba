import type { PublicId } from '../../../kernel/uuid.ts';
import type { OrderCheckAnswer } from '../../../web/wire/order-check-answer.ts';
import type { OrderCheckRequest } from '../../../web/wire/order-check-request.ts';
import type { Actor } from '../../server/flows-port.ts';
import type { CardLinks } from './card-link.ts';

/**
 * The address of the card of a check for the doctor whom the calling system names. null where there is no card to open:
 * the call names no doctor, comes from a person who has pages of his own, or nobody was established, so nothing was kept.
 */
export const cardAddress = (
  links: CardLinks,
  actor: Actor,
  { doctor, department }: Pick<OrderCheckRequest, 'doctor' | 'department'>,
  { id, person }: Pick<OrderCheckAnswer, 'id' | 'person'>,
): string | null =>
  actor.kind === 'client' && doctor && person !== null
    ? links.addressOf({
        check: id as PublicId,
        institution: actor.institution,
        client: actor.code,
        staffNumber: doctor.staffNumber,
        department: department?.name ?? department?.code ?? null,
      })
    : null;
