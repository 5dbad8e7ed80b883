/**
 * Settings of the embedded cluster, written anew at each start so that an upgrade applies them.
 * Sized for a machine of two cores that also runs everything else.
 */
export function postgresqlConf({ port, socketFolder, durable }) {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: socketFolder ?? '',
    unix_socket_permissions: '0700',
    max_connections: 200,
    password_encryption: 'scram-sha-256',
    shared_buffers: '192MB',
    effective_cache_size: '1GB',
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    random_page_cost: 1.1,
    io_method: 'worker',
    io_workers: 2,
    max_worker_processes: 4,
    max_parallel_workers: 2,
    max_parallel_workers_per_gather: 1,
    autovacuum_max_workers: 2,
    // Statements here are short; compiling a plan costs more than it saves.
    jit: 'off',
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_wal_size: '1GB',
    wal_compression: 'on',
    fsync: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    idle_in_transaction_session_timeout: '60s',
    // Statements and parameters may hold what must not reach a log file.
    log_min_error_statement: 'panic',
    log_parameter_max_length_on_error: 0,
    log_line_prefix: '%m [%p] ',
    log_timezone: 'UTC',
    timezone: 'UTC',
    datestyle: 'iso, ymd',
    lc_messages: 'C',
    lc_monetary: 'C',
    lc_numeric: 'C',
    lc_time: 'C',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'`);
  return `# Written at each start; edits are lost.\n${lines.join('\n')}\n`;
}

export const PG_HBA = [
  '# Written at each start; edits are lost.',
  'local all all              scram-sha-256',
  'host  all all 127.0.0.1/32 scram-sha-256',
  '',
].join('\n');
