// The edge between names and bars. In: a drag, arrow keys, a double click. Out: the width of the names changed.

import { useRef } from 'preact/hooks';
import { NARROWEST_PX, namesPx, setNamesPx } from '../state/names-width.ts';

const STEP_PX = 16;
/** Of a wide window (style/trace.css). */
const USUAL_PX = 384;

export function Divider() {
  const isDragging = useRef(false);
  return (
    <div
      class="divider"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the names: left and right, or drag. Home: as it was"
      aria-valuenow={namesPx.value ?? USUAL_PX}
      aria-valuemin={NARROWEST_PX}
      aria-valuetext={namesPx.value === undefined ? 'as the page has it' : `${namesPx.value} pixels`}
      title="Drag to make the names wider; a double click puts it back"
      tabIndex={0}
      onPointerDown={(event) => {
        isDragging.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        const box = boxOf(event.currentTarget);
        if (isDragging.current && box) setNamesPx(event.clientX - box.left, box.width);
      }}
      onPointerUp={() => (isDragging.current = false)}
      onDblClick={() => setNamesPx(undefined, 0)}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowLeft' ? -STEP_PX : event.key === 'ArrowRight' ? STEP_PX : 0;
        if (by === 0 && event.key !== 'Home') return;
        event.preventDefault();
        event.stopPropagation();
        const box = boxOf(event.currentTarget);
        if (box) setNamesPx(by === 0 ? undefined : event.currentTarget.offsetLeft + by, box.width);
      }}
    />
  );
}

function boxOf(divider: HTMLElement): DOMRect | undefined {
  return divider.closest('.waterfall')?.getBoundingClientRect();
}
