import { getEnabledElement, StackViewport, type Types as CoreTypes } from '@cornerstonejs/core';
import {
  addTool,
  AngleTool,
  annotation,
  EllipticalROITool,
  Enums,
  init,
  LengthTool,
  PanTool,
  ProbeTool,
  StackScrollTool,
  ToolGroupManager,
  type Types,
  utilities,
  WindowLevelTool,
  ZoomTool,
} from '@cornerstonejs/tools';
import { describedAs, scaleNote } from './described.ts';
import { angleLines, lengthLines, type Measured, pointLines, regionLines } from './measured-words.ts';
import { valueAt } from './pixels.ts';

/** What the first button, or one finger, does. */
export const TOOL_NAMES = ['scroll', 'window', 'pan', 'zoom', 'length', 'angle', 'region', 'point'] as const;
/** One of `TOOL_NAMES`. */
export type ToolName = (typeof TOOL_NAMES)[number];

interface Fingers {
  readonly currentPointsList?: readonly { readonly canvas: CoreTypes.Point2 }[];
  readonly lastPointsList?: readonly { readonly canvas: CoreTypes.Point2 }[];
}

/** Middle and distance of the first two fingers; null where there are not two. */
const spanOf = (points: Fingers['currentPointsList']) => {
  const [one, other] = points ?? [];
  if (!one || !other) return null;
  const [[x, y], [toX, toY]] = [one.canvas, other.canvas];
  return { middle: [(x + toX) / 2, (y + toY) / 2] as const, distance: Math.hypot(toX - x, toY - y) };
};

/**
 * Zooms with one finger as with the mouse, where it is chosen. Two fingers zoom and move, whatever one finger does: what
 * lies between them stays between them.
 */
class FingerZoomTool extends ZoomTool {
  constructor(...options: ConstructorParameters<typeof ZoomTool>) {
    super(...options);
    this.preTouchStartCallback = this.preMouseDownCallback;
    this.touchDragCallback = (event) => {
      const { currentPointsList, lastPointsList } = event.detail as Fingers;
      const now = spanOf(currentPointsList);
      const before = spanOf(lastPointsList);
      if (!now) {
        this.mouseDragCallback(event);
        return;
      }
      const viewport = getEnabledElement(event.detail.element)?.viewport;
      // The second finger lands after the first: from then on there are two to compare.
      if (!before || before.distance === 0 || !(viewport instanceof StackViewport)) return;
      const held = viewport.canvasToWorld([...before.middle]);
      viewport.setZoom(viewport.getZoom() * (now.distance / before.distance));
      const [x, y] = viewport.worldToCanvas(held);
      const [panX, panY] = viewport.getPan();
      viewport.setPan([panX + now.middle[0] - x, panY + now.middle[1] - y]);
      viewport.render();
    };
  }
}

const TOOLS: Readonly<Record<ToolName, string>> = {
  scroll: StackScrollTool.toolName,
  window: WindowLevelTool.toolName,
  pan: PanTool.toolName,
  zoom: ZoomTool.toolName,
  length: LengthTool.toolName,
  angle: AngleTool.toolName,
  region: EllipticalROITool.toolName,
  point: ProbeTool.toolName,
};

const MEASURES: readonly ToolName[] = ['length', 'angle', 'region', 'point'];
const GROUP = 'panes';
const { Primary, Secondary, Auxiliary, Wheel } = Enums.MouseBindings;

const group = (): Types.IToolGroup => {
  const found = ToolGroupManager.getToolGroup(GROUP);
  if (!found) throw new RangeError('the tools were not added');
  return found;
};

/** Whatever the first button does, these stay: the wheel scrolls, the middle button moves, the right one zooms. */
const FIXED: Readonly<Partial<Record<ToolName, readonly Types.IToolBinding[]>>> = {
  scroll: [{ mouseButton: Wheel }],
  pan: [{ mouseButton: Auxiliary }],
  // Two fingers zoom and move at once.
  zoom: [{ mouseButton: Secondary }, { numTouchPoints: 2 }],
};

