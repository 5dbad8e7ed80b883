/** Of one process; how many there are is of all processes of its user. Generous for an app, small for a machine. */
const MAX_DATA_KB = 2 * 1024 * 1024;
const MAX_FILE_BLOCKS = 2 * 1024 * 1024;
const MAX_PROCESSES = 512;

/**
 * Lines of a shell that limit all that it starts: memory that is written to (2 GB), files (1 GB), core dumps (none),
 * and for a user of its own how many processes it has. Address space is not limited: Node reserves far more than it uses.
 */
export function limitLines(ownUser: boolean): string[] {
  const lines = ['ulimit -c 0', `ulimit -f ${MAX_FILE_BLOCKS}`, `ulimit -d ${MAX_DATA_KB} 2>/dev/null || :`];
  // The letter differs between shells. A user who has other processes may be above any limit already.
  return ownUser ? [...lines, `ulimit -p ${MAX_PROCESSES} 2>/dev/null || ulimit -u ${MAX_PROCESSES}`] : lines;
}
