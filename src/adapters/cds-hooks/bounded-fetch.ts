/** How an address outside is asked. */
export interface BoundedRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest wait for the whole answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Largest answer that is read. */
  readonly bytesMax: number;
}

const readBounded = async (response: Response, bytesMax: number): Promise<ArrayBuffer> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.byteLength;
    if (length > bytesMax) throw new RangeError(`answer longer than ${bytesMax} bytes`);
    parts.push(part);
  }
  const whole = new Uint8Array(length);
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.byteLength;
  }
  return whole.buffer;
};

/**
 * GET of an address that an operator registered. Redirects are refused, because they would lead to an address that
 * nobody registered; time and size are bounded. Rejects on all of it, and on whatever keeps the network away.
 */
export const boundedFetch = async (
  address: string,
  { headers = {}, timeoutMs, bytesMax }: BoundedRequest,
): Promise<Response> => {
  const response = await fetch(address, {
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  const body = await readBounded(response, bytesMax);
  return new Response(body.byteLength === 0 ? null : body, { status: response.status });
};
