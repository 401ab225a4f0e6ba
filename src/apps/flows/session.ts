import { ok } from '../../kernel/result.ts';
import type { CheckFlows } from '../server/flows-port.ts';
import type { FlowDependencies } from './dependencies.ts';
import { institutionAnswer } from './present.ts';

/** Who is signed in, with the institution named by the ruling lists. Discloses nothing about a patient. */
export const sessionFlow =
  ({ snapshots, clock }: FlowDependencies): CheckFlows['session'] =>
  async ({ displayName, staffNumber, role, department, institution }) => {
    const { snapshot } = await snapshots.current();
    const rules = snapshot.rulesAt(clock());
    const named = institution === null ? null : institutionAnswer(rules, institution);
    return ok({
      displayName,
      staffNumber,
      role,
      department,
      institution: named && {
        code: named.code,
        nameZh: named.nameZh,
        shortNameZh: named.shortNameZh,
        nameEn: named.nameEn,
      },
      drill: rules.drill,
    });
  };
