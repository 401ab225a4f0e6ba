/** The variable of Node that names the folder in which compiled code is kept. */
const COMPILED_CODE = 'NODE_COMPILE_CACHE';

/**
 * The environment of a thread: none but the folder of compiled code. Without that a thread reads and compiles every module
 * anew, with a compiler of TypeScript of its own: it takes longer to be there and some 30 MB more.
 *
 * @param environment of the process
 */
export const threadEnvironment = (
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> => {
  const folder = environment[COMPILED_CODE];
  return folder === undefined ? {} : { [COMPILED_CODE]: folder };
};
