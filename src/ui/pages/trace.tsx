// One trace. In: its id. (The waterfall follows.)

export function Trace({ id }: { readonly id: string }) {
  return <h1 class="answer">Trace {id}</h1>;
}
