export async function GET() {
  return Response.json({ ok: true });
}

export async function POST(request) {
  return Response.json(await request.json());
}
