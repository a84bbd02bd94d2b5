"""Who does which kind of job. A new kind: a member of JobKind, a handler in its noun's service, a line here."""

from collections.abc import Mapping

from sightline.services.job_run import Handler

HANDLERS: Mapping[str, Handler] = {}
