/** The Worker under test: the API's `fetch` beside the mail consumer's `queue`. */
import api from '../src/api.ts';
import jobs from '../src/jobs/index.ts';

export default { fetch: api.fetch, queue: jobs.queue };
