export default function Page() {
  return 'docs';
}
