import { z } from 'zod';
import type { InformedRelation } from '../../recognition/index.ts';

/** 与患者关系 as the wire names it. */
export const relationShape = z.enum([
  'self',
  'guardian',
  'parent',
  'spouse',
  'child',
  'other-family',
  'other',
  'not-stated',
] as const satisfies readonly InformedRelation[]);

/** Who was told of purpose and necessity. */
export const informedShape = z
  .strictObject({
    relation: relationShape.describe('与患者关系; self: 本人'),
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^[^\p{Cc}]*$/u)
      .optional()
      .describe('Of whoever was told; absent for the patient himself'),
  })
  .refine(
    ({ relation, name }) => (relation === 'self' || relation === 'not-stated') === (name === undefined),
    {
      path: ['name'],
      message: 'a name for everybody but the patient himself',
    },
  );

/** Who was told, on the wire. */
export type Informed = z.output<typeof informedShape>;
