/** Shown below the help of `mesh`. */
export const meshHelp = `
Without --file the mesh config is that of the current cluster: ConfigMap istio
in istio-system, read with your kubeconfig.

Exit codes: 0 fine, 1 refused or not written, 2 wrong usage. For diff: 0 no
difference, 1 a difference, 2 an error.`;

/** Shown below the help of `mesh show`. */
export const showHelp = `
Lists name, kind, service, owner and line of each entry of extensionProviders.
The owner is the component that the ConfigMap's annotations name.

Exit codes: 0 fine, 1 unreadable or invalid mesh config, 2 wrong usage.`;

/** Shown below the help of `mesh diff` and its subcommands. */
export const diffHelp = `
Prints a unified diff and writes nothing. For a file the diff is that of the
file, for a cluster that of the mesh text.

Exit codes: 0 no difference, 1 a difference, 2 an error or wrong usage.`;

/** What a write to a cluster means for others. */
const ownership = `
A cluster is written to with --yes only, by server-side apply as field manager
sigsci-istio-cli, and only if nobody changed the ConfigMap since it was read;
otherwise it is read again, five times at most. That manager then owns
data.mesh. istioctl, Helm 3 and the component take it back without asking; Helm
4 stops with a conflict until it runs with --force-conflicts. istioctl and Helm
write their own text, without what was added here; the component keeps it.`;

/** Shown below the help of `mesh add`. */
export const addHelp = `
Puts in the two entries that the component would write, or those of --providers,
and touches nothing else. A file is printed with the entries in it.
${ownership}

Exit codes: 0 the entries are there, 1 refused or not written, 2 wrong usage.

Examples:
  pulumi-sigsci-istio mesh add --file mesh.yaml --write --name waf \\
    --service waf-agent.sigsci.svc.cluster.local
  pulumi stack output extensionProviders --json |
    pulumi-sigsci-istio mesh add --providers - --yes`;

/** Shown below the help of `mesh remove`. */
export const removeHelp = `
Takes entries out; what \`mesh add\` or the component put in leaves no trace. An
entry with a component's mark goes with --owner, which says that the component
is gone, or --force. In a cluster the marks go too, and an entry stays that an
AuthorizationPolicy still uses: without it the policy denies all it matches.
${ownership}

Exit codes: 0 the entries are gone, 1 refused or not written, 2 wrong usage.

Examples:
  pulumi-sigsci-istio mesh remove --owner shop/prod/waf --yes
  pulumi-sigsci-istio mesh remove waf-ext-authz waf-access-log --file mesh.yaml`;
