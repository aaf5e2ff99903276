/** The Worker under test: the API's `fetch` beside the jobs' `queue` and `scheduled`, and the door of the admin Worker. */
import { Admin } from '../src/admin/index.ts';
import api from '../src/api.ts';
import jobs from '../src/jobs/index.ts';

export { Admin };

export default { fetch: api.fetch, queue: jobs.queue, scheduled: jobs.scheduled };
