DROP FUNCTION find_traces(text[]);
DROP FUNCTION forget_candidates(uuid[]);
DROP FUNCTION erase_everywhere(uuid);
DROP TABLE erasures, jobs;
DROP FUNCTION queue_job_objects();
