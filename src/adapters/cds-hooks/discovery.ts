import { z } from 'zod';

/** The hooks that are answered; each has a service of the same id, because clients know services by their address. */
export const HOOKS = ['order-select', 'order-sign', 'order-dispatch'] as const;

/** One of `HOOKS`. */
export type Hook = (typeof HOOKS)[number];

/** Answer of `GET /cds-services` (CDS Hooks 2.0, discovery). */
export const discoveryShape = z.strictObject({
  services: z.array(
    z.strictObject({
      hook: z.enum(HOOKS),
      id: z.string(),
      title: z.string(),
      description: z.string(),
      usageRequirements: z.string(),
      prefetch: z.record(z.string(), z.string()),
    }),
  ),
});

const USAGE =
  '须登记签名密钥与院内项目编码体系；患者须带居民身份证号或院内登记号。 / Needs registered signing keys and code systems; the Patient must state a citizen number or a registered record number.';

const OF_PATIENT = { patient: 'Patient/{{context.patientId}}' };
const OF_ORDERING = {
  ...OF_PATIENT,
  encounter: 'Encounter/{{context.encounterId}}',
  practitioner: 'Practitioner/{{userPractitionerId}}',
};

/** The published services. Prefetch templates keep to the subset that 2.0 asks every client to understand. */
export const DISCOVERY: z.output<typeof discoveryShape> = {
  services: [
    {
      hook: 'order-select',
      id: 'order-select',
      title: '互认核查：选择项目时',
      description:
        '所选检查检验项目在其他医疗机构有无可互认结果。 / Whether what was just selected has a result elsewhere that may be recognised.',
      usageRequirements: USAGE,
      prefetch: OF_ORDERING,
    },
    {
      hook: 'order-sign',
      id: 'order-sign',
      title: '互认核查：签署申请前',
      description:
        '待签署的检查检验申请在其他医疗机构有无可互认结果。 / Whether what is about to be signed has a result elsewhere that may be recognised.',
      usageRequirements: USAGE,
      prefetch: OF_ORDERING,
    },
    {
      hook: 'order-dispatch',
      id: 'order-dispatch',
      title: '互认核查：申请送达执行科室前',
      description:
        '即将送往执行科室的申请在其他医疗机构有无可互认结果。 / Whether what is about to be dispatched has a result elsewhere that may be recognised.',
      usageRequirements: USAGE,
      prefetch: {
        ...OF_PATIENT,
        orders: 'ServiceRequest?patient={{context.patientId}}&status=active&_sort=-authored&_count=50',
      },
    },
  ],
};
