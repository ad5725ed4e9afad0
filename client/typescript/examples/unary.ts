/** Asks for one verdict. Its argument is the server's address: localhost:50051 without one. */

import { Client, Enforcement, nameOf } from "assay-client";

const client = new Client(process.argv[2], { timeoutMs: 5_000 });
try {
  const order = { order_id: "o-1", email: "ada@example.com", items: 2, total: 10, refund: 12 };
  const verdict = await client.validate("order.placed", order);
  console.log(`valid: ${verdict.valid}`);
  for (const { check, enforcement, message } of verdict.findings) {
    console.log(`${check} ${nameOf(Enforcement, enforcement)}: ${message}`);
  }
} finally {
  client.close();
}
