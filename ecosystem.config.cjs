/** For those who use PM2: one process, which itself keeps one worker for each core. PM2 is no dependency of Gatehouse. */
module.exports = {
  apps: [
    {
      name: 'gatehouse',
      script: 'dist/selfhost/bin/gatehouse.js',
      env: { SETTINGS_FILE: '/etc/gatehouse/gatehouse.env', RUN_FOLDER: '/run/gatehouse' },
      kill_timeout: 12000,
      max_restarts: 10,
      exp_backoff_restart_delay: 250,
    },
  ],
};
