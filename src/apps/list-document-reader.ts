import { z } from 'zod';
import { ITEM_CATEGORIES } from '../catalogue/index.ts';
import { CONSENT_DEFAULTS } from '../consent/index.ts';
import { raiser } from '../kernel/fault.ts';
import { type ListDocument, type ListKind, SOURCED_PARTS } from '../recognition/index.ts';
import { APP_FAULTS } from './faults.ts';

const day = z.iso.date();
const code = z.string().min(1).max(128);
const timeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/);
const text = z.string().min(1);
const codes = z.array(code);
const bilingual = z.strictObject({ zh: text, en: text });
const side = z.enum(['left', 'right', 'both']);
const consentEffects = z.strictObject({ consentedZh: text, deniedZh: text, withdrawnZh: text });

const consentText = z.strictObject({ lineZh: text, detailsZh: z.array(text), fullZh: z.array(text) });
const national = z.enum(['N1', 'N2', 'N3', 'N4', 'N5', 'N6']);
const intervention = z.enum([
  'transfusion',
  'infusion',
  'antibiotic',
  'surgery',
  'chemotherapy',
  'contrast',
  'any-treatment',
]);
const tier = z.enum(['三级', '二级', '一级', '未定级']);
const grade = z.enum(['甲等', '乙等', '丙等', '合格', '未定等']);
const kind = z.enum([
  'hospital',
  'maternal-and-child-hospital',
  'traditional-medicine-hospital',
  'community-health-centre',
  'township-health-centre',
  'independent-laboratory',
  'imaging-centre',
  'military-hospital',
]);
const ownership = z.enum(['public', 'private', 'military']);
const category = z.enum(ITEM_CATEGORIES);
const direction = z.enum(['should', 'may', 'not']);
const tierCondition = z.strictObject({
  tiers: z.array(tier).optional(),
  grades: z.array(grade).optional(),
  kinds: z.array(kind).optional(),
  ownerships: z.array(ownership).optional(),
});

const window = z.discriminatedUnion('unit', [
  z.strictObject({ unit: z.literal('hours'), n: z.number().min(0) }),
  z.strictObject({ unit: z.literal('civilDays'), n: z.int().min(0), zone: text }),
]);
const itemRow = z.strictObject({
  window: window.nullable(),
  preconditions: z.array(intervention),
  receivedTimeAllowed: z.boolean(),
  imagesRequired: z.boolean(),
  reasonRequired: z.boolean(),
  unfitSpecimenStates: codes,
  fastingRequired: z.boolean(),
  pointOfCareAccepted: z.boolean(),
  article: text.optional(),
});

/** Of a civil day. */
const isWeekend = (text: string): boolean => [0, 6].includes(new Date(`${text}T00:00:00Z`).getUTCDay());
const millimetres = z.number().positive().max(10_000);
const imageAsks = z
  .strictObject({
    modalities: codes.min(1).optional(),
    thicknessMaxMm: millimetres.optional(),
    coverageMinMm: millimetres.optional(),
    matrixMin: z.int().min(1).optional(),
    planes: z.array(z.enum(['axial', 'sagittal', 'coronal', 'oblique'])).optional(),
    views: z
      .array(z.enum(['frontal', 'lateral', 'oblique', 'cranio-caudal', 'mediolateral-oblique']))
      .optional(),
    eachSide: z.literal(true).optional(),
    phases: z.array(z.enum(['plain', 'arterial', 'venous', 'delayed', 'enhanced'])).optional(),
    sequences: z.array(z.enum(['t1', 't2', 'flair', 'dwi', 'swi', 'angio'])).optional(),
    framesMin: z.int().min(1).optional(),
    leadsMin: z.int().min(1).max(64).optional(),
    lossyRatioMax: z.number().min(1).optional(),
  })
  .refine((asks) => Object.keys(asks).length > 0, 'a row that asks for nothing')
  .refine(({ eachSide, views }) => !eachSide || (views ?? []).length > 0, 'eachSide without views');

const eachOnce = (values: readonly string[]): boolean => new Set(values).size === values.length;

