import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, UnavailableError } from "assay-client";
import { identifiers, numbered } from "./streams.js";

const COUNT = 40;
const ANSWERED = 7;
const PATIENCE_MS = 10_000;
const tuning = { maxEventsPerMessage: 1, initialBackoffMs: 10, maxBackoffMs: 200 };

const rejections: unknown[] = [];
process.on("unhandledRejection", (reason) => rejections.push(reason));
const running = new Set<Killable>();
after(() => Promise.all([...running].map((server) => server.kill())));

/** A server that can be killed. */
class Killable {
  readonly #process: ChildProcess;
  port = 0;

  /** Starts a server that answers so many messages. */
  static async start(answers: number, port = 0): Promise<Killable> {
    const server = new Killable(fork(fileURLToPath(import.meta.resolve("./killable.js")), [`${answers}`, `${port}`]));
    running.add(server);
    [server.port] = await once(server.#process, "message");
    return server;
  }

  constructor(child: ChildProcess) {
    this.#process = child;
  }

  /** Waits until it is asked for a stream. */
  async asked(): Promise<this> {
    await once(this.#process, "message");
    return this;
  }

  /** Has it answer all that it gets from here on. */
  async answerAll(): Promise<void> {
    const told = once(this.#process, "message");
    this.#process.send("answer");
    await told;
  }

  async kill(): Promise<void> {
    running.delete(this);
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }
}

/** Takes a stream's verdicts; once so many have come as a server gives, does what `onHeld` says. */
async function collect(client: Client, onHeld: () => Promise<unknown>, maxAttempts = 100): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { eventId } of client.validateStream(numbered(COUNT), { tuning: { ...tuning, maxAttempts } })) {
      found.push(eventId);
      if (found.length === ANSWERED) await onHeld();
    }
  } catch (error) {
    assert.ok(error instanceof UnavailableError);
    return [...found, error.message];
  }
  return found;
}

/** What a client could leave behind, of all that this process has. */
function held(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|GetAddrInfo|DNS/i.test(name));
}

/** Waits until nothing is held that was not before, and checks that no rejection was left alone. */
async function leavesNothing(before: string[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (held().length > before.length && performance.now() < until) await new Promise(setImmediate);
  assert.deepEqual(held(), before);
  assert.deepEqual(rejections, []);
}

describe("A server that is killed in the middle of a stream", () => {
  it("is replaced by another one", async () => {
    const before = held();
    const [one, other] = [await Killable.start(ANSWERED), await Killable.start(ANSWERED)];
    const asked = Promise.race([one.asked(), other.asked()]);
    const client = new Client(`ipv4:127.0.0.1:${one.port},127.0.0.1:${other.port}`);
    const found = await collect(client, async () => {
      const first = await asked;
      await (first === one ? other : one).answerAll();
      await first.kill();
    });
    assert.deepEqual(found, identifiers(COUNT));
    client.close();
    await leavesNothing(before);
  });

  it("is waited for, if it is the only one", async () => {
    const before = held();
    const server = await Killable.start(ANSWERED);
    const client = new Client(`127.0.0.1:${server.port}`);
    const found = await collect(client, async () => {
      await server.kill();
      await Killable.start(COUNT, server.port);
    });
    assert.deepEqual(found, identifiers(COUNT));
    client.close();
    await leavesNothing(before);
  });

  it("is one clear error, if it is the only one and does not come back", async () => {
    const before = held();
    const server = await Killable.start(ANSWERED);
    const client = new Client(`127.0.0.1:${server.port}`);
    const found = await collect(client, () => server.kill(), 2);
    assert.match(found.pop() ?? "", /broke off after 7 events were answered, and 2 attempts in a row .*; the last of them: ./);
    assert.deepEqual(found, identifiers(ANSWERED));
    client.close();
    await leavesNothing(before);
  });
});
