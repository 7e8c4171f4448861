// Switches over the waterfall, and the colours that this trace has.

import { isFold } from '../canvas/rows.ts';
import { Legend } from '../parts/legend.tsx';
import type { TraceView } from '../state/trace-view.ts';

export function Toolbar({ view }: { readonly view: TraceView }) {
  const hasRuns = view.tree.kind.some(isFold);
  return (
    <div class="toolbar" role="toolbar" aria-label="Waterfall">
      <Switch
        name="Fold repeats"
        isOn={view.hasFolded.value}
        isDisabled={!hasRuns}
        onPress={() => view.toggleRuns()}
      />
      <Switch
        name="Critical path only"
        isOn={view.criticalOnly.value}
        onPress={() => (view.criticalOnly.value = !view.criticalOnly.value)}
      />
      <Switch
        name="Hide under 1 ms"
        isOn={view.hidesShort.value}
        onPress={() => (view.hidesShort.value = !view.hidesShort.value)}
      />
      <button type="button" class="control small" onClick={() => view.fitAll()}>
        Fit
      </button>
      <Legend parts={view.answer.categories} ofUs={view.answer.durationUs} />
    </div>
  );
}

interface SwitchProps {
  readonly name: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onPress: () => void;
}

function Switch({ name, isOn, isDisabled = false, onPress }: SwitchProps) {
  return (
    <button type="button" class="control small" aria-pressed={isOn} disabled={isDisabled} onClick={onPress}>
      {name}
    </button>
  );
}
