// The lines that the CPU of one endpoint goes to, as a profiler saw them. In: its answer. Out: the largest, with their shares.

import { formatShare } from '../../base/numbers.ts';
import { lineWords, type OwnCode } from '../../model/own-code.ts';

const SHOWN = 6;

export function CodeHere({ ownCode: { us, lines } }: { readonly ownCode: OwnCode }) {
  return (
    <section class="card findings-here" aria-labelledby="code-here-title">
      <header>
        <h2 id="code-here-title">Own code, by line</h2>
      </header>
      {lines.slice(0, SHOWN).map((line) => (
        <p key={`${line.callSite} ${line.name} ${line.called}`} class="card-note">
          <b>{formatShare(line.us / us)}</b> {lineWords(line)}
        </p>
      ))}
    </section>
  );
}
