export async function getServerSideProps() {
  return { props: {} };
}

export default function Page() {
  return 'legacy';
}
