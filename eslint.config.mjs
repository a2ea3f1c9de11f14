import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "**/dist",
      "coverage",
      "node_modules",
      "examples/*/node_modules",
      "plugin/node_modules",
      "out",
      "test/e2e/lifecycle/programs",
    ],
  },
  js.configs.recommended,
  {
    files: ["src/**/*.ts", "test/**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // A Pulumi resource registers itself when it is constructed; not every one is used afterwards.
      "no-new": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/prefer-nullish-coalescing": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
    },
  },
  {
    files: ["scripts/**/*.mjs", "test/**/*.mjs", "plugin/*.mjs"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        clearTimeout: "readonly",
        setTimeout: "readonly",
        performance: "readonly",
      },
    },
  },
  prettier,
  // Behind Prettier's own settings, which switch it off for styles other than "all".
  { rules: { curly: ["error", "all"] } },
);
