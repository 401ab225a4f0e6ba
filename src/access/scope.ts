/** Whose data a scope speaks of: one patient's, what a person signed in may see, or what a system may. */
export const SCOPE_LEVELS = ['patient', 'user', 'system'] as const;

/** One of `SCOPE_LEVELS`. */
export type ScopeLevel = (typeof SCOPE_LEVELS)[number];

/** FHIR resource types that an application can be let into. */
export const SCOPED_RESOURCES = ['Patient', 'Observation', 'DiagnosticReport', 'ImagingStudy'] as const;

/** One of `SCOPED_RESOURCES`. */
export type ScopedResource = (typeof SCOPED_RESOURCES)[number];

/** What an application does with a resource type. Huren lets applications change nothing. */
export type ScopedInteraction = 'read' | 'search';

/** A clinical scope of SMART App Launch 2.x, understood. */
export interface ResourceScope {
  readonly level: ScopeLevel;
  readonly resource: ScopedResource | '*';
  readonly interactions: readonly ScopedInteraction[];
}

/** The permissions as SMART writes them; `read` is the word of version 1 and means the same as `rs`. */
const PERMISSIONS: Readonly<Record<string, readonly ScopedInteraction[]>> = {
  r: ['read'],
  s: ['search'],
  rs: ['read', 'search'],
  read: ['read', 'search'],
};

/** Every clinical scope that can be granted, as it is written. What is not here is not granted, never widened. */
export const RESOURCE_SCOPES: readonly string[] = SCOPE_LEVELS.flatMap((level) =>
  [...SCOPED_RESOURCES, '*'].flatMap((resource) =>
    Object.keys(PERMISSIONS).map((permission) => `${level}/${resource}.${permission}`),
  ),
);

const SCOPE = /^(patient|user|system)\/(\*|[A-Za-z]+)\.([a-z]+)$/;

/** Reads a clinical scope; null for every other scope, and for one that cannot be granted here. */
export const readResourceScope = (scope: string): ResourceScope | null => {
  if (!RESOURCE_SCOPES.includes(scope)) return null;
  const [, level, resource, permission] = SCOPE.exec(scope) as unknown as [
    string,
    ScopeLevel,
    ScopedResource | '*',
    string,
  ];
  return { level, resource, interactions: PERMISSIONS[permission] as readonly ScopedInteraction[] };
};

/** Every scope that lies within these: whoever may have all resources may ask for one. Other scopes stand for themselves. */
export const scopesWithin = (scopes: readonly string[]): string[] => {
  const wide = scopes.map(readResourceScope).filter((scope) => scope !== null);
  const narrower = RESOURCE_SCOPES.filter((text) => {
    const asked = readResourceScope(text);
    return wide.some(
      ({ level, resource, interactions }) =>
        asked?.level === level &&
        (resource === '*' || resource === asked.resource) &&
        asked.interactions.every((one) => interactions.includes(one)),
    );
  });
  return [...new Set([...scopes, ...narrower])];
};

/** What a token was given for. */
export interface ScopeHolding {
  readonly scopes: readonly string[];
  /** True when the token names one patient. */
  readonly hasPatient: boolean;
  /** True when a person signed in let the application act. */
  readonly hasUser: boolean;
}

/**
 * The widest level at which an application may do this, null when it may not. A level counts only for the token it is
 * meant for: `patient/` needs a patient, `user/` a person signed in, `system/` that there is none.
 */
export const scopeLevelFor = (
  { scopes, hasPatient, hasUser }: ScopeHolding,
  resource: ScopedResource,
  interaction: ScopedInteraction,
): ScopeLevel | null => {
  const counts: Readonly<Record<ScopeLevel, boolean>> = {
    system: !hasUser,
    user: hasUser,
    patient: hasPatient,
  };
  const held = scopes
    .map(readResourceScope)
    .filter(
      (scope) =>
        scope !== null &&
        counts[scope.level] &&
        (scope.resource === '*' || scope.resource === resource) &&
        scope.interactions.includes(interaction),
    )
    .map((scope) => scope?.level);
  return (['system', 'user', 'patient'] as const).find((level) => held.includes(level)) ?? null;
};
