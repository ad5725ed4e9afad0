/** Streams a thousand events. Its argument is the server's address: localhost:50051 without one. */

import { type AssayEvent, Client } from "assay-client";

/** Orders of 0 to 999 items. Whatever can be iterated will do, also asynchronously, and without end. */
function* orders(): Generator<AssayEvent> {
  for (let items = 0; items < 1000; items += 1) {
    const payload = { order_id: `o-${items}`, email: "ada@example.com", items, total: 10 };
    yield { eventType: "order.placed", payload, timestamp: new Date(), eventId: `${items}` };
  }
}

const client = new Client(process.argv[2]);
try {
  let valid = 0;
  let all = 0;
  for await (const verdict of client.validateStream(orders())) {
    all += 1;
    if (verdict.valid) valid += 1;
  }
  console.log(`${valid} of ${all} are valid`);
} finally {
  client.close();
}
