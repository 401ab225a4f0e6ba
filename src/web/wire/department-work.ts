import { z } from 'zod';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';

/** The longest period that is counted at once. */
export const WORK_DAYS_MAX = 31;

/** A field of a form that was left empty. */
const leftEmpty = z.literal('').transform(() => undefined);
const dayShape = z.union([leftEmpty, z.iso.date()]).optional();

/** Query of `GET /api/department-work`: days of China, both included. */
export const departmentWorkQueryShape = z.strictObject({
  from: dayShape.describe('First day; absent: six days before the last'),
  to: dayShape.describe(`Last day, at most ${WORK_DAYS_MAX} days from the first; absent: today`),
  department: z
    .union([leftEmpty, z.string().max(200)])
    .optional()
    .describe('Department as its checks name it'),
  doctor: z
    .union([leftEmpty, z.string().max(64)])
    .optional()
    .describe('Staff number (工号); only with one are decisions listed'),
});

/** What is asked of the work of departments. */
export type DepartmentWorkQuery = z.output<typeof departmentWorkQueryShape>;

const itemShape = z.strictObject({ code: z.string(), nameZh: z.string(), nameEn: z.string() });
const reasonShape = z.enum(['N1', 'N2', 'N3', 'N4', 'N5', 'N6']).nullable();

/** Answer of `GET /api/department-work`: counts of the own institution's departments and doctors, nobody's patients. */
export const departmentWorkAnswerShape = z.strictObject({
  from: z.iso.date(),
  to: z.iso.date(),
  /** True when there are more rows or decisions than are given, or more recognitions than were followed up. */
  isTruncated: z.boolean(),
  rows: z.array(
    z.strictObject({
      department: z.string().nullable(),
      doctor: z.string().nullable(),
      checks: z.int(),
      /** Items for which another institution's result must or may be considered, each once per encounter. */
      recognisable: z.int(),
      recognised: z.int(),
      repeats: z.int(),
      /** Repeats in none of the situations N1 to N5: N6, or no reason. */
      avoidable: z.int(),
      reasons: z.array(z.strictObject({ reason: reasonShape, avoidable: z.boolean(), items: z.int() })),
      recognisedYetExecuted: z.int(),
      /** Items that the doctor was asked about without an answer that stands. */
      unanswered: z.int(),
    }),
  ),
  /** The newest decisions of the doctor who was asked for; empty where none was. */
  decisions: z.array(
    z.strictObject({
      check: publicIdShape,
      checkedAt: momentShape,
      department: z.string().nullable(),
      /** What was ordered, as the ordering system names it. */
      ordered: z.array(z.string()),
      /** What this check found to recognise first in its encounter. */
      found: z.array(itemShape.extend({ grade: z.enum(['must-consider', 'may-consider']) })),
      answers: z.array(
        z.strictObject({
          line: z.int(),
          kind: z.enum(['recognise', 're-examine']),
          items: z.array(itemShape),
          reason: reasonShape,
          reasonText: bilingualShape.nullable(),
          respondedAt: momentShape,
        }),
      ),
    }),
  ),
});

/** The work of departments and doctors in a period. */
export type DepartmentWorkAnswer = z.output<typeof departmentWorkAnswerShape>;
