import assert from "node:assert/strict";
import { createColors } from "../../../src/cli/colors";
import { treeText } from "../../../src/cli/render/treeText";
import type { ReportedResource } from "../../../src/render/resourceTree";

function resource(kind: string, parent: string | null, object: string | null): ReportedResource {
  return {
    order: 1,
    urn: kind,
    parent,
    type: kind,
    name: kind,
    kind,
    object,
    isComponent: parent === null,
    isRead: false,
    isPatch: false,
    retainOnDelete: false,
    protect: false,
    dependencies: [],
  };
}

describe("treeText", () => {
  const resources = [
    resource("SigsciIstioIntegration", null, null),
    resource("ValidatingAdmissionPolicyBinding", "SigsciIstioIntegration", "waf-storefront.shop"),
  ];
  const tree = (width: number): string[] => treeText(resources, { colors: createColors(false), width });

  it("shortens a long kind on a narrow page, and shows it whole where there is room", () => {
    assert.equal(tree(80)[1], "  2 └─ ValidatingAd…nPolicyBinding  waf-storefront.shop");
    assert.equal(tree(120)[1], "  2 └─ ValidatingAdmissionPolicyBinding  waf-storefront.shop");
  });
});
