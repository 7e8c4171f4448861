// Saves the chart of the card it stands in as an image.

import { saveChart } from '../state/share.ts';

export function SaveButton() {
  return (
    <button
      type="button"
      class="control small icon-only"
      aria-label="Save the chart as an image"
      title="Save the chart: S as PNG; V, or a click with shift, as SVG"
      onClick={({ currentTarget, shiftKey }) =>
        void saveChart(shiftKey ? 'svg' : 'png', currentTarget.closest('section'))
      }
    >
      <svg
        width="13"
        height="13"
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        aria-hidden="true"
      >
        <path d="M10 3v9M6 9l4 4 4-4M3 16.500h14" />
      </svg>
    </button>
  );
}
