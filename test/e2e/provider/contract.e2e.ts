import { awaitingContract } from "./contract/awaiting";
import { configMapPatchContract } from "./contract/configMapPatch";
import { Contract } from "./contract/contract";
import { creationContract } from "./contract/creation";
import { customResourcesContract } from "./contract/customResources";
import { deploymentPatchContract } from "./contract/deploymentPatch";
import { explicitProviderContract } from "./contract/explicitProvider";
import { randomContract } from "./contract/random";
import { readingContract } from "./contract/reading";
import { releaseContract } from "./contract/release";
import { replacementContract } from "./contract/replacement";
import { secretsContract } from "./contract/secrets";

const TABLES: Readonly<Record<string, (contract: () => Contract) => void>> = {
  "ConfigMapPatch on somebody else's ConfigMap": configMapPatchContract,
  "DeploymentPatch on somebody else's Deployment": deploymentPatchContract,
  "creating and deleting an object": creationContract,
  "changing an object": replacementContract,
  "reading, refreshing and importing": readingContract,
  "secrets in the state": secretsContract,
  "providers that the program makes": explicitProviderContract,
  "custom resources": customResourcesContract,
  "waiting until an object is ready": awaitingContract,
  "Helm releases": releaseContract,
  "random values": randomContract,
};

/**
 * What the rest of the suite relies on in the Kubernetes and random providers, one behaviour a test. README.md says
 * which versions were seen to do so.
 */
describe("contract of the providers", function () {
  this.timeout(180_000);
  let contract: Contract;

  before(async () => {
    contract = await Contract.start();
  });
  beforeEach(() => contract.beginTest());
  afterEach(() => {
    contract.endTest();
  });
  after(() => contract.stop());

  for (const [title, table] of Object.entries(TABLES)) {
    describe(title, () => {
      table(() => contract);
    });
  }
});
