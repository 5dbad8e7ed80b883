import { findOneBy } from '../documents';
import { resourceTokens, type BucketDocument } from '../schema';
import type { Call } from '../route';

/** Whether a file token opens this file. A wrong token is no error: the asker is then judged by their own rights. */
export async function tokenOpens(call: Call, token: string, bucket: BucketDocument, fileId: string): Promise<boolean> {
  const claims = await call.platform.signer.read(token);
  if (claims?.projectId !== call.project?.$id || typeof claims?.tokenId !== 'string') return false;
  const stored = await findOneBy(call.ns, resourceTokens, { resourceType: 'files', resourceId: `${bucket.$id}:${fileId}` });
  return stored?.$id === claims.tokenId;
}
