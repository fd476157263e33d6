// Starts the npm package `emulate` as a GitHub on loopback: the seed comes on standard input, address and generated key go out.
// It ends when standard input does, and so with whoever started it.
import { createInterface } from "node:readline";
import { createEmulator } from "./node_modules/emulate/dist/api.js";

const lines = createInterface({ input: process.stdin });
const seed = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const github = await createEmulator({ service: "github", port: 0, seed });
console.log(JSON.stringify({ url: github.url, key: github.generatedSecrets[0].value }));
lines.on("close", async () => {
  await github.close();
  process.exit(0);
});
