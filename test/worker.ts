/** The Worker under test: the API's `fetch` beside the jobs' `queue` and `scheduled`. */
import api from '../src/api.ts';
import jobs from '../src/jobs/index.ts';

export default { fetch: api.fetch, queue: jobs.queue, scheduled: jobs.scheduled };
