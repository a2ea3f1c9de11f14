/* global require -- the runner of policy packs loads CommonJS */
const { sigsciIstioPolicyPack } = require("pulumi-sigsci-istio/policies");

sigsciIstioPolicyPack();
