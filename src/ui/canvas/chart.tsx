// A canvas that draws itself when what it shows, its size, the theme or the fonts change. In: a function that draws. How large
// it is says CSS; layout is not read while drawing: the size comes from an observer.

import { useEffect, useRef } from 'preact/hooks';
import { theme } from '../state/theme.ts';
import { keepDrawing } from './drawings.ts';
import { createPaint, prepare, type Paint } from './paint.ts';

/** Draws on `context`, `width` × `height` CSS pixels. */
export type Draw = (context: CanvasRenderingContext2D, paint: Paint, width: number, height: number) => void;

type Handler<E extends Event> = (event: E & { readonly currentTarget: HTMLCanvasElement }) => void;

export interface CanvasEvents {
  readonly onPointerDown?: Handler<PointerEvent>;
  readonly onPointerMove?: Handler<PointerEvent>;
  readonly onPointerUp?: Handler<PointerEvent>;
  readonly onPointerLeave?: Handler<PointerEvent>;
  readonly onKeyDown?: Handler<KeyboardEvent>;
  readonly onDblClick?: Handler<MouseEvent>;
  readonly onWheel?: Handler<WheelEvent>;
}

interface ChartProps {
  readonly draw: Draw;
  readonly label: string;
  readonly className?: string;
  readonly pointer?: CanvasEvents;
  /** It can be reached with Tab: it has keys of its own. */
  readonly hasKeys?: boolean;
}

export function Chart({ draw, label, className = '', pointer = {}, hasKeys = false }: ChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useRef({ width: 0, height: 0 });
  const latest = useRef(draw);
  latest.current = draw;
  const frame = useRef(0);
  const schedule = () => {
    if (frame.current === 0) frame.current = requestAnimationFrame(paintNow);
  };
  const paintNow = () => {
    frame.current = 0;
    if (canvas.current === null) return;
    const ratio = devicePixelRatio || 1;
    const { width, height } = size.current;
    const context = prepare(canvas.current, width, height, ratio);
    if (context !== undefined) latest.current(context, paintOf(context, ratio), width, height);
  };
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      size.current = { width: entry?.contentRect.width ?? 0, height: entry?.contentRect.height ?? 0 };
      schedule();
    });
    const element = canvas.current;
    if (element) {
      observer.observe(element);
      // Not the size of the last drawing: a file may be asked for before the first.
      keepDrawing(element, () => ({
        kind: 'canvas',
        width: element.clientWidth,
        height: element.clientHeight,
        draw: latest.current,
      }));
    }
    void document.fonts.ready.then(schedule);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
    };
  }, []);
  useEffect(schedule);
  void theme.value;
  return (
    <canvas
      ref={canvas}
      class={className}
      role="img"
      aria-label={label}
      tabIndex={hasKeys ? 0 : undefined}
      {...pointer}
    />
  );
}

/** Patterns are made once for a canvas, theme and ratio. */
const paints = new WeakMap<CanvasRenderingContext2D, { readonly key: string; readonly paint: Paint }>();

function paintOf(context: CanvasRenderingContext2D, ratio: number): Paint {
  const key = `${theme.value} ${ratio}`;
  const known = paints.get(context);
  if (known?.key === key) return known.paint;
  const paint = createPaint(context, ratio);
  paints.set(context, { key, paint });
  return paint;
}
