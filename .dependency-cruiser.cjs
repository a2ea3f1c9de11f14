// Who may import whom. The order of the two lists is the order of the floors: nobody imports from a later one.
const library = [
  "pulumi",
  "args",
  "kubernetes",
  "settings",
  "agent",
  "enforcement",
  "mesh",
  "observability",
  "validation",
  "sidecar",
  "preflight",
];
const commands = ["offline", "render", "testing", "status", "policies", "cli"];
const upwards = (floors) =>
  floors.slice(0, -1).map((from, i) => ({
    name: `${from}-does-not-look-up`,
    severity: "error",
    from: { path: `^src/${from}/` },
    to: { path: `^src/(${floors.slice(i + 1).join("|")})/` },
  }));
module.exports = {
  forbidden: [
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    ...upwards(library),
    ...upwards(commands),
    {
      name: "siblings-ignore-each-other",
      severity: "error",
      from: { path: "^src/(agent|enforcement|mesh|observability)/" },
      to: { path: "^src/(agent|enforcement|mesh|observability)/", pathNot: "^src/$1/" },
    },
    {
      name: "nobody-imports-the-face",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: "^src/stack/" },
      to: { path: "^src/[^/]+\\.ts$" },
    },
    {
      name: "the-library-knows-no-command",
      severity: "error",
      from: { path: `^src/(${library.join("|")})/|^src/[^/]+\\.ts$` },
      to: { path: `^src/(${commands.join("|")})/` },
    },
    {
      name: "offline-knows-nothing-of-us",
      severity: "error",
      from: { path: "^src/offline/" },
      to: { path: "^src/", pathNot: "^src/offline/" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    includeOnly: "^src",
  },
};
