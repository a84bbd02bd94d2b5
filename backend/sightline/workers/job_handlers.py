"""Who does which kind of job. A new kind: a member of JobKind, a handler in its noun's service, a line here."""

from collections.abc import Mapping

from sightline.schemas.jobs import JobKind
from sightline.services import access_export, reports, subject_export, subject_import
from sightline.services.job_run import Handler

HANDLERS: Mapping[str, Handler] = {
    JobKind.REPORT: reports.handle,
    JobKind.SUBJECT_IMPORT: subject_import.handle,
    JobKind.SUBJECT_EXPORT: subject_export.handle,
    JobKind.ACCESS_EXPORT: access_export.handle,
}
