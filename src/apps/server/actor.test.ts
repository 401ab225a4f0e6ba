import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { type Right, RIGHTS } from '../../access/index.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { authorise, isOwnForm, NOBODY, type Visitor } from './actor.ts';
import type { Actor, ApplicationActor } from './flows-port.ts';
import { requireDeclarations } from './register-routes.ts';
import { cardRoute, json, publicRoute, type Route, route } from './route.ts';

/** What only the gate may do, and how it looks in a source. */
const BYPASSES: readonly {
  readonly what: string;
  readonly pattern: RegExp;
  readonly allowed: readonly string[];
}[] = [
  {
    what: 'reads cookies',
    pattern: /\.\s*cookies\b|\bheaders\s*\??\.\s*cookie\b|\bheaders\s*(\?\.)?\[\s*['"]cookie/,
    allowed: ['actor.ts'],
  },
  { what: 'sets cookies', pattern: /setCookie|clearCookie|set-cookie/i, allowed: ['actor.ts'] },
  {
    what: 'reads Authorization',
    pattern: /authorization\s*[?!.)\]]|['"]authorization['"]\s*\]/i,
    allowed: ['actor.ts'],
  },
  {
    what: 'looks up sessions or keys',
    pattern: /\bsessionHolder\b|\bclientByKey\b|\.\s*holderOf\b/,
    allowed: ['actor.ts'],
  },
  { what: 'reads signed tokens', pattern: /\bverifyToken\b/, allowed: ['signed-tokens.ts'] },
  {
    what: 'reads request headers',
    pattern: /\brequest\s*\.\s*(headers|raw)\b/,
    allowed: ['actor.ts', 'register-routes.ts', 'multipart.ts'],
  },
  {
    what: 'adds a route by hand',
    pattern: /\bapp\s*\.\s*(route|get|post|put|patch|delete|all|head|options)\s*\(/,
    allowed: ['register-routes.ts'],
  },
  {
    what: 'makes an actor',
    pattern: /kind:\s*'(staff|client|launched|application)'/,
    allowed: ['actor.ts', 'flows-port.ts'],
  },
];

interface Source {
  readonly path: string;
  readonly text: string;
}

/** Every place where a source gets at the caller's identity past the gate. */
const bypassesIn = (sources: readonly Source[]): string[] =>
  sources.flatMap(({ path, text }) =>
    BYPASSES.filter(
      ({ pattern, allowed }) =>
        !allowed.some((name) => path.endsWith(`server/${name}`)) && pattern.test(text),
    ).map(({ what }) => `${path} ${what}`),
  );

const serverSources = (): Source[] => {
  const root = new URL('..', import.meta.url).pathname;
  return ['server', 'flows', '../web'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') })),
  );
};

const DOCTOR = { kind: 'staff', name: 'staff:d', role: 'doctor' } as unknown as Actor;
const OPERATOR = { kind: 'staff', name: 'staff:o', role: 'operator' } as unknown as Actor;
const CLIENT = { kind: 'client', name: 'client:c', purposes: ['treatment'] } as unknown as Actor;

const LAUNCHED = {
  kind: 'launched',
  name: 'launched:c/1',
  client: 'c',
  staffNumber: '1',
} as unknown as Actor;

const as = (actor: Actor | null): Visitor => ({ ...NOBODY, actor });

const declared = (right: Right = 'report:read', surface: Route['surface'] = 'api'): Route =>
  route({
    operationId: 'example',
    method: 'GET',
    path: '/example',
    surface,
    summary: { zh: '例', en: 'Example' },
    access: { kind: 'right', right },
    limits: { bodyBytes: 1, perMinute: 1 },
    input: {},
    answers: [],
    handle: async () => json({}),
  });

describe('the one place where a request gets its actor', () => {
  it('is the only one in the program', () => {
    const sources = serverSources();
    expect(sources.length).toBeGreaterThan(20);
    expect(bypassesIn(sources)).toEqual([]);
  });

  it.each([
    [
      'a handler that reads a cookie itself',
      "const who = request.cookies['huren_session'];",
      'reads cookies',
    ],
    [
      'a handler that reads the Authorization header itself',
      'const key = headers.authorization?.slice(7);',
      'reads Authorization',
    ],
    [
      'a handler that reads any header of the request',
      "const user = request.headers['x-user'];",
      'reads request headers',
    ],
    [
      'a handler that looks up the session itself',
      'await sessionHolder(database, token, at);',
      'looks up sessions or keys',
    ],
    [
      'a route added past the table',
      "app.get('/api/all-results', async () => everything());",
      'adds a route by hand',
    ],
    [
      'a handler that reads a signed token itself',
      'const { client } = await verifyToken(token, expected);',
      'reads signed tokens',
    ],
    [
      'a handler that asks whose a token is',
      "const client = await tokens.holderOf(token, '/');",
      'looks up sessions or keys',
    ],
    ['an actor made up on the spot', "const actor = { kind: 'staff', role: 'doctor' };", 'makes an actor'],
    ['a cookie set past the gate', "reply.setCookie('huren_session', token);", 'sets cookies'],
  ])('would be noticed missing: %s', (_name, text, what) => {
    expect(bypassesIn([{ path: 'server/routes/planted.ts', text }])).toContain(
      `server/routes/planted.ts ${what}`,
    );
  });

  it('refuses at start a route that was added without a declaration', () => {
    const app = fastify();
    requireDeclarations(app);
    expect(() => app.get('/planted', async () => 'everything')).toThrow(/has no declaration/);
    expect(() =>
      app.get('/declared', { config: { declared: declared() } }, async () => 'fine'),
    ).not.toThrow();
  });
});

describe('authorisation', () => {
  it('refuses strangers everywhere but at public routes', () => {
    expect(() => authorise(as(null), declared())).toThrow(
      expect.objectContaining({ code: 'SIGN_IN_REQUIRED' }),
    );
    const { access: _access, ...rest } = declared();
    expect(() => authorise(as(null), publicRoute(rest as never))).not.toThrow();
  });

  it('admits those whom the policy names and no other', () => {
    expect(() => authorise(as(DOCTOR), declared())).not.toThrow();
    expect(() => authorise(as(OPERATOR), declared())).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED' }),
    );
    expect(() => authorise(as(DOCTOR), declared('order-check:fulfil'))).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED' }),
    );
  });

  it('admits a client only where clients are admitted, for a purpose it was given, and to no page', () => {
    expect(() => authorise(as(CLIENT), declared())).not.toThrow();
    expect(() => authorise(as(CLIENT), declared('report:read', 'page'))).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED' }),
    );
    expect(() => authorise(as(CLIENT), declared('repeat:count'))).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED' }),
    );
    expect(() => authorise(as(CLIENT), declared('metrics:read'))).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED' }),
    );
  });
});

