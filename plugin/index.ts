// What the component provider host reads types from. What it runs is the same class compiled: `main` of package.json.
export { SigsciIstioIntegration } from "./dist/sigsciIstioIntegration";
