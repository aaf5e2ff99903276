/** The folder of the sockets, which nobody else may enter. The only one that a read-only file system must let be written. */
export const runFolderOf = (environment: NodeJS.Dict<string>): string =>
  environment.RUN_FOLDER ?? '/tmp/gatehouse';
