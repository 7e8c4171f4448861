export default function Page() {
  throw new Error('as asked');
}
