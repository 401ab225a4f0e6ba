/** What the server says when it refuses or fails (RFC 9457), as far as a screen needs it. */
export interface Problem {
  readonly status: number;
  /** Stable code, listed in docs/errors.md; `NO_CONNECTION` when nothing answered. */
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly detail?: string;
  readonly requestId?: string;
}

/** Thrown by calls that were refused or failed. The message holds a code and no patient's data. */
export class CallFailed extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

const NO_CONNECTION: Problem = {
  status: 0,
  code: 'NO_CONNECTION',
  zh: '连接不上互认服务，请检查网络后重试。',
  en: 'The service cannot be reached. Check the network and try again.',
};

const problemOf = async (response: Response): Promise<Problem> => {
  try {
    const body = (await response.json()) as Partial<Problem>;
    if (typeof body.code === 'string' && typeof body.zh === 'string')
      return { en: body.code, ...body, status: response.status } as Problem;
  } catch {
    // Whatever answered did not speak our language: a proxy, most likely.
  }
  return {
    ...NO_CONNECTION,
    status: response.status,
    code: `HTTP_${response.status}`,
  };
};

/**
 * Calls the API with the session of this browser. Answers are typed by the caller with the shapes of `web/wire`; the
 * contract tests hold the server to them.
 *
 * @throws CallFailed with the server's problem, or NO_CONNECTION
 */
export const call = async <Answer>(
  path: string,
  options: { readonly body?: unknown; readonly signal?: AbortSignal; readonly headers?: HeadersInit } = {},
): Promise<Answer> => {
  const { body } = options;
  // A form with a file names its own boundary.
  const isForm = body instanceof FormData;
  let response: Response;
  try {
    response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      body: body === undefined ? null : isForm ? body : JSON.stringify(body),
      credentials: 'same-origin',
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new CallFailed(NO_CONNECTION);
  }
  if (!response.ok) throw new CallFailed(await problemOf(response));
  return (await response.json()) as Answer;
};

/**
 * Fetches a document with the session of this browser, to be shown from memory, where it can run nothing.
 *
 * @param cache `reload` where what the browser keeps is known to be too old
 * @throws CallFailed with the server's problem, or NO_CONNECTION
 */
export const fetchDocument = async (
  path: string,
  headers: HeadersInit = {},
  signal?: AbortSignal,
  cache: RequestCache = 'default',
): Promise<Blob> => {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', headers, cache, signal: signal ?? null });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new CallFailed(NO_CONNECTION);
  }
  if (!response.ok) throw new CallFailed(await problemOf(response));
  return response.blob();
};
