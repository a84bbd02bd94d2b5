DROP TABLE jobs;
DROP FUNCTION queue_job_objects();
