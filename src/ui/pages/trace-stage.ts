// Draws the canvases of a trace page. In: its state and three canvases. Out: at most one frame per screen refresh, and only
// when something changed. Sizes come from an observer, never from reading the layout while drawing.

import { effect } from '@preact/signals';
import { BarLabels } from '../canvas/bar-labels.ts';
import { PathLine } from '../canvas/critical-path.ts';
import { keepDrawing } from '../canvas/drawings.ts';
import { Minimap } from '../canvas/minimap.ts';
import { createPaint, prepare, type Paint } from '../canvas/paint.ts';
import { drawRuler } from '../canvas/ruler.ts';
import type { Scene } from '../canvas/scene.ts';
import { tickStep } from '../canvas/view.ts';
import { drawWaterfall } from '../canvas/waterfall.ts';
import type { TraceView } from '../state/trace-view.ts';

export interface Canvases {
  readonly overview: HTMLCanvasElement;
  readonly ruler: HTMLCanvasElement;
  readonly bars: HTMLCanvasElement;
}

const OVERVIEW_PX = 46;
const RULER_PX = 24;

export class Stage {
  readonly #view: TraceView;
  readonly #labels: BarLabels;
  readonly #minimap = new Minimap();
  #canvases: Canvases | undefined = undefined;
  #scene: Scene | undefined = undefined;
  #paint: Paint | undefined = undefined;
  #width = 0;
  #height = 0;
  #frame = 0;
  /** The overview and the ruler change with the window, not with scrolling. */
  #isAxisOld = true;

  constructor(view: TraceView) {
    this.#view = view;
    this.#labels = new BarLabels(view.answer, view.tree, view.path.isOn, view);
  }

  /** Of the bars, in pixels. */
  get width(): number {
    return this.#width;
  }

  /** Starts to draw; returns how to stop. */
  attach(canvases: Canvases): () => void {
    this.#canvases = canvases;
    keepDrawing(canvases.bars, () => {
      if (this.#scene === undefined) this.#drawFirst(canvases.bars);
      return {
        kind: 'canvas',
        width: this.#width,
        height: this.#height,
        draw: (context, paint) => {
          if (this.#scene !== undefined) drawWaterfall(context, { ...this.#scene, paint });
        },
      };
    });
    const size = new ResizeObserver(() => this.#resize(canvases.bars));
    size.observe(canvases.bars);
    void document.fonts.ready.then(() => this.#fontsLoaded());
    const stop = effect(() => this.#follow());
    const stopMarks = effect(() => {
      void this.#view.stalls.value;
      this.#labels.forget();
      this.#schedule();
    });
    const stopAxis = effect(() => {
      void [this.#view.window.value, this.#view.measured.value];
      this.#isAxisOld = true;
    });
    return () => {
      size.disconnect();
      stop();
      stopMarks();
      stopAxis();
      cancelAnimationFrame(this.#frame);
      this.#canvases = undefined;
    };
  }

  forgetPaint(): void {
    this.#paint = undefined;
    this.#isAxisOld = true;
    this.#schedule();
  }

  #fontsLoaded(): void {
    this.#labels.forgetWidths();
    this.forgetPaint();
  }

  /** A file may be asked for before the first frame. */
  #drawFirst(bars: HTMLCanvasElement): void {
    this.#resize(bars);
    this.#draw();
  }

  #resize(bars: HTMLCanvasElement): void {
    this.#width = bars.clientWidth;
    this.#height = bars.clientHeight;
    this.#isAxisOld = true;
    this.#schedule();
  }

  /** Reads what a frame depends on, so that each change asks for one. */
  #follow(): void {
    const { window, rows, selected, criticalOnly, scrollTop, typical, measured } = this.#view;
    void [window.value, rows.value, selected.value, criticalOnly.value, scrollTop.value, typical.value];
    void measured.value;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    if (this.#canvases === undefined || this.#width === 0) return;
    performance.mark('wiretime-frame-start');
    const ratio = devicePixelRatio || 1;
    const context = prepare(this.#canvases.bars, this.#width, this.#height, ratio);
    if (context === undefined) return;
    const scene = this.#update(context, ratio);
    drawWaterfall(context, scene);
    if (this.#isAxisOld) this.#drawAxis(this.#canvases, scene, ratio);
    performance.measure('wiretime-frame', 'wiretime-frame-start');
  }

  #drawAxis({ overview, ruler }: Canvases, scene: Scene, ratio: number): void {
    this.#isAxisOld = false;
    const axis = prepare(ruler, scene.width, RULER_PX, ratio);
    if (axis) drawRuler(axis, scene, RULER_PX);
    const map = prepare(overview, scene.width, OVERVIEW_PX, ratio);
    if (map) this.#minimap.draw(map, scene, this.#view.answer.durationUs, OVERVIEW_PX, ratio);
  }

  /** The scene with what is true now; made once, then only filled. */
  #update(context: CanvasRenderingContext2D, ratio: number): Scene {
    const paint = (this.#paint ??= createPaint(context, ratio));
    const scene = (this.#scene ??= this.#createScene(paint));
    const { from, to } = this.#view.window.value;
    scene.rows = this.#view.rows.value;
    scene.paint = paint;
    scene.fromUs = from;
    scene.scale = this.#width / (to - from);
    scene.stepUs = tickStep(this.#view.window.value, this.#width);
    scene.scrollTop = this.#view.scrollTop.value;
    scene.selected = this.#view.selected.value;
    scene.criticalOnly = this.#view.criticalOnly.value;
    scene.height = this.#height;
    scene.measured = this.#view.measured.value;
    scene.typical = this.#view.typical.value;
    this.#labels.compare(scene.typical);
    if (scene.width !== this.#width) this.#widen(scene);
    return scene;
  }

  #widen(scene: Scene): void {
    scene.width = this.#width;
    scene.covered = new Float32Array(Math.ceil(this.#width) + 1);
    scene.waited = new Float32Array(Math.ceil(this.#width) + 1);
  }

  #createScene(paint: Paint): Scene {
    const { tree, bars, path, rows, isUnderWay } = this.#view;
    return {
      tree,
      bars,
      path,
      line: new PathLine(path),
      labels: this.#labels,
      isUnderWay,
      rows: rows.value,
      paint,
      fromUs: 0,
      scale: 1,
      stepUs: 1,
      width: 0,
      height: 0,
      scrollTop: 0,
      selected: -1,
      criticalOnly: false,
      measured: undefined,
      typical: undefined,
      covered: new Float32Array(0),
      waited: new Float32Array(0),
    };
  }
}
