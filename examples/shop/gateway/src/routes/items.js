// POST /api/cart/:id/items: one more of something.

const CART_URL = process.env.CART_URL;

export async function items(req, res) {
  const response = await fetch(`${CART_URL}/carts/${req.params.id}/items`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(req.body),
  });
  res.status(response.status).json(await response.json());
}
