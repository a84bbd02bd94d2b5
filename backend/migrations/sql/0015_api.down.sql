DROP TRIGGER forget_answers ON subjects;
DROP FUNCTION forget_answers_on_subject();
DROP TABLE idempotency_keys;
