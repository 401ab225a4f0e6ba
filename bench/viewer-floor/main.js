// The floor of the viewer: cornerstone3D with nothing around it shows the middle slice of a series. Metadata come from
// `/metadata`, frames from `/frames/NUMBER`, as they are stored.
import { Enums, init as initCore, RenderingEngine } from '@cornerstonejs/core';
import { init as initLoader, wadors } from '@cornerstonejs/dicom-image-loader';

const metadata = fetch('/metadata').then((answer) => answer.json());
initCore();
initLoader({ useLegacyMetadataProvider: true, maxWebWorkers: 1 });
const instances = await metadata;
const imageIds = instances.map((instance, at) => {
  const imageId = `wadors:/frames/${at + 1}`;
  wadors.metaDataManager.add(imageId, instance);
  return imageId;
});
const element = document.getElementById('pane');
const engine = new RenderingEngine('floor');
engine.enableElement({ viewportId: 'pane', type: Enums.ViewportType.STACK, element });
element.addEventListener(Enums.Events.IMAGE_RENDERED, () => {
  requestAnimationFrame(() => performance.mark('first-pixels'));
});
const viewport = engine.getViewport('pane');
await viewport.setStack(imageIds, Math.floor(imageIds.length / 2));
viewport.render();