const privacy = z.strictObject({
  emergencyMinutes: z.int().min(1).max(1_440),
  reviewDays: z.int().min(1).max(90),
  namesStaffToPatients: z.boolean(),
  rules: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('colleague') }),
        z.strictObject({ kind: z.literal('watched-person') }),
        z.strictObject({
          kind: z.literal('no-encounter'),
          windowDays: z.int().min(1).max(365),
          afterHours: z.int().min(0).max(168),
        }),
        z.strictObject({
          kind: z.literal('bulk'),
          persons: z.int().min(2).max(10_000),
          windowMinutes: z.int().min(1).max(1_440),
        }),
      ]),
    )
    .refine((rules) => eachOnce(rules.map((rule) => rule.kind)), 'each kind of rule once'),
});

const policySource = z
  .strictObject({
    of: z.enum(SOURCED_PARTS),
    titleZh: text.optional(),
    number: text.optional(),
    article: text.optional(),
    noteZh: text,
  })
  .refine(
    ({ titleZh, number, article }) => titleZh !== undefined || (number ?? article) === undefined,
    'a number or article needs the title of its instrument',
  );

/** One shape per kind of list: what a publication may contain. Unknown members are refused, so a slip is seen. */
const contents = {
  regions: z.strictObject({
    edition: text,
    regions: z.array(
      z.strictObject({
        code: z.string().regex(/^\d{6}$/),
        nameZh: text,
        level: z.enum(['province', 'prefecture', 'county']),
      }),
    ),
  }),
  institutions: z.strictObject({
    institutions: z.array(
      z.strictObject({
        code,
        nameZh: text,
        shortNameZh: text,
        nameEn: text,
        region: z.string().regex(/^\d{6}$/),
        tier,
        grade,
        kind,
        ownership,
        identifiers: z.array(z.strictObject({ type: z.enum(['uscc', 'ws218', 'nhsa']), value: code })),
        campuses: z.array(z.strictObject({ code, nameZh: text })),
      }),
    ),
  }),
  zones: z.strictObject({
    zones: z.array(
      z.strictObject({
        code,
        nameZh: text,
        nameEn: text,
        level: z.enum(['consortium', 'city', 'province', 'cross-province', 'nation']),
        region: z.string().optional(),
        lead: code.optional(),
        recognisesAllItems: z.boolean(),
        members: z.array(z.strictObject({ institution: code, from: day, to: day.optional() })),
      }),
    ),
  }),
  catalogue: z.strictObject({
    items: z.array(
      z.strictObject({
        code,
        nameZh: text,
        nameEn: text,
        category,
        grain: z.enum(['analyte', 'procedure', 'panel']),
        specimens: codes,
        specimenZh: z.string().optional(),
        bodyPartZh: z.string().optional(),
        method: z.string().optional(),
        unit: z.string().optional(),
        loinc: z.string().optional(),
        comparability: z.enum(['A', 'B', 'C']).optional(),
        hasSide: z.boolean(),
        tags: z.array(z.string()),
      }),
    ),
  }),
  'item-list': z.strictObject({
    zone: code,
    qualityBases: z.array(z.enum(['hr-grant', 'consortium-standard'])),
    coverage: z.enum(['listed', 'all']),
    defaultRow: itemRow.optional(),
    rows: z.array(itemRow.extend({ item: code })),
  }),
  'institution-list': z.strictObject({
    zone: code,
    rows: z.array(
      z.strictObject({
        institution: code,
        scope: z.union([
          z.literal('all'),
          z.strictObject({ categories: z.array(category).optional(), items: codes.optional() }),
        ]),
        state: z.enum(['listed', 'suspended', 'removed']),
        from: day,
        to: day.optional(),
        reasonZh: text.optional(),
      }),
    ),
  }),
  'negative-list': z.strictObject({
    zone: code,
    rows: z.array(
      z.strictObject({
        code,
        text: bilingual,
        effect: z.enum(['out-of-scope', 'exempt-with-reason']),
        situation: national.optional(),
        article: text.optional(),
        when: z.strictObject({
          items: codes.optional(),
          categories: z.array(category).optional(),
          itemTags: codes.optional(),
          encounterClasses: codes.optional(),
          purposes: codes.optional(),
          diagnosisPrefixes: codes.optional(),
          resultFlags: codes.optional(),
        }),
      }),
    ),
  }),
  'tier-rules': z.strictObject({
    zone: code,
    sourceZh: text,
    categories: z.array(category).optional(),
    rules: z.array(
      z.strictObject({
        code,
        textZh: text,
        source: tierCondition,
        target: tierCondition,
        relation: z
          .enum([
            'same',
            'source-higher-or-same',
            'source-higher',
            'source-lower',
            'same-tier',
            'source-tier-higher',
            'source-tier-lower',
          ])
          .optional(),
        sameConsortium: z.boolean().optional(),
        article: text.optional(),
        direction,
      }),
    ),
    default: direction,
  }),
  grants: z.strictObject({
    institution: code,
    grants: z.array(
      z.strictObject({
        code,
        campus: code.optional(),
        items: codes,
        categories: z.array(category).optional(),
        scope: code,
        markZh: text,
        issuerZh: text,
        validFrom: day,
        validTo: day,
        evidence: codes,
        methodClasses: codes.optional(),
        revocation: z.strictObject({ revokedOn: day, effectiveFrom: day, reasonZh: text }).optional(),
      }),
    ),
  }),
  'consortium-standard': z.strictObject({
    zone: code,
    titleZh: text,
    rows: z.array(
      z.strictObject({
        institution: code,
        items: z.union([z.literal('all'), codes]),
        validFrom: day,
        validTo: day,
      }),
    ),
  }),
  'code-map': z.strictObject({
    institution: code,
    entries: z.array(
      z.strictObject({
        localCode: code,
        localNameZh: text,
        item: code,
        side: side.optional(),
        specimen: code.optional(),
        methodClass: code.optional(),
        unit: z.string().optional(),
      }),
    ),
  }),
  panels: z.strictObject({
    institution: code,
    panels: z.array(
      z.strictObject({
        localCode: code,
        nameZh: text,
        members: z.array(z.strictObject({ item: code, required: z.boolean() })).min(1),
        singles: z.record(z.string(), code),
      }),
    ),
  }),
  reasons: z.strictObject({
    national: z.array(z.strictObject({ code: national, text: bilingual, textMinimum: z.int().min(0) })),
    local: z.array(z.strictObject({ code, jurisdiction: code, national, text: bilingual })),
    subReasons: z.array(
      z.strictObject({ code, text: bilingual, opensTicket: z.boolean(), findings: codes.optional() }),
    ),
  }),
  policy: z.strictObject({
    zone: code.optional(),
    repeatReminderCivilDays: z.int().min(0),
    consent: z.enum([...CONSENT_DEFAULTS, 'assumed-by-policy']),
    spokenConsentHours: z.int().min(1).max(8_760).optional(),
    silentEncounterClasses: codes,
    otherReasonMinimum: z.int().min(0),
    noticePriceInstitutions: codes.optional(),
    restrictedClasses: z
      .array(
        z.strictObject({
          code,
          text: bilingual,
          items: codes.optional(),
          itemTags: codes.optional(),
          words: z.array(text).optional(),
          purposes: codes,
          opensInEmergency: z.boolean().optional(),
        }),
      )
      .optional(),
    privacy: privacy.optional(),
    sources: z.array(policySource).optional(),
  }),
  sentences: z.strictObject({ sentences: z.record(z.string(), bilingual) }),
  'legal-bases': z.strictObject({
    bases: z.array(z.strictObject({ check: code, titleZh: text, number: text, article: text })),
  }),
  'notice-templates': z.strictObject({
    titleZh: text,
    openingZh: text,
    acknowledgementZh: text,
    signatureZh: z.array(text),
    reasons: z.array(
      z.strictObject({
        reason: national,
        plainZh: text,
        purposeZh: text,
        necessityZh: text,
        blanks: z.array(
          z.strictObject({ name: code, labelZh: text, proposalZh: text, maximum: z.int().min(1) }),
        ),
      }),
    ),
    subReasons: z.array(z.strictObject({ code, plainZh: text })),
  }),
  'consent-wording': z.strictObject({
    titleZh: text,
    treatment: consentText,
    restricted: consentText,
    spokenZh: text,
    effects: consentEffects,
    hospitalEffects: consentEffects.optional(),
    classEffects: consentEffects.optional(),
    signatureZh: z.array(text),
  }),
  'image-requirements': z.strictObject({
    zone: code.optional(),
    rows: z.array(
      z.strictObject({
        code,
        items: codes.min(1),
        when: z.strictObject({ diagnosisPrefixes: codes.optional(), purposes: codes.optional() }).optional(),
        asks: imageAsks,
        sourceZh: text,
        article: text.optional(),
      }),
    ),
    senders: z.array(z.strictObject({ institution: code, from: day })),
  }),
  'correction-rules': z.strictObject({
    calendar: z
      .strictObject({
        zone: text,
        week: z
          .array(
            z
              .strictObject({ weekday: z.int().min(1).max(7), from: timeOfDay, to: timeOfDay })
              .refine(({ from, to }) => from < to),
          )
          .min(1),
        holidays: z.array(day).refine(eachOnce, 'each holiday once'),
        makeUpDays: z
          .array(day)
          .refine(eachOnce, 'each make-up day once')
          .refine((days) => days.every(isWeekend), 'a make-up day is a Saturday or a Sunday'),
        holidayYears: z
          .array(z.strictObject({ year: z.int().min(2000).max(2100), titleZh: text, issuedOn: day }))
          .refine((years) => eachOnce(years.map(({ year }) => String(year))), 'each year once')
          .optional(),
      })
      .refine(
        ({ holidays, makeUpDays }) => eachOnce([...holidays, ...makeUpDays]),
        'no day is both off and worked',
      )
      .refine(
        ({ holidays, makeUpDays, holidayYears }) =>
          holidayYears === undefined ||
          [...holidays, ...makeUpDays].every((each) =>
            holidayYears.some(({ year }) => each.startsWith(`${year}-`)),
          ),
        'every day belongs to one of holidayYears',
      ),
    deadlines: z
      .array(
        z.strictObject({
          kind: code,
          acceptHours: z.number().positive(),
          answerHours: z.number().positive(),
        }),
      )
      .refine((deadlines) => deadlines.some(({ kind }) => kind === 'any')),
    unfoundedReasons: z.array(z.strictObject({ code, text: bilingual, textMinimum: z.int().min(0) })).min(1),
  }),
} satisfies Record<ListKind, z.ZodType>;