/** Gives the first button, or one finger, to a tool. */
export const chooseTool = (chosen: ToolName): void => {
  for (const name of TOOL_NAMES) {
    const fixed = FIXED[name] ?? [];
    const bindings =
      name === chosen ? [{ mouseButton: Primary }, { numTouchPoints: 1 }, ...fixed] : [...fixed];
    if (bindings.length > 0) {
      // Otherwise it would keep what it was given before, and two tools would share one button or finger.
      group().setToolPassive(TOOLS[name], { removeAllBindings: true });
      group().setToolActive(TOOLS[name], { bindings });
    }
    // What was measured stays on the picture and can be corrected.
    else if (MEASURES.includes(name)) group().setToolPassive(TOOLS[name], { removeAllBindings: true });
    else group().setToolDisabled(TOOLS[name]);
  }
};

/**
 * The value under a point. The tool itself looks for the pixel in the volume that the stack would be, and finds it in the
 * first picture only; so it is read here.
 */
const pointValue = (data: Measured, target: string): string[] => {
  const { index } = (data.cachedStats[target] ?? {}) as { index?: ArrayLike<number> };
  const value = index && valueAt(target.replace(/^imageId:/, ''), index[0] as number, index[1] as number);
  if (value === null || value === undefined) return [];
  return pointLines({ cachedStats: { [target]: { ...data.cachedStats[target], value } } }, target);
};

/** What is to be known of millimetres on the picture that was measured. */
const noteOf = (target: string): string | null => {
  const found = describedAs(target.replace(/^imageId:/, ''));
  return found ? scaleNote(found.image) : null;
};
const noted =
  (lines: (data: Measured, target: string, note: string | null) => string[]) =>
  (data: Measured, target: string): string[] =>
    lines(data, target, noteOf(target));

/** Makes the tools known, once for the page. */
export const addTools = (): void => {
  init();
  const made = ToolGroupManager.createToolGroup(GROUP);
  if (!made) return;
  for (const each of [
    StackScrollTool,
    WindowLevelTool,
    PanTool,
    FingerZoomTool,
    LengthTool,
    AngleTool,
    EllipticalROITool,
    ProbeTool,
  ])
    addTool(each);
  made.addTool(StackScrollTool.toolName);
  made.addTool(WindowLevelTool.toolName);
  made.addTool(PanTool.toolName);
  made.addTool(ZoomTool.toolName);
  made.addTool(LengthTool.toolName, { getTextLines: noted(lengthLines) });
  made.addTool(AngleTool.toolName, { getTextLines: angleLines });
  made.addTool(EllipticalROITool.toolName, { getTextLines: noted(regionLines) });
  made.addTool(ProbeTool.toolName, { getTextLines: pointValue });
  const { style } = annotation.config;
  const usual = style.getDefaultToolStyles();
  style.setDefaultToolStyles({
    ...usual,
    global: {
      ...(usual['global'] as object),
      color: 'rgb(255, 214, 102)',
      colorHighlighted: 'rgb(105, 192, 255)',
      colorSelected: 'rgb(105, 192, 255)',
      textBoxFontSize: '14px',
      textBoxFontFamily: 'system-ui, sans-serif',
      textBoxColor: 'rgb(255, 214, 102)',
      textBoxBackground: 'rgba(0, 0, 0, 0.6)',
      lineWidth: '1.5',
    },
  });
  chooseTool('window');
};

/** Lets the tools work in a pane. */
export const joinTools = (pane: string, engine: string): void => group().addViewport(pane, engine);

/** Takes a pane from the tools. */
export const leaveTools = (pane: string, engine: string): void => group().removeViewports(engine, pane);

/** Takes every measurement off the pictures. */
export const removeMeasurements = (): void => {
  annotation.state.removeAllAnnotations();
  utilities.triggerAnnotationRenderForViewportIds(group().getViewportIds());
};