describe('an app', () => {
  const app = (scopes: readonly string[], more: Partial<ApplicationActor> = {}): Visitor => ({
    ...NOBODY,
    actor: {
      kind: 'application',
      name: 'application:a',
      clientCode: 'a',
      institution: null,
      scopes,
      patient: null,
      user: null,
      ...more,
    },
  });

  it('gets nowhere without a scope that the route names, however much it was granted', () => {
    for (const right of RIGHTS)
      expect(() => authorise(app(['system/*.rs', 'user/*.rs']), declared(right)), right).toThrow(
        expect.objectContaining({ code: 'NOT_PERMITTED' }),
      );
  });

  it('is neither staff nor a patient, whoever let it act', () => {
    const { access: _access, ...rest } = declared();
    const user = { kind: 'patient', person: 'p' as PublicId } as const;
    for (const kind of ['own', 'signed-in'] as const) {
      const page = { ...rest, access: { kind, right: 'session:hold' } } as Route;
      expect(() =>
        authorise(as(DOCTOR), { ...page, access: { kind: 'signed-in', right: 'session:hold' } }),
      ).not.toThrow();
      expect(() => authorise(app(['patient/*.rs'], { user, patient: user.person }), page)).toThrow(
        expect.objectContaining({ code: 'NOT_PERMITTED' }),
      );
    }
  });
});

describe('the card', () => {
  const card = () => {
    const { access: _access, ...rest } = declared();
    return cardRoute(rest as never);
  };

  it('admits whoever was let in by a token, to nothing but itself', () => {
    expect(() => authorise(as(LAUNCHED), card())).not.toThrow();
    expect(() => authorise(as(LAUNCHED), declared())).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED' }),
    );
  });

  it('admits neither strangers nor those who came by another way', () => {
    expect(() => authorise(as(null), card())).toThrow(expect.objectContaining({ code: 'SIGN_IN_REQUIRED' }));
    for (const actor of [DOCTOR, CLIENT])
      expect(() => authorise(as(actor), card())).toThrow(expect.objectContaining({ code: 'NOT_PERMITTED' }));
  });
});

describe('a form', () => {
  it('is accepted only with the token of its own browser, and never with an empty one', () => {
    const visitor: Visitor = { actor: null, formToken: 'right', sessionToken: null };
    expect(isOwnForm(visitor, 'right')).toBe(true);
    for (const wrong of ['', 'wrong', 'rightx', undefined, ['right']])
      expect(isOwnForm(visitor, wrong)).toBe(false);
    expect(isOwnForm(NOBODY, '')).toBe(false);
  });
});
