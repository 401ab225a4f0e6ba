import { z } from 'zod';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';

/** Something a person was told about own data without having asked. */
const ownNotificationShape = z.strictObject({
  id: publicIdShape,
  kind: z
    .enum(['emergency-access', 'case-closed', 'ticket-step', 'result-corrected'])
    .describe(
      'emergency-access: a doctor opened results without consent, stating an emergency. case-closed: what the hospital found about such an access, or about a look that the patient reported. ticket-step: a ticket about an error that the patient sent, or the desk for them, has come further. result-corrected: a result that a doctor had recognised was put right by its source',
    ),
  toldAt: momentShape,
  /** When it was first opened; null as long as it is new. */
  readAt: momentShape.nullable(),
  title: bilingualShape,
  text: bilingualShape,
});

/** Something a person was told. */
export type OwnNotification = z.output<typeof ownNotificationShape>;

/** Answer of `GET /api/own/notifications`: the newest hundred, the newest first. */
export const ownNotificationsShape = z.strictObject({
  person: publicIdShape,
  notifications: z.array(ownNotificationShape),
});

/** What a person was told, on the wire. */
export type OwnNotifications = z.output<typeof ownNotificationsShape>;
