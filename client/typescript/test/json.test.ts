import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EncodingError } from "assay-client";
import { jsonText, parseJson } from "#lib/json.js";

describe("jsonText", () => {
  it("writes what JSON.stringify writes", () => {
    const values = [
      {},
      { a: 1, b: [true, null, "x"], c: { d: -1.5e300 } },
      { when: new Date(0), left: undefined, out: () => 1 },
      { text: '\u2028 \ud800 "quoted" \\ \u{1f600}' },
      { nested: { toJSON: () => ({ replaced: null }) } },
      [1, [], [[]]],
      JSON.parse('{"__proto__": {"a": null}, "constructor": {}}'),
      { boxed: [new Number(1), new String("s"), new Boolean(false), null] },
      { own: 2, no: Symbol("symbol"), empty: {} },
    ];
    for (const value of values) assert.equal(jsonText(value), JSON.stringify(value));
  });

  it("writes a bigint as the integer that it is", () => {
    const value = { big: 2n ** 53n + 1n, list: [-1n, 10n ** 30n], plain: 1.5, text: "9007199254740993" };
    const text = '{"big":9007199254740993,"list":[-1,1000000000000000000000000000000],"plain":1.5,"text":"9007199254740993"}';
    assert.equal(jsonText(value), text);
  });

  it("writes a Map as an object and a Set as an array", () => {
    assert.equal(jsonText({ map: new Map([["k", new Set([1, 2])]]) }), '{"map":{"k":[1,2]}}');
    assert.equal(jsonText(new Map([["__proto__", 1n]])), '{"__proto__":1}');
  });

  const circle: Record<string, unknown> = { a: [] };
  circle.a = [circle];
  const refused: [string, unknown, RegExp][] = [
    ["NaN", { items: [{ "a/b": Number.NaN }] }, /holds NaN at \/items\/0\/a~1b/],
    ["an infinity", { x: [1, -Infinity] }, /holds -Infinity at \/x\/1/],
    ["NaN as the whole", Number.NaN, /is NaN/],
    ["undefined as the whole", undefined, /is undefined/],
    ["undefined in a list", [null, undefined], /holds undefined at \/1/],
    ["a function as the whole", () => 1, /is a function/],
    ["an invalid Date", { at: new Date(Number.NaN) }, /holds an invalid Date at \/at/],
    ["a Map with keys that are no text", { m: new Map([[1, 2]]) }, /holds a Map with a key that is a number at \/m/],
    ["a circle", circle, /holds an object that contains itself at \/a\/0/],
  ];
  for (const [name, value, problem] of refused) {
    it(`refuses ${name}, and says where it is`, () => {
      assert.throws(
        () => jsonText(value),
        (error) => error instanceof EncodingError && problem.test(error.message),
      );
    });
  }

  it("refuses what is nested too deeply, with and without a bigint", () => {
    for (const innermost of [1, 1n]) {
      let value: unknown = innermost;
      for (let depth = 0; depth < 100_000; depth += 1) value = [value];
      assert.throws(() => jsonText(value), /nested too deeply/);
    }
  });
});

describe("parseJson", () => {
  it("keeps integers exact that a number cannot hold", () => {
    const text = '{"a":9007199254740993,"b":-9007199254740993,"c":9007199254740991,"d":[1e20,1.00000000000000001]}';
    assert.deepEqual(parseJson(text), {
      a: 9007199254740993n,
      b: -9007199254740993n,
      c: 9007199254740991,
      d: [1e20, 1],
    });
  });

  it("leaves digits in texts and keys alone", () => {
    const value = { "9007199254740993": 'a \\" 9007199254740993 "', list: ["9007199254740993,"], __proto__: null };
    assert.deepEqual(parseJson(JSON.stringify(value)), JSON.parse(JSON.stringify(value)));
  });

  it("reads what jsonText has written", () => {
    const value = { a: [123456789012345678901234567890n, { b: "1234567890123456" }], c: -0.5, d: null };
    assert.deepEqual(parseJson(jsonText(value)), value);
  });
});
