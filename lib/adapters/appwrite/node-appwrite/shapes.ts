import { z } from 'zod';
import { AppwriteError, type RemoteKey, type RemotePlatform, type RemoteProject } from '../port';

/** The parts of Appwrite's answers that Studio relies on. Fields that are not named are dropped. */
const instant = z.string().transform((text) => new Date(text));
/** Appwrite writes "never" as an empty text. */
const instantOrNever = z.string().transform((text) => (text === '' ? null : new Date(text)));

export const version = z.object({ version: z.string() });

export const project = z
  .object({ $id: z.string(), name: z.string(), teamId: z.string(), $createdAt: instant })
  .transform((answer): RemoteProject => ({ id: answer.$id, name: answer.name, teamId: answer.teamId, createdAt: answer.$createdAt }));

export const projectList = z.object({ total: z.number(), projects: z.array(project) });

export const key = z
  .object({ $id: z.string(), name: z.string(), scopes: z.array(z.string()), expire: instantOrNever, secret: z.string().min(1), accessedAt: instantOrNever })
  .transform((answer): RemoteKey => ({ id: answer.$id, name: answer.name, scopes: answer.scopes, expiresAt: answer.expire, secret: answer.secret, usedAt: answer.accessedAt }));

export const keyList = z.object({ keys: z.array(key) });

export const platform = z
  .object({ $id: z.string(), type: z.string(), name: z.string(), hostname: z.string().optional() })
  .transform((answer): RemotePlatform => ({ id: answer.$id, type: answer.type, name: answer.name, hostname: answer.hostname ?? null }));

export const platformList = z.object({ platforms: z.array(platform) });

export const databaseList = z.object({ databases: z.array(z.object({ $id: z.string(), name: z.string() })) });

const column = z.object({ key: z.string(), type: z.string(), required: z.boolean().default(false), array: z.boolean().default(false) });

export const tableList = z.object({
  tables: z.array(
    z.object({ $id: z.string(), databaseId: z.string(), name: z.string(), enabled: z.boolean().default(true), columns: z.array(column).default([]) }),
  ),
});

export const rowList = z.object({ total: z.number(), rows: z.array(z.looseObject({ $id: z.string() })) });

export const bucketList = z.object({
  buckets: z.array(z.object({ $id: z.string(), name: z.string(), enabled: z.boolean().default(true), maximumFileSize: z.number() })),
});

export const fileList = z.object({
  total: z.number(),
  files: z.array(z.object({ $id: z.string(), name: z.string(), mimeType: z.string(), sizeOriginal: z.number(), $createdAt: instant })),
});

/** An answer of another shape comes from a server that the adapter does not know. */
export function read<Shape>(schema: z.ZodType<Shape>, answer: unknown): Shape {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new AppwriteError({ kind: 'unsupported', found: 'answer of another shape' }, { cause: parsed.error });
}
