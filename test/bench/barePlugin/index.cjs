// A plugin for Pulumi's component provider host that has nothing but the SDKs, to compare the package's own with.
const pulumi = require("@pulumi/pulumi");
require("@pulumi/kubernetes");

exports.Bare = class Bare extends pulumi.ComponentResource {
  constructor(name, args, opts) {
    super("bare:index:Bare", name, args, opts);
  }
};
