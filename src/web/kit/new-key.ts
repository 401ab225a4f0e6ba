/**
 * A key that nobody else has. Also where a page came without TLS, as inside many hospitals: there browsers give random bytes and
 * no `randomUUID`.
 */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
