// Makes the compiled command executable: the compiler does not set file modes, and npm keeps them in the tarball.
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";

chmodSync(fileURLToPath(new URL("../dist/cli/main.js", import.meta.url)), 0o755);
