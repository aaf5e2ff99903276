/**
 * Loaded into the wrangler process: ends it, and with it workerd and esbuild, when the process that started
 * it is gone, however that died.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
