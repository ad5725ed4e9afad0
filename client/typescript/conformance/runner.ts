/** Answers the requests of the conformance harness: one JSON text a line on standard input, one a line on standard output. */

import { createInterface } from "node:readline";
import { Client, type Verdict } from "assay-client";
import * as printed from "./answers.js";
import * as read from "./requests.js";

const PATIENCE_MS = 10_000;

/** The verdicts that have come, or only how many. */
class Taken {
  readonly #brief: boolean;
  readonly #verdicts: Verdict[] = [];
  readonly #begun = performance.now();
  #valid = 0;
  count = 0;

  constructor({ brief = false }: read.Request) {
    this.#brief = brief;
  }

  add(verdict: Verdict): void {
    this.count += 1;
    if (verdict.valid) this.#valid += 1;
    if (!this.#brief) this.#verdicts.push(verdict);
  }

  answer(): object {
    const seconds = (performance.now() - this.#begun) / 1000;
    const verdicts = this.#brief ? {} : { verdicts: this.#verdicts.map(printed.verdict) };
    return { ...verdicts, count: this.count, validCount: this.#valid, seconds };
  }
}

/** Makes a call, and returns what came of it. */
async function call(client: Client, request: read.Request): Promise<object> {
  const taken = new Taken(request);
  const { eventType = "", contractVersion, check = "", options = {}, cancelAfter } = request;
  const limits = read.limits(request);
  const events = read.events(request);
  try {
    switch (request.call) {
      case "validate":
        for (const verdict of await each(client, request)) taken.add(verdict);
        break;
      case "validateBatch":
        for (const verdict of await client.validateBatch(events, { ...options, ...limits })) taken.add(verdict);
        break;
      case "validateStream":
        for await (const verdict of client.validateStream(events, { ...options, tuning: read.tuning(request) })) {
          taken.add(verdict);
          if (taken.count === cancelAfter) break;
        }
        break;
      case "listEventTypes": {
        const eventTypes: object[] = [];
        for await (const one of client.listEventTypes(limits)) eventTypes.push(printed.eventType(one));
        return { eventTypes };
      }
      case "getEventType":
        return { eventType: printed.eventType(await client.getEventType(eventType, { contractVersion, ...limits })) };
      case "getBaseline":
        return {
          baseline: printed.baseline(await client.getBaseline(eventType, check, { ...read.baseline(request), ...limits })),
        };
      default:
        throw new Error(`unknown call ${request.call}`);
    }
  } catch (failed) {
    return { ...taken.answer(), error: printed.error(failed) };
  }
  return taken.answer();
}

/** Asks about one event after the other, or so many at a time. */
async function each(client: Client, request: read.Request): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const events = [...read.events(request)].entries();
  const work = async () => {
    for (const [position, { eventType, payload, ...attributes }] of events) {
      const options = { ...attributes, ...request.options, ...read.limits(request) };
      verdicts[position] = await client.validate(eventType, payload, options);
    }
  };
  await Promise.all(Array.from({ length: request.concurrency ?? 1 }, work));
  return verdicts;
}

/** Returns which of the process's resources were not there before, and do not go by themselves. */
async function leftSince(before: readonly string[]): Promise<string[]> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = process.getActiveResourcesInfo();
    for (const resource of before) {
      const position = left.indexOf(resource);
      if (position >= 0) left.splice(position, 1);
    }
    if (!left.length || performance.now() > until) return left;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const kept = new Map<string, Client>();
for await (const line of createInterface({ input: process.stdin })) {
  const request: read.Request = JSON.parse(line);
  const make = () => new Client(read.target(request), read.settings(request));
  const answer: { leaks?: string[] } = {};
  if (request.fresh) {
    const before = process.getActiveResourcesInfo();
    const client = make();
    Object.assign(answer, await call(client, request));
    client.close();
    if (request.leaks) answer.leaks = await leftSince(before);
  } else {
    const key = JSON.stringify([request.address, request.client]);
    const client = kept.get(key) ?? make();
    kept.set(key, client);
    Object.assign(answer, await call(client, request));
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
for (const client of kept.values()) client.close();
