import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { Provider } from 'oidc-provider';
import type { OutsideIssuer } from '../../src/adapters/outside-issuers/outside-issuer.ts';

const listening = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });

const settings = (code: string, issuer: string, more: Partial<OutsideIssuer> = {}): OutsideIssuer => ({
  code,
  nameZh: '市一院统一身份认证',
  issuer,
  clientId: 'huren',
  clientSecret: null,
  privateKey: null,
  scopes: ['openid', 'staff'],
  match: { by: 'subject' },
  secondFactor: 'issuer',
  acrValues: [],
  ...more,
});

/** A second issuer with keys of its own, as a hospital would run it. */
export interface OtherIssuer {
  readonly issuer: string;
  settings(more?: Partial<OutsideIssuer>): OutsideIssuer;
  /** Who is signed in there. */
  signedIn(subject: string, claims: Readonly<Record<string, string>>): void;
  /** Learns under which address Huren is reached. */
  register(hurenUrl: string, code: string): void;
  close(): Promise<void>;
}

/** Starts one on `oidc-provider`, which signs in whoever it is told to. */
export const otherIssuer = async (): Promise<OtherIssuer> => {
  let answer: (request: never, response: never) => void = () => undefined;
  const server = createServer((request, response) => answer(request as never, response as never));
  const issuer = await listening(server);
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'hospital-1', alg: 'RS256', use: 'sig' };
  let subject = 'nobody';
  let claims: Readonly<Record<string, string>> = {};
  const redirects: string[] = [];
  const provider = (): Provider =>
    new Provider(issuer, {
      jwks: { keys: [key as never] },
      cookies: { keys: ['of-the-other-issuer'] },
      clients: [
        {
          client_id: 'huren',
          client_secret: 'a secret between hospital and platform',
          redirect_uris: redirects,
          post_logout_redirect_uris: redirects.map((address) => `${new URL(address).origin}/sign-in`),
        },
      ],
      claims: { openid: ['sub'], staff: ['staff_no', 'org'] },
      scopes: ['openid', 'staff'],
      conformIdTokenClaims: false,
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_ctx, interaction) => `/asked/${interaction.uid}` },
      findAccount: async (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...claims }) }),
    });
  return {
    issuer,
    settings: (more) =>
      settings('hospital', issuer, { clientSecret: 'a secret between hospital and platform', ...more }),
    signedIn(who, says) {
      subject = who;
      claims = says;
    },
    register(hurenUrl, code) {
      redirects.push(`${hurenUrl}/sign-in/from/${code}`);
      const running = provider();
      const library = running.callback();
      answer = ((request: { url: string }, response: never) => {
        if (!request.url.startsWith('/asked/')) return void library(request as never, response);
        void (async () => {
          const grant = new running.Grant({ accountId: subject, clientId: 'huren' });
          grant.addOIDCScope('openid staff');
          const consent = { grantId: await grant.save() };
          await running.interactionFinished(
            request as never,
            response,
            { login: { accountId: subject }, consent },
            { mergeWithLastSubmission: false },
          );
        })();
      }) as never;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
};

/** What a forger puts into a token: claims, and by what it is signed. */
export interface Forgery {
  readonly claims?: JWTPayload;
  readonly by?: 'own-key' | 'another-key' | 'none' | 'secret';
}

/** An issuer whose tokens are as a test wants them. */
export interface ForgingIssuer {
  readonly settings: OutsideIssuer;
  /** What its next token is like. */
  next(forgery: Forgery & { readonly nonce: string }): void;
  close(): Promise<void>;
}

/** Starts one. */
export const forgingIssuer = async (): Promise<ForgingIssuer> => {
  const own = await generateKeyPair('RS256', { extractable: true });
  const another = await generateKeyPair('RS256', { extractable: true });
  const publicKey = { ...(await exportJWK(own.publicKey)), kid: 'forger-1', alg: 'RS256', use: 'sig' };
  let forgery: Forgery & { nonce: string } = { nonce: '' };
  const token = async (issuer: string): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: 'huren',
      sub: 'somebody',
      iat: now,
      exp: now + 300,
      nonce: forgery.nonce,
      ...forgery.claims,
    };
    const header = { alg: 'RS256', kid: 'forger-1' };
    switch (forgery.by) {
      case 'none':
        return new UnsecuredJWT(claims).encode();
      case 'secret':
        return new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .sign(new TextEncoder().encode(JSON.stringify(publicKey)));
      case 'another-key':
        return new SignJWT(claims).setProtectedHeader(header).sign(another.privateKey);
      default:
        return new SignJWT(claims).setProtectedHeader(header).sign(own.privateKey);
    }
  };
  const server = createServer((request, response) => {
    const issuer = `http://${request.headers.host}`;
    const send = (body: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.url === '/jwks') return send({ keys: [publicKey] });
    if (request.url === '/token')
      return void token(issuer).then((id_token) =>
        send({ access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token }),
      );
    send({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  });
  const issuer = await listening(server);
  return {
    settings: settings('forger', issuer),
    next(wanted) {
      forgery = wanted;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
};
