import { GatehouseError } from './problem.ts';

export { GatehouseError };
