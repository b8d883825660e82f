// Says what AsyncAPI's own parser finds wrong with a document: one line a fault; exit status 1 if there is one.
import { readFile } from "node:fs/promises";
import parser from "@asyncapi/parser";

const file = process.argv[2];
const found = await new parser.Parser().validate(await readFile(file, "utf8"), { source: file });
const faults = found.filter((one) => one.severity === 0);
for (const { range, path, message } of faults) {
  console.log(`${range.start.line + 1}: ${path.join(".")}: ${message}`);
}
process.exitCode = faults.length ? 1 : 0;
