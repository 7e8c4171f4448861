// The list of traces. (It follows.)

export function Traces() {
  return <h1 class="answer">Traces</h1>;
}
