import { ApiException } from "@kubernetes/client-node";

/**
 * Whether a request found its object: false when that has gone, or was changed, in the meantime.
 *
 * @throws whatever else the request threw
 */
export async function isThere(request: () => Promise<unknown>): Promise<boolean> {
  try {
    await request();
    return true;
  } catch (error) {
    if (error instanceof ApiException && (error.code === 404 || error.code === 409)) {
      return false;
    }
    throw error;
  }
}
