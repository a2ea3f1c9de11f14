// Preloaded into a process that is measured from outside: at its end it writes CPU time and peak memory to the file
// named by BENCH_USAGE.
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  const maxRssBytes = process.resourceUsage().maxRSS * 1024;
  writeFileSync(process.env.BENCH_USAGE, JSON.stringify({ totalMs: (user + system) / 1000, maxRssBytes }));
});
