// The borders between the folders of src, as rules for oxlint. `.oxlintrc.json` loads this file; `tools/borders.test.ts`
// plants a violation of each rule and expects it caught.
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/**
 * What each domain may import besides itself and the kernel, always through the other's index.ts. A domain that is not
 * listed may not exist: add it here with its direction.
 */
const domains = {
  organisation: [],
  access: ['organisation'],
  person: [],
  catalogue: ['organisation', 'person'],
  quality: ['organisation', 'person', 'catalogue'],
  result: ['organisation', 'person', 'catalogue'],
  imaging: ['organisation', 'person', 'catalogue'],
  consent: ['organisation', 'person', 'catalogue', 'quality', 'result', 'imaging'],
  recognition: ['organisation', 'person', 'catalogue', 'quality', 'result', 'imaging', 'consent'],
  correction: [
    'organisation',
    'person',
    'catalogue',
    'quality',
    'result',
    'imaging',
    'consent',
    'recognition',
  ],
  referral: ['organisation', 'person', 'catalogue', 'quality', 'result', 'imaging', 'consent', 'recognition'],
  monitoring: [
    'organisation',
    'person',
    'catalogue',
    'quality',
    'result',
    'imaging',
    'consent',
    'recognition',
  ],
  audit: ['organisation', 'person', 'catalogue', 'quality', 'result', 'imaging', 'consent', 'recognition'],
  oversight: ['organisation'],
};
const isDomain = (folder) => Object.hasOwn(domains, folder);

/** Adapters that other adapters may use. */
const sharedAdapters = ['postgres', 'keys'];

/** Folders of src/web that every web app may use; all others are apps, closed to each other. */
const sharedWeb = ['kit', 'wire'];

/** Packages that reach outside the program; domains have no business with them. */
const outwardPackages = /^(pg|fastify|pino|yauzl|prom-client)(\/|$)|^@fastify\//;

/** Calls by which a domain would take time or chance from somewhere else than its arguments; globals are in `.oxlintrc.json`. */
const impureCalls = new Set(['Date.now', 'Math.random']);

const isTest = (path) => path.endsWith('.test.ts');

/** Where a file lies: its folders under src and its name; undefined outside src. */
const placeOf = (path) => {
  const inside = relative(src, path);
  if (inside.startsWith('..')) return undefined;
  const [area = '', ...rest] = inside.split(sep);
  return { area, rest, folder: rest.length > 1 ? rest[0] : undefined };
};

/** Why a file may not import another, or undefined. Both are places under src. */
const crossing = (from, to) => {
  if (from.area === 'kernel' && to.area !== 'kernel') return 'the kernel imports nothing but itself';
  if (isDomain(from.area)) {
    if (to.area === from.area || to.area === 'kernel') return undefined;
    if (!isDomain(to.area)) return `a domain imports neither adapters nor apps nor web (${to.area})`;
    if (!domains[from.area].includes(to.area)) return `${from.area} may not depend on ${to.area}`;
    return to.rest.join('/') === 'index.ts' ? undefined : `import ${to.area} through its index.ts`;
  }
  if (from.area === 'adapters') {
    if (to.area === 'apps' || to.area === 'web') return `an adapter does not import ${to.area}`;
    if (to.area === 'adapters' && to.folder !== from.folder && !sharedAdapters.includes(to.folder))
      return `an adapter imports no other adapter except ${sharedAdapters.join(' and ')}`;
    return undefined;
  }
  if (from.area === 'web') {
    if (to.area === 'adapters' || to.area === 'apps') return `web does not import ${to.area}; it talks HTTP`;
    if (
      to.area === 'web' &&
      to.folder &&
      to.folder !== from.folder &&
      !sharedWeb.includes(to.folder) &&
      from.folder
    )
      return 'a web app does not import another web app';
    return undefined;
  }
  return undefined;
};

const packageCrossing = (from, specifier, path) => {
  const pure = from.area === 'kernel' || isDomain(from.area);
  if (!pure || isTest(path)) return undefined;
  if (specifier === 'node:crypto' && from.area === 'kernel' && from.rest.join('/') === 'content-hash.ts')
    return undefined;
  if (specifier.startsWith('node:')) return `a domain is pure: no ${specifier}`;
  if (outwardPackages.test(specifier)) return `a domain is pure: no ${specifier}`;
  return undefined;
};

const imports = {
  create(context) {
    const path = context.filename;
    const from = placeOf(path);
    if (!from) return {};
    const check = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string') return;
      let message;
      if (specifier.startsWith('.')) {
        const to = placeOf(join(dirname(path), specifier));
        if (to) message = crossing(from, to);
      } else message = packageCrossing(from, specifier, path);
      if (message) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

const purity = {
  create(context) {
    const path = context.filename;
    const from = placeOf(path);
    if (!from || isTest(path) || !(from.area === 'kernel' || isDomain(from.area))) return {};
    const report = (node, what) =>
      context.report({ node, message: `a domain is pure: ${what} comes in as an argument` });
    return {
      MemberExpression(node) {
        if (node.object.type !== 'Identifier') return;
        const property = node.computed ? node.property.value : node.property.name;
        const name = `${node.object.name}.${property}`;
        if (impureCalls.has(name)) report(node, name);
      },
      NewExpression(node) {
        if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0)
          report(node, 'the present time');
      },
      CallExpression(node) {
        if (node.callee.type === 'Identifier' && node.callee.name === 'Date')
          report(node, 'the present time');
      },
    };
  },
};

export default { meta: { name: 'huren' }, rules: { imports, purity } };
