/**
 * Stands in for `xmlbuilder2`, by which vtk.js reads and writes meshes as XML. Nothing here is a mesh, and the package
 * needs modules of Node that no browser has (`vite.config.ts`).
 *
 * @throws RangeError always
 */
export const create = (): never => {
  throw new RangeError('meshes are not read here');
};
/** @throws RangeError always */
export const convert = (): never => create();
