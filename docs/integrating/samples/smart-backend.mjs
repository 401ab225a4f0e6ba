// A backend service of SMART App Launch 2.x, whole: signs its word, gets a token, says until when. Node 20 or later.
//   PLATFORM_URL=… CLIENT_ID=… KEY_FILE=private.pem KEY_ID=… node smart-backend.mjs SCOPE…
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { PLATFORM_URL = 'http://127.0.0.1:8080', CLIENT_ID, KEY_FILE, KEY_ID } = process.env;
const key = createPrivateKey(readFileSync(KEY_FILE));

// Where to go is read from the platform, never put together by hand.
const configuration = await (await fetch(`${PLATFORM_URL}/fhir/.well-known/smart-configuration`)).json();
const { token_endpoint } = configuration;

const isEc = key.asymmetricKeyType === 'ec';
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const content = [
  part({ alg: isEc ? 'ES384' : 'RS384', kid: KEY_ID, typ: 'JWT' }),
  // A new jti each time: the same word is taken once.
  part({ iss: CLIENT_ID, sub: CLIENT_ID, aud: token_endpoint, jti: randomUUID(), iat: now, exp: now + 120 }),
].join('.');
const signature = sign('sha384', Buffer.from(content), isEc ? { key, dsaEncoding: 'ieee-p1363' } : key);

const response = await fetch(token_endpoint, {
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    scope: process.argv.slice(2).join(' '),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${content}.${signature.toString('base64url')}`,
  }),
});
const answer = await response.json();
if (!response.ok) {
  console.error(`${answer.error}: ${answer.error_description ?? ''}`);
  process.exit(1);
}
// answer.access_token goes into `Authorization: Bearer …` of calls below /fhir, and nowhere else.
console.log(JSON.stringify({ scope: answer.scope, expires_in: answer.expires_in }));
