import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { VERSION } from "assay-client";

const run = promisify(execFile);
const HERE = fileURLToPath(new URL("../..", import.meta.url));

describe("The package", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-client-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("holds what its users need, and nothing else", async () => {
    const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: HERE });
    const [{ filename, version, files }] = Object.values<{ filename: string; version: string; files: { path: string }[] }>(
      JSON.parse(stdout),
    ) as [{ filename: string; version: string; files: { path: string }[] }];
    assert.equal(version, VERSION);
    const others = files.map(({ path }) => path).filter((path) => !/^lib\/.*\.(js|d\.ts)$/.test(path));
    assert.deepEqual(others.sort(), ["LICENSE", "README.md", "package.json"]);
    await run("tar", ["xzf", join(folder, filename), "-C", folder]);
  });

  it("has types that a strict project takes, and runs in it", async () => {
    const modules = join(folder, "node_modules");
    await mkdir(modules);
    await cp(join(folder, "package"), join(modules, "assay-client"), { recursive: true });
    for (const name of ["@bufbuild", "@grpc", "@types"]) await symlink(join(HERE, "node_modules", name), join(modules, name));
    const user = `
      import { Client, Enforcement, type Verdict } from "assay-client";
      using client = new Client("localhost:1");
      const asked: Promise<Verdict> = client.validate("t", { a: 1n }, { rejectFrom: Enforcement.WARN, timeoutMs: 1 });
      // @ts-expect-error: There is no such option.
      client.validate("t", {}, { timeout: 1 }).catch(() => {});
      // @ts-expect-error: Verdicts come from servers.
      (await asked.catch((error) => ({ valid: error.code }) as Verdict)).valid = true;
      console.log("done");
    `;
    await writeFile(join(folder, "user.mts"), user);
    const snippets = (await readFile(join(HERE, "README.md"), "utf8")).matchAll(/^```ts\n(.*?)^```$/gms);
    const files = await Promise.all(
      Array.from(snippets, async ([, code], number) => {
        await writeFile(join(folder, `readme${number}.mts`), code ?? "");
        return `readme${number}.mts`;
      }),
    );
    assert.equal(files.length, 3);
    const strict = ["--strict", "--exactOptionalPropertyTypes", "--module", "nodenext", "--target", "es2022"];
    const libraries = ["--types", "node", "--lib", "es2022,esnext.disposable", "--skipLibCheck", "false"];
    const compiler = join(HERE, "node_modules", ".bin", "tsc");
    await run(compiler, [...strict, ...libraries, "user.mts", ...files], { cwd: folder }).catch(({ stdout }) =>
      assert.fail(stdout),
    );
    const { stdout } = await run(process.execPath, ["user.mjs"], { cwd: folder });
    assert.equal(stdout, "done\n");
  });
});

describe("README", () => {
  it("shows the examples as they are", async () => {
    const readme = await readFile(join(HERE, "README.md"), "utf8");
    for (const name of ["unary", "stream"]) {
      const source = await readFile(join(HERE, "examples", `${name}.ts`), "utf8");
      const code = source.slice(source.indexOf("import "));
      assert.ok(code && readme.includes(`\`\`\`ts\n${code}\`\`\`\n`), name);
    }
  });

  it("names every error and every figure of tuning", async () => {
    const readme = await readFile(join(HERE, "README.md"), "utf8");
    const { DEFAULT_TUNING, ...exported } = await import("assay-client");
    const errors = Object.keys(exported).filter((name) => name.endsWith("Error"));
    for (const name of [...errors, ...Object.keys(DEFAULT_TUNING)]) assert.ok(readme.includes(`\`${name}\``), name);
  });
});
