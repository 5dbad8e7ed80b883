import { userInfo, tmpdir } from 'node:os';
import path from 'node:path';

/** Where clusters of tests lie, a folder for each user of the machine: what one has made, another may neither write to nor remove. */
export const clustersFolder = path.join(tmpdir(), `studio-tests-${userInfo().uid}`);
