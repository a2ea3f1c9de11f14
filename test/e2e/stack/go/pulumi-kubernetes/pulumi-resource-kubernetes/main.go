// Command pulumi-resource-kubernetes is Pulumi's Kubernetes provider at the version that go.mod pins.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

// version is what the provider says that it is; set by the build.
var version = "0.0.0"

// schema stands for the one that the module's own command embeds, which the module lacks. The provider itself reads only
// one thing in it: which fields of an object are inputs, when it is imported.
const schema = `{
  "name": "kubernetes",
  "version": %q,
  "resources": {"kubernetes:core/v1:ConfigMap": {"inputProperties": {"data": {}}}}
}`

func main() {
	provider.Serve("kubernetes", version, fmt.Appendf(nil, schema, version), []byte("{}"))
}