const head = z.looseObject({
  kind: z.enum(Object.keys(contents) as [ListKind, ...ListKind[]]),
  content: z.unknown(),
});

const documentOf = (listKind: ListKind) =>
  z.strictObject({
    kind: z.literal(listKind),
    code,
    version: code,
    status: z.enum(['draft', 'published']),
    jurisdiction: code,
    authorityZh: text,
    instrument: z.strictObject({ titleZh: text, number: text, article: text.optional() }).optional(),
    drill: z.boolean(),
    effectiveFrom: day,
    effectiveTo: day.optional(),
    content: contents[listKind],
  });

const PROBLEMS_SHOWN_MAX = 20;

/**
 * Reads one list document from outside and checks every member of it.
 *
 * @param place where it comes from, for the error
 * @throws LIST_DOCUMENT_INVALID naming each wrong place
 */
export const readListDocument = (document: unknown, place: string): ListDocument => {
  const raise = raiser(APP_FAULTS);
  const parsedHead = head.safeParse(document);
  const parsed = parsedHead.success ? documentOf(parsedHead.data.kind).safeParse(document) : parsedHead;
  if (parsed.success) return parsed.data as unknown as ListDocument;
  const problems = parsed.error.issues
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw raise('LIST_DOCUMENT_INVALID', { place, detail: problems.join('; ') });
};
