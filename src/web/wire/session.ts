import { z } from 'zod';

/** Answer of `GET /api/session`: who is signed in in this browser. */
export const sessionAnswerShape = z.strictObject({
  displayName: z.string(),
  staffNumber: z.string().nullable(),
  role: z.string(),
  department: z.string().nullable(),
  institution: z
    .strictObject({ code: z.string(), nameZh: z.string(), shortNameZh: z.string(), nameEn: z.string() })
    .nullable(),
  /** True when the ruling lists are demonstration data (演练). */
  drill: z.boolean(),
  /** What the sign-out form must carry. */
  formToken: z.string(),
});

/** Who is signed in, for a browser app. */
export type SessionAnswer = z.output<typeof sessionAnswerShape>;
