import { BodyMode } from "../../args/externalProcessing";
import type { ExternalProcessingArgs } from "../../args/externalProcessing";
import { list, object, oneOf } from "../shape";
import { headerStart } from "./envoyFilter";

/** Shape of the arguments of external processing. */
export const externalProcessingShape = object<ExternalProcessingArgs>({
  fields: {
    requestBody: oneOf({ BodyMode }),
    responseBody: oneOf({ BodyMode }),
    changeableHeaders: list(headerStart),
  },
});
