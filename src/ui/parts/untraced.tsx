// Own services that are called but not seen from inside: their time is one block. In: their names.

const SHOWN = 3;

export function UntracedNotice({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return (
    <p class="notice warn">
      <i aria-hidden="true">▲</i>
      <span>
        <b>
          {names.slice(0, SHOWN).join(', ')}
          {more}
        </b>{' '}
        {names.length === 1 ? 'is' : 'are'} called but not traced: the time inside is one block, HTTP. What is
        yours, start with <code class="mono">wiretime run</code> too.
      </span>
    </p>
  );
}
