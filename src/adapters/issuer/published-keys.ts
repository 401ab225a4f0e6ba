import { lookup as resolveName } from 'node:dns';
import { request } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { readUsableKeys } from './read-application.ts';

/** The app's server may take this long for the whole answer, in milliseconds: a token is waited for. */
const ANSWER_MS = 5_000;
/** Largest key set that is read. */
const BYTES_MAX = 64 * 1024;

/**
 * Where no app has its keys: this machine, the link (cloud metadata among it), everybody, nobody. Private networks are
 * let through, because there the systems of hospitals are; what answers must still prove its name by TLS.
 */
const NOWHERE = new BlockList();
NOWHERE.addSubnet('0.0.0.0', 8);
NOWHERE.addSubnet('127.0.0.0', 8);
NOWHERE.addSubnet('169.254.0.0', 16);
NOWHERE.addSubnet('224.0.0.0', 3);
NOWHERE.addAddress('::', 'ipv6');
NOWHERE.addAddress('::1', 'ipv6');
NOWHERE.addSubnet('fe80::', 10, 'ipv6');
NOWHERE.addSubnet('ff00::', 8, 'ipv6');

/** Whether a key set may be fetched from this address of the network. */
export const mayHoldKeys = (address: string): boolean =>
  isIP(address) !== 0 && !NOWHERE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** How the network is reached; the product says nothing, tests put their own in. */
export interface KeyNetwork {
  readonly resolve?: typeof resolveName;
  readonly mayConnect?: (address: string) => boolean;
  /** PEM of certificates that are trusted beside none. */
  readonly ca?: string;
}

/** Resolves a name and looks at what it is connected to, at one and the same time: a name that changes in between gains nothing. */
const guardedLookup =
  ({ resolve = resolveName, mayConnect = mayHoldKeys }: KeyNetwork): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      if (addresses.length === 0 || addresses.some(({ address }) => !mayConnect(address)))
        return callback(new Error('the name leads where no keys are fetched from'), []);
      return options.all
        ? callback(null, addresses)
        : callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
    });
  };

const readBody = (address: URL, network: KeyNetwork): Promise<string> =>
  new Promise((resolve, reject) => {
    const mayConnect = network.mayConnect ?? mayHoldKeys;
    const literal = address.hostname.replace(/^\[|\]$/g, '');
    if (address.protocol !== 'https:' || (isIP(literal) !== 0 && !mayConnect(literal))) {
      reject(new Error('no keys are fetched from there'));
      return;
    }
    const call = request(
      address,
      {
        agent: false,
        headers: { accept: 'application/json' },
        lookup: guardedLookup(network),
        signal: AbortSignal.timeout(ANSWER_MS),
        ...(network.ca === undefined ? {} : { ca: network.ca }),
      },
      (response) => {
        // Also for a redirect: it would lead to an address that nobody registered.
        if (response.statusCode !== 200) {
          call.destroy(new Error(`the key server answered ${response.statusCode}`));
          return;
        }
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.byteLength;
          if (length > BYTES_MAX) call.destroy(new Error(`a key set of more than ${BYTES_MAX} bytes`));
          else parts.push(part);
        });
        response.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
        response.on('error', reject);
      },
    );
    call.on('error', reject);
    call.end();
  });

/**
 * Fetches the public keys that an app publishes under the address an operator registered for it. Of the set only keys
 * that a client can sign with are handed on. Rejects on everything else: another scheme, an address of this machine,
 * a redirect, no answer in time, too large an answer.
 */
export const fetchPublishedKeys = async (address: string, network: KeyNetwork = {}): Promise<Response> => {
  const keys = await readUsableKeys(JSON.parse(await readBody(new URL(address), network)));
  // Without headers that say for how long: the library then asks anew after a minute, and a key is rotated by then.
  return new Response(JSON.stringify({ keys }), { status: 200 });
};
